"""The columns of a custom kind's Table. Pure.

A cell is the first value that the column's path leads to, in the form that its type asks for: an
integer, a number, a boolean as they are, a date as an age, anything else as text. What is not there
or of another type is null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import UNSET

from kubepy.api import codec
from kubepy.api.apiextensions.v1 import CustomResourceColumnDefinition
from kubepy.api.custom import Custom
from kubepy.api.scheme import Column
from kubepy.api.types import Time
from kubepy.apiserver.crd.jsonpath import BadPath, Path, compile_path
from kubepy.apiserver.registry.strategy import age
from kubepy.meta.gotext import show, verbatim

NAME = Column(name="Name", type="string", format="name")
CREATED = ".metadata.creationTimestamp"
DEFAULT = (CustomResourceColumnDefinition(name="Age", type="date", jsonPath=CREATED),)


def columns(defined: Sequence[CustomResourceColumnDefinition]) -> tuple[Column, ...]:
    """The Table's columns; a kind that defines none shows its age."""
    return (
        NAME,
        *(
            Column(name=each.name, type=each.type, format=each.format, priority=each.priority)
            for each in defined or DEFAULT
        ),
    )


def row_maker(
    defined: Sequence[CustomResourceColumnDefinition],
) -> Callable[[Any, float], tuple[Any, ...]]:
    """(object, now in seconds) → the cells."""
    makers = [_cell(each) for each in defined or DEFAULT]

    def row(obj: Custom, now: float) -> tuple[Any, ...]:
        return (obj.metadata.name, *[make(obj, now) for make in makers])

    return row


def _cell(column: CustomResourceColumnDefinition) -> Callable[[Custom, float], Any]:
    if column.jsonPath == CREATED and column.type == "date":
        return lambda obj, now: age(obj.metadata.creationTimestamp, now)
    try:
        path = compile_path(column.jsonPath)
    except BadPath:
        return lambda obj, now: None

    def cell(obj: Custom, now: float) -> Any:
        found = first(path, obj)
        return None if found is UNSET else shown(column.type, found, now)

    return cell


def first(path: Path, obj: Custom) -> Any:
    """The first value that a path leads to in an object; UNSET if there is none."""
    whole = obj.content
    if path.first in ("metadata", "kind", "apiVersion", ""):
        whole = {
            "kind": type(obj).__name__,
            "apiVersion": obj.API_VERSION,
            "metadata": codec.to_builtins(obj.metadata),
            **whole,
        }
    found = path.find(whole)
    return found[0] if found else UNSET


def shown(type_: str, value: Any, now: float) -> Any:
    """A value as a cell of a type."""
    if type_ == "string":
        return None if value is None else _text(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match type_:
        case "integer" if number:
            return int(value)
        case "number" if number:
            return value
        case "boolean" if isinstance(value, bool):
            return value
        case "date" if isinstance(value, str):
            try:
                return age(Time.from_wire(value), now)
            except ValueError:
                return "<invalid>"
    return None


def _text(value: Any) -> str:
    return show(value) if isinstance(value, dict | list) else verbatim(value)
