"""ValidatingAdmissionPolicy: rules in CEL that may refuse requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kubepy.api.admissionregistration.v1 import (
    AuditAnnotation,
    ValidatingAdmissionPolicy,
    Validation,
)
from kubepy.apiserver.registry.admissionregistration.expressions import (
    BOOL,
    STRING,
    TEXT_OR_NULL,
    compiler,
    complaints,
)
from kubepy.apiserver.registry.admissionregistration.policies import (
    NO_EXPRESSION,
    default_policy,
    kind_cell,
    policy_errors,
)
from kubepy.apiserver.registry.conditions import condition_errors
from kubepy.apiserver.registry.strategy import Strategy, age, keep_all_but_status
from kubepy.apiserver.registry.values import choice, named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, invalid, required
from kubepy.meta.managed.fieldset import of

if TYPE_CHECKING:
    from kubepy.apiserver.cel.admission import Compiler

REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge")
MAX_ANNOTATIONS = 20
ANNOTATION_LENGTH = 5 << 10  # bytes of an expression
EMPTY = "validations or auditAnnotations must contain at least one item"


def validate(
    policy: ValidatingAdmissionPolicy, old: ValidatingAdmissionPolicy | None = None
) -> list[FieldError]:
    spec = policy.spec
    expressions = compiler(params=spec.paramKind is not None)
    errors = policy_errors(spec, None if old is None else old.spec, expressions)
    if not spec.validations and not spec.auditAnnotations:
        fields = ("spec.validations", "spec.auditAnnotations")
        return errors + [required(field, EMPTY) for field in fields]
    for index, validation in enumerate(spec.validations):
        errors += _validation_errors(validation, expressions, f"spec.validations[{index}]")
    name, annotations = policy.metadata.name, spec.auditAnnotations
    return errors + _annotation_errors(name, annotations, expressions, "spec.auditAnnotations")


def _validation_errors(
    validation: Validation, expressions: Compiler, path: str
) -> list[FieldError]:
    text, where = validation.expression, f"{path}.expression"
    if not text.strip():
        errors = [required(where, NO_EXPRESSION)]
    else:
        errors = complaints(where, text, expressions.complaint(text, BOOL))
    text, where = validation.messageExpression, f"{path}.messageExpression"
    if text and not text.strip():
        errors.append(invalid(where, text, "must be non-empty if specified"))
    elif text:
        errors += complaints(where, text, expressions.complaint(text, STRING, authorizer=False))
    message, where = validation.message, f"{path}.message"
    if message and not message.strip():
        errors.append(invalid(where, message, "message must be non-empty if specified"))
    elif _has_lines(message.strip()):
        errors.append(invalid(where, message, "message must not contain line breaks"))
    return errors + choice(validation.reason, REASONS, f"{path}.reason")


def _has_lines(text: str) -> bool:
    return "\n" in text or "\r" in text


def _annotation_errors(
    name: str, annotations: Sequence[AuditAnnotation], expressions: Compiler, path: str
) -> list[FieldError]:
    errors: list[FieldError] = []
    if len(annotations) > MAX_ANNOTATIONS:
        why = f"must not have more than {MAX_ANNOTATIONS} auditAnnotations"
        errors.append(invalid(path, annotations, why))
    seen: set[str] = set()
    for index, annotation in enumerate(annotations):
        where, key = f"{path}[{index}]", annotation.key
        whole = f"{name}/{key}" if name else key
        errors += named(whole, names.qualified_name, f"{where}.key")
        errors += _value_errors(annotation, expressions, f"{where}.valueExpression")
        if key in seen:
            errors.append(duplicate(f"{where}.key", key))
        seen.add(key)
    return errors


def _value_errors(
    annotation: AuditAnnotation, expressions: Compiler, path: str
) -> list[FieldError]:
    text = annotation.valueExpression.strip()
    if not text:
        return [required(path, "valueExpression is not specified")]
    if len(text.encode()) > ANNOTATION_LENGTH:
        return [required(path, f"must not exceed {ANNOTATION_LENGTH} bytes in length")]
    why = expressions.complaint(text, TEXT_OR_NULL)
    return complaints(path, annotation.valueExpression, why)


def validate_update(
    new: ValidatingAdmissionPolicy, old: ValidatingAdmissionPolicy
) -> list[FieldError]:
    return validate(new, old)


def validate_status(
    new: ValidatingAdmissionPolicy, old: ValidatingAdmissionPolicy
) -> list[FieldError]:
    checked = new.status.typeChecking
    errors = []
    for index, found in enumerate(checked.expressionWarnings if checked else ()):
        path = f"status.typeChecking.expressionWarnings[{index}]"
        errors += [] if found.warning else [required(f"{path}.warning")]
        errors += [] if found.fieldRef.strip() else [required(f"{path}.fieldRef")]
    return errors + condition_errors(new.status.conditions, "status.conditions")


def row(policy: ValidatingAdmissionPolicy, now: float) -> tuple[Any, ...]:
    meta, spec = policy.metadata, policy.spec
    return (
        meta.name,
        len(spec.validations),
        kind_cell(spec.paramKind),
        age(meta.creationTimestamp, now),
    )


STRATEGY = Strategy(
    unconditional_update=False,
    repeats_create_checks=True,
    generation=True,
    default=default_policy,
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=keep_all_but_status,
    status_resets=of("f:spec") | of("f:metadata"),
    validate_status=validate_status,
    row=row,
)
