"""Expressions as trees: cel-cpp parses them, and hands out its tree as protobuf. Pure.

Decoded by hand: protobuf's own library gives up at a depth that nested macros reach.

    decode(parsed expression of "self.a > 1")
        Call("_>_", (Select(Ident("self"), "a"), Constant(1)))
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from kubepy.apiserver.cel.values import Uint


class Constant(Struct, frozen=True):
    value: Any


class Ident(Struct, frozen=True):
    name: str


class Select(Struct, frozen=True):
    operand: Expr
    field: str
    test_only: bool  # has(operand.field)


class Call(Struct, frozen=True):
    """A function or an operator. A receiver is its target, and no argument."""

    function: str
    args: tuple[Expr, ...]
    target: Expr | None = None

    @property
    def all_args(self) -> tuple[Expr, ...]:
        return self.args if self.target is None else (self.target, *self.args)


class List(Struct, frozen=True):
    elements: tuple[Expr, ...]
    optional: frozenset[int]  # the indices of elements that may be left out


class Entry(Struct, frozen=True):
    """Of a map, or of a message, whose keys are constants."""

    key: Expr
    value: Expr
    optional: bool


class Map(Struct, frozen=True):
    entries: tuple[Entry, ...]
    message: str  # the name of a message's type; empty for a map


class Loop(Struct, frozen=True):
    """What macros come to: fold a range into `accumulator`."""

    variable: str
    second: str  # of a loop over keys with their values
    range: Expr
    accumulator: str
    start: Expr
    condition: Expr
    step: Expr
    result: Expr


Expr = Constant | Ident | Select | Call | List | Map | Loop
NOTHING: Expr = Constant(None)


def decode(parsed: bytes) -> Expr:
    """The tree of a serialized cel.expr.ParsedExpr that is wrapped in an Any."""
    return _expr(_last(_last(parsed, 2), 2))


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                value, at = _varint(data, at)
                yield tag >> 3, value
            case 1:
                yield tag >> 3, data[at : at + 8]
                at += 8
            case 2:
                size, at = _varint(data, at)
                yield tag >> 3, data[at : at + size]
                at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7


def _last(data: bytes, number: int) -> bytes:
    found = b""
    for field, value in _fields(data):
        if field == number:
            found = value
    return found


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _expr(data: bytes) -> Expr:
    for number, value in _fields(data):
        match number:
            case 3:
                return _constant(value)
            case 4:
                return Ident(_last(value, 1).decode())
            case 5:
                return _select(value)
            case 6:
                return _call(value)
            case 7:
                return _list(value)
            case 8:
                return _map(value)
            case 9:
                return _loop(value)
    return NOTHING


def _constant(data: bytes) -> Constant:
    for number, value in _fields(data):
        match number:
            case 2:
                return Constant(bool(value))
            case 3:
                return Constant(_signed(value))
            case 4:
                return Constant(Uint(value))
            case 5:
                return Constant(struct.unpack("<d", value)[0])
            case 6:
                return Constant(value.decode())
            case 7:
                return Constant(value)
    return Constant(None)


def _select(data: bytes) -> Select:
    operand: Expr = NOTHING
    field, test = "", False
    for number, value in _fields(data):
        match number:
            case 1:
                operand = _expr(value)
            case 2:
                field = value.decode()
            case 3:
                test = bool(value)
    return Select(operand, field, test)


def _call(data: bytes) -> Call:
    target, function, args = None, "", []
    for number, value in _fields(data):
        match number:
            case 1:
                target = _expr(value)
            case 2:
                function = value.decode()
            case 3:
                args.append(_expr(value))
    return Call(function, tuple(args), target)


def _list(data: bytes) -> List:
    elements, optional = [], set()
    for number, value in _fields(data):
        if number == 1:
            elements.append(_expr(value))
        elif isinstance(value, int):
            optional.add(value)
        else:
            optional |= set(_packed(value))
    return List(tuple(elements), frozenset(optional))


def _packed(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _map(data: bytes) -> Map:
    message, entries = "", []
    for number, value in _fields(data):
        if number == 1:
            message = value.decode()
        elif number == 2:
            entries.append(_entry(value))
    return Map(tuple(entries), message)


def _entry(data: bytes) -> Entry:
    key: Expr = NOTHING
    inner: Expr = NOTHING
    optional = False
    for number, value in _fields(data):
        match number:
            case 2:
                key = Constant(value.decode())
            case 3:
                key = _expr(value)
            case 4:
                inner = _expr(value)
            case 5:
                optional = bool(value)
    return Entry(key, inner, optional)


def _loop(data: bytes) -> Loop:
    names = {1: "", 3: "", 8: ""}
    parts: dict[int, Expr] = {}
    for number, value in _fields(data):
        if number in names:
            names[number] = value.decode()
        else:
            parts[number] = _expr(value)
    range_, start, condition, step, result = (parts.get(n, NOTHING) for n in (2, 4, 5, 6, 7))
    return Loop(names[1], names[8], range_, names[3], start, condition, step, result)
