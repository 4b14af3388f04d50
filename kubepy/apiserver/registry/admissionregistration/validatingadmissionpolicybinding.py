"""ValidatingAdmissionPolicyBinding: where a policy is in force, and what a violation leads to."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.api.admissionregistration.v1 import ValidatingAdmissionPolicyBinding
from kubepy.apiserver.registry.admissionregistration.policies import (
    binding_errors,
    binding_row,
    default_binding,
)
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.registry.values import choice
from kubepy.meta.errors import FieldError, duplicate, invalid, required

ACTIONS = ("Audit", "Deny", "Warn")
TWICE = (
    "must not contain both Deny and Warn (repeating the same validation failure information in "
    "the API response and headers serves no purpose)"
)


def validate(binding: ValidatingAdmissionPolicyBinding) -> list[FieldError]:
    errors = binding_errors(binding.spec)
    return errors + _action_errors(binding.spec.validationActions, "spec.validationActions")


def _action_errors(actions: Sequence[str], path: str) -> list[FieldError]:
    if not actions:
        return [required(path, "at least one validation action is required")]
    errors = []
    for index, action in enumerate(actions):
        errors += choice(action, ACTIONS, f"{path}[{index}]")
        if action in actions[:index]:
            errors.append(duplicate(f"{path}[{index}]", action))
    if {"Deny", "Warn"} <= set(actions):
        errors.append(invalid(path, actions, TWICE))
    return errors


def validate_update(
    new: ValidatingAdmissionPolicyBinding, old: ValidatingAdmissionPolicyBinding
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
