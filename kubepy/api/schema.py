"""What patches, validation and conversion ask about a Struct's fields."""

from __future__ import annotations

import types
from functools import reduce
from operator import or_
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from kubepy.api.types import Number, Rules
from kubepy.base.memo import cache

_PLAIN = Rules()


class Field(Struct, frozen=True, gc=False):
    """One field of a Struct, by its JSON name.

    `shape` is "one", "list" or "map"; `type` is the element's type: a Struct type, or a scalar
    such as str, int, Quantity or Raw. For a union of scalars (IntOrString) it is `object`; of one
    of a Struct and something else it is the Struct, and `alternative` is the other.
    """

    name: str
    attribute: str
    shape: str
    type: Any
    rules: Rules
    optional: bool
    width: int = 0  # bits of an integer; 0 for everything else
    alternative: Any = None


@cache
def fields(type_: type[Any]) -> dict[str, Field]:
    """The fields of a Struct type by JSON name, in the order of JSON."""
    hints = get_type_hints(type_, include_extras=True)
    rules = getattr(type_, "__rules__", {})
    found = {}
    for info in msgspec.structs.fields(type_):
        hint, optional = _without_none(hints[info.name])
        shape, element = _shape(hint)
        element, alternative = _alternative(element)
        element, width = _scalar(element)
        found[info.encode_name] = Field(
            name=info.encode_name,
            attribute=info.name,
            shape=shape,
            type=element,
            rules=rules.get(info.encode_name, _PLAIN),
            optional=optional,
            width=width,
            alternative=alternative,
        )
    return found


def field(type_: Any, name: str) -> Field | None:
    """The field of that JSON name; None if the type has none, or is no Struct."""
    return fields(type_).get(name) if is_struct(type_) else None


def is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, Struct)


def is_atomic(type_: type[Any]) -> bool:
    """Whether server-side apply takes objects of a type as one value."""
    return bool(getattr(type_, "__atomic__", False))


def _without_none(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        rest = [part for part in get_args(hint) if part is not type(None)]
        if len(rest) < len(get_args(hint)):
            return (rest[0] if len(rest) == 1 else reduce(or_, rest)), True
    return hint, False


def _alternative(hint: Any) -> tuple[Any, Any]:
    """A Struct, and what may stand in its place."""
    if get_origin(hint) in (Union, types.UnionType):
        structs = [part for part in get_args(hint) if is_struct(part)]
        if structs:
            return structs[0], next(part for part in get_args(hint) if part not in structs)
    return hint, None


def _shape(hint: Any) -> tuple[str, Any]:
    origin = get_origin(hint)
    if origin is tuple:
        return "list", get_args(hint)[0]
    if origin is dict:
        return "map", get_args(hint)[1]
    return "one", hint


def _scalar(hint: Any) -> tuple[Any, int]:
    if get_origin(hint) is Annotated:
        base, meta = get_args(hint)[:2]
        return base, (32 if meta.le < 2**33 else 64)
    if hint == Number:
        return float, 0
    if get_origin(hint) in (Union, types.UnionType):
        return object, 0
    return hint, 0
