"""The shapes of the wire types, from the Structs and their rules."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import Raw

from kubepy.api import schema
from kubepy.api.schema import Field
from kubepy.api.types import Duration, Quantity, Rules, Time
from kubepy.meta.managed.shapes import (
    BOOLEAN,
    NUMERIC,
    STRING,
    UNTYPED,
    WHOLE,
    ListShape,
    MapShape,
    Shape,
)

_SCALARS: dict[Any, Shape] = {
    str: Shape(STRING),
    bytes: Shape(STRING),
    bool: Shape(BOOLEAN),
    int: Shape(NUMERIC),
    float: Shape(NUMERIC),
    object: Shape(UNTYPED),  # a number or a string
}
_ANY_SCALAR = Shape(UNTYPED)
_ZEROES: dict[Any, Any] = {str: "", bool: False, int: 0}


_known: dict[type[Any], Shape] = {}


def shape_of(type_: type[Any]) -> Shape:
    """The shape of a Struct type."""
    found = _known.get(type_)
    if found is None:
        rules = MapShape(atomic=schema.is_atomic(type_))
        found = _known[type_] = Shape(map_=rules)
        rules.fields |= {name: _field(field) for name, field in schema.fields(type_).items()}
    return found


def _field(field: Field) -> Shape:
    rules = field.rules
    element = _element(field.type)
    match field.shape:
        case "list":
            return Shape(list_=_list(field, element))
        case "map":
            return Shape(map_=MapShape(element=element, atomic=rules.map_type == "atomic"))
    if rules.struct_type == "granular" and element.map is not None:
        return Shape(map_=element.map.granular())
    return element


def _element(type_: Any) -> Shape:
    if schema.is_struct(type_):
        return shape_of(type_)
    if type_ is Raw:
        return WHOLE
    if getattr(type_, "__origin__", None) is tuple:  # a map of lists
        return Shape(list_=ListShape(_SCALARS[str]))
    if isinstance(type_, type) and issubclass(type_, Quantity | Time | Duration):
        return _ANY_SCALAR
    return _SCALARS.get(type_, _SCALARS[str])


def _list(field: Field, element: Shape) -> ListShape:
    """How the items of a list are told apart; where nothing else is said, as patches do it."""
    rules = field.rules
    match rules.list_type:
        case "map":
            keys = rules.list_map_keys
        case "set":
            keys = ()
        case "" if rules.patch_strategy in ("merge", "merge,retainKeys"):
            keys = (rules.patch_merge_key,) if rules.patch_merge_key else ()
        case _:
            return ListShape(element)
    defaults = _defaults(field.type, keys) if keys else {}
    return ListShape(element, atomic=False, keys=keys, defaults=defaults)


def _defaults(type_: type[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """What key fields are where an item leaves them out: their default, or the zero value of a
    field that is always written."""
    infos = {info.encode_name: info for info in msgspec.structs.fields(type_)}
    found = {}
    for name in names:
        field = schema.fields(type_)[name]
        always = infos[name].default_factory is not msgspec.NODEFAULT and not field.optional
        if (given := _given(field.rules)) is not None:
            found[name] = given
        elif always and field.type in _ZEROES:
            found[name] = _ZEROES[field.type]
    return found


def _given(rules: Rules) -> Any:
    """The declared default; some are the name of a constant, which no key has."""
    if not rules.default or rules.default.startswith("ref("):
        return None
    return json.loads(rules.default)
