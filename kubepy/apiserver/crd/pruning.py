"""What a schema does not know, or does not allow to be null, is taken away. Pure.

What changes is a copy, the rest is shared.

    {"a": 1, "x": 2} by properties {"a"}             {"a": 1}, unknown: ["x"]
    the same where unknown fields are preserved      as it is, but known fields inside of it are
                                                     pruned by their own schemas
    {"a": null} where a is not nullable              {}: a null counts as nothing, and gets the
                                                     default, if there is one
    {"a": 2.0}                                       {"a": 2}: as Go writes it
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from kubepy.api import codec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.crd.structural import Schema

TYPE_META = ("apiVersion", "kind")
META = (*TYPE_META, "metadata")
NOTHING_KNOWN = Schema()
ANYTHING = Schema(preserve=True)
GREATEST_WHOLE = 2.0**63  # what Go's integers hold


def prune(value: Any, schema: Schema, path: str = "") -> tuple[Any, list[str]]:
    """The value as its schema has it, and the paths of unknown fields in order."""
    unknown: list[str] = []
    pruned = _prune(value, schema, path, unknown)
    return pruned, sorted(unknown)


def _prune(value: Any, schema: Schema, path: str, unknown: list[str]) -> Any:
    kind = type(value)
    if kind is dict:
        return _object(value, schema, path, unknown)
    if kind is list:
        return _list(value, schema, path, unknown)
    if kind is float and value.is_integer() and abs(value) < GREATEST_WHOLE:
        return int(value)
    return value


def _list(value: list[Any], schema: Schema, path: str, unknown: list[str]) -> Any:
    items = schema.items
    if items is None or (schema.preserve and not items.preserve):
        items = ANYTHING if schema.preserve else items or NOTHING_KNOWN
    found = [
        items.default
        if each is None and items.default is not UNSET and not items.nullable
        else _prune(each, items, f"{path}[{index}]", unknown)
        for index, each in enumerate(value)
    ]
    return found if any(a is not b for a, b in zip(found, value, strict=True)) else value


def _object(value: dict[str, Any], schema: Schema, path: str, unknown: list[str]) -> Any:
    changed: dict[str, Any] = {}
    dropped = []
    properties, additional = schema.properties, schema.additional
    for key, inner in value.items():
        if schema.embedded and key in META:
            kept = inner
            if key not in TYPE_META:
                kept = _metadata(inner, f"{path}.{key}" if path else key, unknown)
        else:
            known = properties.get(key)
            if known is None and additional is not None:
                known = additional if isinstance(additional, Schema) else NOTHING_KNOWN
            if known is None:
                if not schema.preserve:
                    unknown.append(f"{path}.{key}" if path else key)
                    dropped.append(key)
                    continue
                known = ANYTHING
            elif inner is None and not known.nullable and additional is not True:
                dropped.append(key)
                continue
            elif type(inner) is known.simple:
                continue
            kept = _prune(inner, known, f"{path}.{key}" if path else key, unknown)
        if kept is not inner:
            changed[key] = kept
    if not changed and not dropped:
        return value
    return {k: changed.get(k, v) for k, v in value.items() if k not in dropped}


def _metadata(value: Any, path: str, unknown: list[str]) -> Any:
    """The metadata of an embedded object: what ObjectMeta has. Anything unfit is left as it is."""
    if not isinstance(value, dict):
        return value
    try:
        meta, problems = codec.convert_lenient(ObjectMeta, value)
    except codec.DecodeError:
        return value
    if not problems:
        return value
    for problem in problems:
        name = problem.partition('"')[2].rstrip('"')
        unknown.append(f"{path}.{name}")
    return codec.to_builtins(meta)
