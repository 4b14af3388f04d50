"""What both kinds of policies, and both kinds of their bindings, have in common."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from kubepy.api.admissionregistration.v1 import (
    MutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding,
    MutatingAdmissionPolicyBindingSpec,
    MutatingAdmissionPolicySpec,
    ParamKind,
    ParamRef,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicyBindingSpec,
    ValidatingAdmissionPolicySpec,
    Variable,
)
from kubepy.apiserver.registry.admissionregistration.expressions import complaints
from kubepy.apiserver.registry.admissionregistration.matching import (
    FAILURE_POLICIES,
    condition_errors,
    default_resources,
    resources_errors,
)
from kubepy.apiserver.registry.core.podspec.cells import selector_cell
from kubepy.apiserver.registry.strategy import age
from kubepy.apiserver.registry.values import choice, named, needed
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required
from kubepy.meta.labels import check_label_selector

if TYPE_CHECKING:
    from kubepy.apiserver.cel.admission import Compiler

Binding = MutatingAdmissionPolicyBinding | ValidatingAdmissionPolicyBinding
P = TypeVar("P", MutatingAdmissionPolicy, ValidatingAdmissionPolicy)
B = TypeVar("B", MutatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBinding)
PolicySpec = MutatingAdmissionPolicySpec | ValidatingAdmissionPolicySpec
BindingSpec = MutatingAdmissionPolicyBindingSpec | ValidatingAdmissionPolicyBindingSpec

UNSET = "<unset>"
NO_EXPRESSION = "expression is not specified"
EXCLUSIVE = "name and selector are mutually exclusive"
_IDENTIFIER = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_RESERVED = frozenset(
    {
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import",
        "in", "let", "loop", "namespace", "null", "package", "return", "true", "var", "void",
        "while",
    }
)  # fmt: skip


def default_policy(policy: P) -> P:
    spec = policy.spec
    spec = replace(
        spec,
        failurePolicy="Fail" if spec.failurePolicy is None else spec.failurePolicy,
        matchConstraints=default_resources(spec.matchConstraints),
    )
    return replace(policy, spec=spec)


def default_binding(binding: B) -> B:
    spec = replace(binding.spec, matchResources=default_resources(binding.spec.matchResources))
    return replace(binding, spec=spec)


def policy_errors(
    spec: PolicySpec, old: PolicySpec | None, expressions: Compiler
) -> list[FieldError]:
    """The rules of everything but what a policy does.

    `old`: what an update changes. Conditions that it leaves as they were stay unquestioned.
    """
    errors = choice(spec.failurePolicy, FAILURE_POLICIES, "spec.failurePolicy")
    if spec.paramKind is not None:
        errors += _param_kind_errors(spec.paramKind, "spec.paramKind")
    where = "spec.matchConstraints"
    if spec.matchConstraints is None:
        errors.append(required(where))
    else:
        errors += resources_errors(spec.matchConstraints, where)
        if not spec.matchConstraints.resourceRules:
            errors.append(required(f"{where}.resourceRules"))
    if old is None or _conditions(spec) != _conditions(old):
        params = spec.paramKind is not None
        errors += condition_errors(spec.matchConditions, "spec.matchConditions", params=params)
    return errors + _variable_errors(spec.variables, expressions, "spec.variables")


def _conditions(spec: PolicySpec) -> object:
    """Whatever decides whether the conditions are valid."""
    return spec.paramKind, spec.matchConditions


def _param_kind_errors(kind: ParamKind, path: str) -> list[FieldError]:
    where, version = f"{path}.apiVersion", kind.apiVersion
    group, _, short = version.rpartition("/")
    errors = []
    if not version:
        errors.append(required(where))
    elif version.count("/") > 1:
        errors.append(invalid(where, version, f"unexpected GroupVersion string: {version}"))
    else:
        if group and (problems := names.dns1123_subdomain(group)):
            errors.append(invalid(where, group, ",".join(problems)))
        if not short:
            errors.append(invalid(where, version, "version must be specified"))
        elif problems := names.dns1035_label(short):
            errors.append(invalid(where, short, ",".join(problems)))
    if not kind.kind:
        errors.append(required(f"{path}.kind"))
    elif problems := names.dns1035_label(kind.kind.lower()):
        why = f"may have mixed case, but should otherwise match: {','.join(problems)}"
        errors.append(invalid(f"{path}.kind", kind.kind, why))
    return errors


def _variable_errors(
    variables: Sequence[Variable], expressions: Compiler, path: str
) -> list[FieldError]:
    """Each variable may name those before it."""
    errors = []
    for index, variable in enumerate(variables):
        where = f"{path}[{index}]"
        if not variable.name.strip():
            errors.append(required(f"{where}.name", "name is not specified"))
        elif not is_identifier(variable.name):
            why = "name is not a valid CEL identifier"
            errors.append(invalid(f"{where}.name", variable.name, why))
        if not variable.expression.strip():
            errors.append(required(f"{where}.expression", NO_EXPRESSION))
        else:
            problem = expressions.define(variable.name, variable.expression)
            errors += complaints(f"{where}.expression", variable.expression, problem)
    return errors


def is_identifier(text: str) -> bool:
    """Whether CEL can refer to it."""
    return bool(_IDENTIFIER.fullmatch(text)) and text not in _RESERVED


# ---- bindings


def binding_errors(spec: BindingSpec) -> list[FieldError]:
    errors = needed(spec.policyName, names.dns1123_subdomain, "spec.policyName")
    if spec.paramRef is not None:
        errors += _ref_errors(spec.paramRef, "spec.paramRef")
    if spec.matchResources is not None:
        errors += resources_errors(spec.matchResources, "spec.matchResouces")  # as Kubernetes does
    return errors


def _ref_errors(ref: ParamRef, path: str) -> list[FieldError]:
    errors = []
    if ref.name:
        errors += named(ref.name, names.path_segment, f"{path}.name")
        if ref.selector is not None:
            errors.append(forbidden(f"{path}.name", EXCLUSIVE))
    if ref.selector is not None:
        errors += check_label_selector(ref.selector, f"{path}.selector")
        if ref.name:
            errors.append(forbidden(f"{path}.selector", EXCLUSIVE))
    if not ref.name and ref.selector is None:
        errors.append(required(path, "one of name or selector must be specified"))
    where = f"{path}.parameterNotFoundAction"
    if not ref.parameterNotFoundAction:
        return [*errors, required(where)]
    return errors + choice(ref.parameterNotFoundAction, ("Deny", "Allow"), where)


# ---- kubectl get


def kind_cell(kind: ParamKind | None) -> str:
    return UNSET if kind is None else f"{kind.apiVersion}/{kind.kind}"


def ref_cell(ref: ParamRef | None) -> str:
    if ref is None:
        return UNSET
    what = ref.name or selector_cell(ref.selector)
    return f"{ref.namespace}/{what}" if ref.namespace else what


def binding_row(binding: Binding, now: float) -> tuple[Any, ...]:
    meta, spec = binding.metadata, binding.spec
    return meta.name, spec.policyName, ref_cell(spec.paramRef), age(meta.creationTimestamp, now)
