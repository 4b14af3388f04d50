"""ValidatingWebhookConfiguration: servers that may refuse requests."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.admissionregistration.v1 import ValidatingWebhookConfiguration
from kubepy.apiserver.registry.admissionregistration.webhooks import (
    default_webhook,
    row,
    webhooks_errors,
)
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta.errors import FieldError


def default(configuration: ValidatingWebhookConfiguration) -> ValidatingWebhookConfiguration:
    return replace(configuration, webhooks=tuple(map(default_webhook, configuration.webhooks)))


def validate(configuration: ValidatingWebhookConfiguration) -> list[FieldError]:
    return webhooks_errors(configuration.webhooks)


def validate_update(
    new: ValidatingWebhookConfiguration, old: ValidatingWebhookConfiguration
) -> list[FieldError]:
    return webhooks_errors(new.webhooks, old.webhooks)


STRATEGY = Strategy(
    unconditional_update=False,
    repeats_create_checks=True,
    generation=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
