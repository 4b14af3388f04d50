"""MutatingAdmissionPolicyBinding: where a policy is in force."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.admissionregistration.v1 import MutatingAdmissionPolicyBinding
from kubepy.apiserver.registry.admissionregistration.matching import default_resources
from kubepy.apiserver.registry.admissionregistration.policies import binding_errors, ref_cell
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError


def default(binding: MutatingAdmissionPolicyBinding) -> MutatingAdmissionPolicyBinding:
    spec = binding.spec
    spec = replace(spec, matchResources=default_resources(spec.matchResources))
    return replace(binding, spec=spec)


def validate(binding: MutatingAdmissionPolicyBinding) -> list[FieldError]:
    return binding_errors(binding.spec)


def validate_update(
    new: MutatingAdmissionPolicyBinding, old: MutatingAdmissionPolicyBinding
) -> list[FieldError]:
    return validate(new)


def row(binding: MutatingAdmissionPolicyBinding, now: float) -> tuple[Any, ...]:
    meta, spec = binding.metadata, binding.spec
    return meta.name, spec.policyName, ref_cell(spec.paramRef), age(meta.creationTimestamp, now)


STRATEGY = Strategy(
    unconditional_update=False,
    repeats_create_checks=True,
    generation=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
