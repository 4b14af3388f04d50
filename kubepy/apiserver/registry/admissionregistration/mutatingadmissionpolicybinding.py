"""MutatingAdmissionPolicyBinding: where a policy is in force."""

from __future__ import annotations

from kubepy.api.admissionregistration.v1 import MutatingAdmissionPolicyBinding
from kubepy.apiserver.registry.admissionregistration.policies import (
    binding_errors,
    binding_row,
    default_binding,
)
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta.errors import FieldError


def validate(binding: MutatingAdmissionPolicyBinding) -> list[FieldError]:
    return binding_errors(binding.spec)


def validate_update(
    new: MutatingAdmissionPolicyBinding, old: MutatingAdmissionPolicyBinding
) -> list[FieldError]:
    return validate(new)


STRATEGY = Strategy(
    unconditional_update=False,
    repeats_create_checks=True,
    generation=True,
    default=default_binding,
    validate_create=validate,
    validate_update=validate_update,
    row=binding_row,
)
