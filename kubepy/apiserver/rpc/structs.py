"""JSON documents as google.protobuf.Struct and back. Pure.

    {"spec": {"size": 3}}  ◄──►  fields {"spec": struct_value {fields {"size": number_value 3.0}}}

A Struct's numbers are doubles, which know whole numbers one by one only up to 2^53. From there on
a double may stand for its neighbour, and neither side could tell: so such whole numbers are refused
both ways. Beyond 64 bits Kubernetes itself knows no integers, and a number is a float again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from struct import pack
from typing import Any

from kubepy.base.varint import field

SAFE = 2**53 - 1  # the last whole number that no double beside it could have been
INT64 = 2.0**63
NULL = b"\x08\x00"  # Value.null_value
TRUE, FALSE = b"\x20\x01", b"\x20\x00"
NUMBER = b"\x11"
STRING, STRUCT, LIST = 3, 5, 6


class Unfit(ValueError):
    """A document that the other form cannot say; the message names the field."""


class _Bad(Exception):
    """The same before it is known where: `path` grows on the way out."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.path: list[str] = []


def encode(document: Mapping[str, Any]) -> bytes:
    """A document as a Struct. Raises Unfit."""
    try:
        return _struct(document)
    except _Bad as problem:
        raise _unfit(problem) from None
    except RecursionError:
        raise Unfit("it nests too deep") from None


def _struct(document: Mapping[str, Any]) -> bytes:
    entries = []
    for key, value in document.items():
        try:
            entry = field(1, key.encode()) + field(2, _value(value))
        except _Bad as problem:
            problem.path.append(f".{key}")
            raise
        entries.append(field(1, entry))
    return b"".join(entries)


def _value(value: Any) -> bytes:
    kind = type(value)
    if kind is str:
        return field(STRING, value.encode())
    if kind is dict:
        return field(STRUCT, _struct(value))
    if kind is list:
        return field(LIST, _list(value))
    if value is None:
        return NULL
    if kind is bool:
        return TRUE if value else FALSE
    if kind is int and abs(value) > SAFE:
        raise _Bad(f"{value} is a whole number beyond {SAFE}, which a double cannot hold")
    return NUMBER + pack("<d", value)


def _list(values: Sequence[Any]) -> bytes:
    items = []
    for index, value in enumerate(values):
        try:
            items.append(field(1, _value(value)))
        except _Bad as problem:
            problem.path.append(f"[{index}]")
            raise
    return b"".join(items)


def decode(message: Any) -> dict[str, Any]:
    """A Struct's document, its keys in order. Raises Unfit."""
    try:
        return _document(message)
    except _Bad as problem:
        raise _unfit(problem) from None


def _document(message: Any) -> dict[str, Any]:
    found = {}
    fields = message.fields
    for key in sorted(fields):
        try:
            found[key] = _read(fields[key])
        except _Bad as problem:
            problem.path.append(f".{key}")
            raise
    return found


def _read(value: Any) -> Any:
    match value.WhichOneof("kind"):
        case "string_value":
            return value.string_value
        case "number_value":
            return _number(value.number_value)
        case "bool_value":
            return value.bool_value
        case "struct_value":
            return _document(value.struct_value)
        case "list_value":
            return _items(value.list_value.values)
        case "null_value":
            return None
    raise _Bad("it has no value, not even null")


def _items(values: Sequence[Any]) -> list[Any]:
    items = []
    for index, value in enumerate(values):
        try:
            items.append(_read(value))
        except _Bad as problem:
            problem.path.append(f"[{index}]")
            raise
    return items


def _number(number: float) -> int | float:
    if not math.isfinite(number):
        raise _Bad(f"{number} is no number of JSON")
    if not number.is_integer() or abs(number) >= INT64:
        return number
    if abs(number) > SAFE:
        raise _Bad(
            f"{int(number)} is a whole number beyond {SAFE}, and a double may have made it of "
            "another: send it in a patch"
        )
    return int(number)


def _unfit(problem: _Bad) -> Unfit:
    path = "".join(reversed(problem.path)).removeprefix(".")
    return Unfit(f"{path}: {problem}")
