"""What a walk over a value asks about its type.

A type may allow a scalar, a list, a map, or several of these; the value decides. `Shape` is that
choice. Wire types have theirs from `structs`; a custom resource's comes from its own schema; and
`DEDUCED` is for what has no schema at all: maps by their keys, lists as one value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STRING, NUMERIC, BOOLEAN, UNTYPED = "string", "numeric", "boolean", "untyped"


class MapShape:
    """A struct (`fields`), a map (`element`), or both; `atomic`: owned as one value.

    Types may contain themselves, so the shapes of fields may be filled in later.
    """

    __slots__ = ("atomic", "element", "fields")

    def __init__(
        self,
        fields: dict[str, Shape] | None = None,
        element: Shape | None = None,
        *,
        atomic: bool = False,
    ) -> None:
        self.fields = fields if fields is not None else {}
        self.element = element
        self.atomic = atomic

    def shape_of(self, name: str) -> Shape:
        """That of a field or of a key's value; anything goes where nothing is declared."""
        return self.fields.get(name) or self.element or DEDUCED

    def granular(self) -> MapShape:
        """The same fields, each owned on its own."""
        return MapShape(self.fields, self.element)


class ListShape:
    """A list: owned as one value (`atomic`), by item with `keys`, or as a set of scalars."""

    __slots__ = ("atomic", "defaults", "element", "keys")

    def __init__(
        self,
        element: Shape,
        *,
        atomic: bool = True,
        keys: tuple[str, ...] = (),
        defaults: Mapping[str, Any] | None = None,
    ) -> None:
        """`defaults`: what key fields are where an item leaves them out."""
        self.element = element
        self.atomic = atomic
        self.keys = tuple(sorted(keys))
        self.defaults = defaults or {}


class Shape:
    """What a value may be."""

    __slots__ = ("list", "map", "scalar")

    def __init__(
        self,
        scalar: str = "",
        *,
        map_: MapShape | None = None,
        list_: ListShape | None = None,
    ) -> None:
        self.scalar = scalar
        self.map = map_
        self.list = list_


def _deduced() -> tuple[Shape, Shape]:
    whole = Shape(UNTYPED)
    whole.map = MapShape(element=whole, atomic=True)
    whole.list = ListShape(whole)
    deduced = Shape(UNTYPED, list_=ListShape(whole))
    deduced.map = MapShape(element=deduced)
    return whole, deduced


WHOLE, DEDUCED = _deduced()
"""Any value: owned as one; owned by the keys of its maps."""
