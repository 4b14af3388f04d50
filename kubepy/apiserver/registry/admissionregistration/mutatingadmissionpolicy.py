"""MutatingAdmissionPolicy: changes in CEL to requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kubepy.api.admissionregistration.v1 import MutatingAdmissionPolicy, Mutation
from kubepy.apiserver.registry.admissionregistration.expressions import (
    OBJECT,
    PATCHES,
    compiler,
    complaints,
)
from kubepy.apiserver.registry.admissionregistration.matching import (
    REINVOCATION_POLICIES,
)
from kubepy.apiserver.registry.admissionregistration.policies import (
    default_policy,
    kind_cell,
    policy_errors,
)
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice
from kubepy.meta.errors import FieldError, invalid, required

if TYPE_CHECKING:
    from kubepy.apiserver.cel.admission import Compiler

# The types of patches: the field of each, and what its expression makes.
PATCH_TYPES = {
    "ApplyConfiguration": ("applyConfiguration", OBJECT),
    "JSONPatch": ("jsonPatch", PATCHES),
}


def validate(
    policy: MutatingAdmissionPolicy, old: MutatingAdmissionPolicy | None = None
) -> list[FieldError]:
    spec = policy.spec
    expressions = compiler(params=spec.paramKind is not None)
    errors = policy_errors(spec, None if old is None else old.spec, expressions)
    if not spec.mutations:
        errors.append(required("spec.mutations", "mutations must contain at least one item"))
    for index, mutation in enumerate(spec.mutations):
        errors += _mutation_errors(mutation, expressions, f"spec.mutations[{index}]")
    where = "spec.reinvocationPolicy"
    if not spec.reinvocationPolicy:
        return [*errors, required(where)]
    return errors + choice(spec.reinvocationPolicy, REINVOCATION_POLICIES, where)


def _mutation_errors(mutation: Mutation, expressions: Compiler, path: str) -> list[FieldError]:
    type_ = mutation.patchType
    if not type_:
        return [required(f"{path}.patchType")]
    if type_ not in PATCH_TYPES:
        return choice(type_, tuple(PATCH_TYPES), f"{path}.patchType")
    field, wanted = PATCH_TYPES[type_]
    patch, where = getattr(mutation, field), f"{path}.{field}"
    if patch is None:
        errors = [required(where, f"must be specified when patchType is {type_}")]
    elif text := patch.expression.strip():
        errors = complaints(f"{where}.expression", text, expressions.complaint(text, wanted))
    else:
        errors = [required(f"{where}.expression")]
    why = f"must not be specified when patchType is {type_}"
    return errors + [
        invalid(f"{path}.{other}", f"{{{other}}}", why)
        for other, _ in PATCH_TYPES.values()
        if other != field and getattr(mutation, other) is not None
    ]


def validate_update(new: MutatingAdmissionPolicy, old: MutatingAdmissionPolicy) -> list[FieldError]:
    return validate(new, old)


def row(policy: MutatingAdmissionPolicy, now: float) -> tuple[Any, ...]:
    meta, spec = policy.metadata, policy.spec
    return (
        meta.name,
        len(spec.mutations),
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
    row=row,
)
