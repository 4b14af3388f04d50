"""MutatingAdmissionPolicy: changes in CEL to requests."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.admissionregistration.v1 import MutatingAdmissionPolicy, Mutation
from kubepy.apiserver.registry.admissionregistration.matching import (
    REINVOCATION_POLICIES,
    default_resources,
)
from kubepy.apiserver.registry.admissionregistration.policies import (
    default_failure,
    expression_errors,
    kind_cell,
    policy_errors,
)
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice
from kubepy.meta.errors import FieldError, forbidden, required

# The types of patches with the field of each.
PATCHES = {"ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"}


def default(policy: MutatingAdmissionPolicy) -> MutatingAdmissionPolicy:
    spec = policy.spec
    spec = replace(
        spec,
        failurePolicy=default_failure(spec.failurePolicy),
        matchConstraints=default_resources(spec.matchConstraints),
    )
    return replace(policy, spec=spec)


def validate(policy: MutatingAdmissionPolicy) -> list[FieldError]:
    spec = policy.spec
    errors = policy_errors(spec)
    if not spec.mutations:
        errors.append(required("spec.mutations", "mutations must contain at least one item"))
    for index, mutation in enumerate(spec.mutations):
        errors += _mutation_errors(mutation, f"spec.mutations[{index}]")
    where = "spec.reinvocationPolicy"
    if not spec.reinvocationPolicy:
        return [*errors, required(where)]
    return errors + choice(spec.reinvocationPolicy, REINVOCATION_POLICIES, where)


def _mutation_errors(mutation: Mutation, path: str) -> list[FieldError]:
    type_ = mutation.patchType
    if not type_:
        return [required(f"{path}.patchType")]
    if type_ not in PATCHES:
        return choice(type_, tuple(PATCHES), f"{path}.patchType")
    errors = []
    for other, field in PATCHES.items():
        patch, where = getattr(mutation, field), f"{path}.{field}"
        if other != type_ and patch is not None:
            why = f"must not be specified when patchType is {type_}"
            errors.append(forbidden(where, why))
        if other == type_ and patch is None:
            errors.append(required(where, f"must be specified when patchType is {type_}"))
        if other == type_ and patch is not None:
            errors += expression_errors(patch.expression, f"{where}.expression")
    return errors


def validate_update(new: MutatingAdmissionPolicy, old: MutatingAdmissionPolicy) -> list[FieldError]:
    return validate(new)


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
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
