"""Whether the defaults in a structural schema fit it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from kubepy.apiserver.crd import embedded, values
from kubepy.apiserver.crd.pruning import META, prune
from kubepy.apiserver.crd.structural import Schema
from kubepy.meta.errors import FieldError, invalid


def violations(schema: Schema, path: str) -> Iterator[FieldError]:
    """What is wrong with the defaults at and below a node."""
    if not schema.has_defaults:
        return
    if schema.default is not UNSET:
        yield from _default(schema, f"{path}.default")
    if schema.items is not None:
        yield from violations(schema.items, f"{path}.items")
    for key, inner in schema.properties.items():
        if not (schema.embedded and key in META):
            yield from violations(inner, f"{path}.properties[{key}]")


def _default(schema: Schema, path: str) -> Iterator[FieldError]:
    value = schema.default
    pruned, _ = prune(value, schema)
    if not values.same(pruned, value):
        yield invalid(path, value, "must not have unknown fields")
    found = embedded.validate(value, schema, path)
    yield from found or values.validate(value, schema, path)
