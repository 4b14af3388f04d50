"""Lists that are sets or maps hold nothing twice. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from kubepy.apiserver.crd.structural import Schema
from kubepy.meta.errors import FieldError, duplicate


def duplicates(value: Any, schema: Schema, path: str = "") -> Iterator[FieldError]:
    """Every element that stands in a set or a map for a second time."""
    if not schema.has_keyed_lists:
        return
    if isinstance(value, list):
        if schema.list_type in ("set", "map"):
            yield from _repeated(value, schema, path)
        if schema.items is not None:
            for index, each in enumerate(value):
                yield from duplicates(each, schema.items, f"{path}[{index}]")
    elif isinstance(value, dict):
        for key in sorted(value):
            known = schema.properties.get(key)
            if known is not None:
                yield from duplicates(value[key], known, f"{path}.{key}" if path else key)
            elif isinstance(schema.additional, Schema):
                yield from duplicates(value[key], schema.additional, f"{path}[{key}]")


def _repeated(value: list[Any], schema: Schema, path: str) -> Iterator[FieldError]:
    seen: dict[bytes, bool] = {}  # whether it has been complained about
    for index, each in enumerate(value):
        key = key_of(each, schema)
        text = msgspec.json.encode(key, order="deterministic")
        if text not in seen:
            seen[text] = False
        elif not seen[text]:
            seen[text] = True
            yield duplicate(f"{path}[{index}]", key)


def key_of(item: Any, schema: Schema) -> Any:
    """What an element of the list is told apart by: itself, or the values of its keys."""
    if schema.list_type == "map" and isinstance(item, dict):
        return {key: item[key] for key in schema.map_keys if key in item}
    return item
