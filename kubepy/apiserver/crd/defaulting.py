"""Defaults. Pure: what changes is a copy, the rest is shared.

A default is itself filled in by the defaults below it:

    {"deep": {"default": {}, "properties": {"x": {"default": 7}}}}     {} → {"deep": {"x": 7}}
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from kubepy.apiserver.crd.structural import Schema


def fill(value: Any, schema: Schema) -> Any:
    """The value with what its schema says of what is not there."""
    if not schema.has_defaults:
        return value
    if isinstance(value, dict):
        return _object(value, schema)
    if isinstance(value, list) and schema.items is not None:
        items = schema.items
        found = [fill(each, items) for each in value]
        return found if any(a is not b for a, b in zip(found, value, strict=True)) else value
    return value


def _object(value: dict[str, Any], schema: Schema) -> Any:
    changed: dict[str, Any] = {}
    for key, known in schema.properties.items():
        if not known.has_defaults:
            continue
        if key in value:
            filled = fill(value[key], known)
            if filled is not value[key]:
                changed[key] = filled
        elif known.default is not UNSET:
            changed[key] = fill(known.default, known)
    additional = schema.additional
    if isinstance(additional, Schema) and additional.has_defaults:
        for key, inner in value.items():
            filled = fill(inner, additional) if key not in schema.properties else inner
            if filled is not inner:
                changed[key] = filled
    return {**value, **changed} if changed else value
