"""VolumeAttributesClass: qualities of a volume that can change while it is used."""

from __future__ import annotations

from typing import Any

from kubepy.api.storage.v1 import VolumeAttributesClass
from kubepy.apiserver.registry.storage.parameters import parameter_errors, provisioner_errors
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError, forbidden, required


def validate(attributes: VolumeAttributesClass) -> list[FieldError]:
    errors = provisioner_errors(attributes.driverName, "driverName")
    errors += parameter_errors(attributes.parameters, "parameters")
    if not attributes.parameters:
        errors.append(required("parameters", "must contain at least one key/value pair"))
    return errors


def validate_update(new: VolumeAttributesClass, old: VolumeAttributesClass) -> list[FieldError]:
    errors = [
        forbidden(field, f"updates to {field} are forbidden.")
        for field in ("driverName", "parameters")
        if getattr(new, field) != getattr(old, field)
    ]
    return errors + validate(new)


def row(attributes: VolumeAttributesClass, now: float) -> tuple[Any, ...]:
    meta = attributes.metadata
    return meta.name, attributes.driverName, age(meta.creationTimestamp, now)


STRATEGY = Strategy(
    repeats_create_checks=True,
    returns_deleted=True,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
