"""The shape of custom objects, as owners of fields see it: from the version's own schema. Pure.

The rules are those by which Kubernetes reads a published schema (structured-merge-diff): lists are
one value unless they say otherwise, maps are owned key by key, and what is not described is owned
as deep as its maps go.
"""

from __future__ import annotations

from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.crd.structural import Schema
from kubepy.meta.managed import structs
from kubepy.meta.managed.shapes import (
    BOOLEAN,
    DEDUCED,
    NUMERIC,
    STRING,
    UNTYPED,
    ListShape,
    MapShape,
    Shape,
)

_SCALARS = {
    "string": Shape(STRING),
    "boolean": Shape(BOOLEAN),
    "integer": Shape(NUMERIC),
    "number": Shape(NUMERIC),
}
_ANY_SCALAR = Shape(UNTYPED)


def shape_of(schema: Schema, *, keep_all: bool) -> Shape:
    """The shape of a whole object. `keep_all`: nothing of it is pruned."""
    inside = _map(schema)
    element = DEDUCED if keep_all else inside.element
    return Shape(map_=MapShape({**inside.fields, **_own_fields()}, element, atomic=inside.atomic))


def _own_fields() -> dict[str, Shape]:
    """What every object has beside its content."""
    text = _SCALARS["string"]
    return {"kind": text, "apiVersion": text, "metadata": structs.shape_of(ObjectMeta)}


def _shape(schema: Schema) -> Shape:
    if schema.int_or_string:
        return _ANY_SCALAR
    match schema.type:
        case "object":
            if not schema.properties and schema.additional is None and schema.preserve:
                return DEDUCED
            rules = _map(schema)
            if schema.embedded:
                rules.fields |= _own_fields()
            return Shape(map_=rules)
        case "array":
            return Shape(list_=_list(schema))
        case type_:
            return _SCALARS.get(type_, DEDUCED)


def _map(schema: Schema) -> MapShape:
    fields = {name: _shape(inner) for name, inner in schema.properties.items()}
    element = None
    if isinstance(schema.additional, Schema):
        element = _shape(schema.additional)
    elif schema.additional or schema.preserve:
        element = DEDUCED
    return MapShape(fields, element, atomic=schema.map_type == "atomic")


def _list(schema: Schema) -> ListShape:
    element = _shape(schema.items) if schema.items is not None else DEDUCED
    keys = schema.map_keys if schema.list_type == "map" else ()
    properties = schema.items.properties if schema.items is not None else {}
    defaults = {
        key: properties[key].default
        for key in keys
        if key in properties and properties[key].has_defaults
    }
    return ListShape(
        element, atomic=schema.list_type not in ("map", "set"), keys=keys, defaults=defaults
    )
