"""ConfigMap: text and bytes by key, at most a megabyte, and immutable if it says so."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import ConfigMap
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, too_long

MAX_BYTES = 1 << 20  # of all values together


def validate(configmap: ConfigMap) -> list[FieldError]:
    errors = []
    size = 0
    for key, text in sorted(configmap.data.items()):
        errors += _key_errors(f"data[{key}]", key)
        if key in configmap.binaryData:
            why = "duplicate of key present in binaryData"
            errors.append(invalid(f"data[{key}]", key, why))
        size += len(text.encode())
    for key, raw in sorted(configmap.binaryData.items()):
        errors += _key_errors(f"binaryData[{key}]", key)
        size += len(raw)
    if size > MAX_BYTES:
        errors.append(too_long("[]", "", MAX_BYTES))
    return errors


def _key_errors(path: str, key: str) -> list[FieldError]:
    return [invalid(path, key, message) for message in names.config_map_key(key)]


def validate_update(new: ConfigMap, old: ConfigMap) -> list[FieldError]:
    errors = []
    if old.immutable:
        if not new.immutable:
            errors.append(forbidden("immutable", "field is immutable when `immutable` is set"))
        if new.data != old.data:
            errors.append(forbidden("data", "field is immutable when `immutable` is set"))
        if new.binaryData != old.binaryData:
            errors.append(forbidden("binaryData", "field is immutable when `immutable` is set"))
    return errors + validate(new)


def row(configmap: ConfigMap, now: float) -> tuple[Any, ...]:
    count = len(configmap.data) + len(configmap.binaryData)
    return configmap.metadata.name, count, age(configmap.metadata.creationTimestamp, now)


STRATEGY = Strategy(
    repeats_create_checks=True, validate_create=validate, validate_update=validate_update, row=row
)
