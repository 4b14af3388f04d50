"""MutatingWebhookConfiguration: servers that may change requests."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.admissionregistration.v1 import MutatingWebhook, MutatingWebhookConfiguration
from kubepy.apiserver.registry.admissionregistration.matching import REINVOCATION_POLICIES
from kubepy.apiserver.registry.admissionregistration.webhooks import (
    default_webhook,
    row,
    webhooks_errors,
)
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.registry.values import choice
from kubepy.meta.errors import FieldError


def default(configuration: MutatingWebhookConfiguration) -> MutatingWebhookConfiguration:
    return replace(configuration, webhooks=tuple(map(_default, configuration.webhooks)))


def _default(hook: MutatingWebhook) -> MutatingWebhook:
    policy = hook.reinvocationPolicy
    hook = replace(hook, reinvocationPolicy="Never" if policy is None else policy)
    complete: MutatingWebhook = default_webhook(hook)
    return complete


def validate(
    configuration: MutatingWebhookConfiguration, old: MutatingWebhookConfiguration | None = None
) -> list[FieldError]:
    errors = webhooks_errors(configuration.webhooks, () if old is None else old.webhooks)
    for index, hook in enumerate(configuration.webhooks):
        where = f"webhooks[{index}].reinvocationPolicy"
        errors += choice(hook.reinvocationPolicy, REINVOCATION_POLICIES, where)
    return errors


def validate_update(
    new: MutatingWebhookConfiguration, old: MutatingWebhookConfiguration
) -> list[FieldError]:
    return validate(new, old)


STRATEGY = Strategy(
    unconditional_update=False,
    repeats_create_checks=True,
    generation=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
