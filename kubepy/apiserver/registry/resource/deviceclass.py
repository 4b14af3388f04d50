"""DeviceClass: a kind of device that claims can name."""

from __future__ import annotations

from kubepy.api.resource.v1 import DeviceClass, DeviceClassConfiguration
from kubepy.apiserver.registry.core.podspec.resources import is_extended
from kubepy.apiserver.registry.resource.devices import (
    MAX_CONFIGURATIONS,
    configuration_errors,
    each,
    selector_errors,
)
from kubepy.apiserver.registry.strategy import Strategy, age_row
from kubepy.meta.errors import FieldError, invalid


def validate(device_class: DeviceClass) -> list[FieldError]:
    spec = device_class.spec
    errors = selector_errors(spec.selectors, "spec.selectors")
    errors += each(spec.config, MAX_CONFIGURATIONS, _configuration_errors, "spec.config")
    name = spec.extendedResourceName
    if name is not None and not is_extended(name):
        why = "must be a valid extended resource name"
        errors.append(invalid("spec.extendedResourceName", name, why))
    return errors


def _configuration_errors(config: DeviceClassConfiguration, path: str) -> list[FieldError]:
    return configuration_errors(config.opaque, path)


def validate_update(new: DeviceClass, old: DeviceClass) -> list[FieldError]:
    return validate(new)


STRATEGY = Strategy(
    repeats_create_checks=True,
    returns_deleted=True,
    generation=True,
    validate_create=validate,
    validate_update=validate_update,
    row=age_row,
)
