"""CEL's values in Python, and what holds for all of them: types, equality, order, sizes. Pure.

null bool int double string bytes      None bool int float str bytes
uint                                   Uint, an int of its own type
list                                   list, tuple, Joined
map                                    dict; a key that is a bool is a Flag, since 1 == True
timestamp duration                     Timestamp Duration
optional_type type                     Optional Type
Quantity, URL, IP, ...                 Opaque
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
SECOND = 10**9  # nanoseconds
TRAVERSAL = 0.1  # what it costs to look at one character, byte or element


class CelError(Exception):
    """An evaluation has failed; `&&` and `||` may not care."""


class Exhausted(Exception):
    """An evaluation has cost more than it may."""


NO_OVERLOAD = "no such overload"


class Uint(int):
    __slots__ = ()


class Timestamp(Struct, frozen=True, order=True):
    nanos: int  # since 1970, UTC


class Duration(Struct, frozen=True, order=True):
    nanos: int


class Type(Struct, frozen=True):
    name: str


class Opaque(Struct, frozen=True):
    """A value of a type that Kubernetes adds: what its text means is the functions' business."""

    kind: str
    text: str


class Flag(Struct, frozen=True):
    """A bool as the key of a map."""

    value: bool


class Optional(Struct, frozen=True):
    """Perhaps a value: none, or one."""

    held: tuple[Any, ...] = ()


NONE = Optional()


class Joined:
    """Two lists one after the other, without a copy: CEL counts a `+` as one step."""

    __slots__ = ("_left", "_right", "_size")

    def __init__(self, left: Any, right: Any) -> None:
        self._left, self._right = left, right
        self._size = len(left) + len(right)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        waiting: list[Any] = [self]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Joined):
                waiting += [part._right, part._left]
            else:
                yield from part

    def __getitem__(self, index: int) -> Any:
        part: Any = self
        while isinstance(part, Joined):
            size = len(part._left)
            part, index = (part._left, index) if index < size else (part._right, index - size)
        return part[index]


LISTS = (list, tuple, Joined)
NUMBERS = (int, Uint, float)
PLAIN = {int, Uint, float, bool, str, bytes}
_NAMES: dict[type, str] = {
    type(None): "null_type",
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    list: "list",
    tuple: "list",
    Joined: "list",
    dict: "map",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    Optional: "optional_type",
    Type: "type",
}
# Whether a value is of a type, by the names that functions declare their parameters with.
TESTS: dict[str, Callable[[Any], bool]] = {
    "DYN": lambda value: True,
    "STRING": lambda value: type(value) is str,
    "INT": lambda value: type(value) is int,
    "UINT": lambda value: type(value) is Uint,
    "DOUBLE": lambda value: type(value) is float,
    "BOOL": lambda value: type(value) is bool,
    "BYTES": lambda value: type(value) is bytes,
    "LIST": lambda value: type(value) in LISTS,
    "MAP": lambda value: type(value) is dict,
    "TIMESTAMP": lambda value: type(value) is Timestamp,
    "DURATION": lambda value: type(value) is Duration,
    "optional_type": lambda value: type(value) is Optional,
}


def tester(name: str) -> Callable[[Any], bool]:
    """Whether a value is of a type with this name: `STRING`, `LIST<INT>`, `kubernetes.URL`."""
    known = TESTS.get(name.partition("<")[0])
    if known is not None:
        return known
    kind = name.rpartition(".")[2]
    return lambda value: type(value) is Opaque and value.kind == kind


def type_name(value: Any) -> str:
    if type(value) is Opaque:
        return f"kubernetes.{value.kind}"
    return _NAMES.get(type(value), "dyn")


def size(value: Any) -> int:
    """What costs are reckoned by: characters, bytes or elements; 1 for what has no size."""
    kind = type(value)
    return len(value) if kind in (str, bytes, dict) or kind in LISTS else 1


def traversal(value: Any, factor: float = TRAVERSAL) -> int:
    return math.ceil(size(value) * factor)


def key_of(value: Any) -> Any:
    """A value as a map's key, to look for: a fraction is nowhere."""
    kind = type(value)
    if kind is str:
        return value
    if kind is bool:
        return Flag(value)
    if kind is float:
        return int(value) if value.is_integer() else value
    if kind in (int, Uint):
        return value
    raise CelError(f"unsupported key type: {type_name(value)}")


def from_key(key: Any) -> Any:
    return key.value if type(key) is Flag else key


def ranged(value: int) -> int:
    if not INT_MIN <= value <= INT_MAX:
        raise CelError("integer overflow")
    return value


def equal(one: Any, other: Any, charge: Callable[[int], None]) -> bool:
    """CEL's equality: numbers by value, other things of different types never.

    What nested values cost is charged; the values themselves are the caller's to pay for.
    """
    kind, theirs = type(one), type(other)
    if kind in LISTS:
        if theirs not in LISTS or len(one) != len(other):
            return False
        kinds = set(map(type, one))
        if len(kinds) == 1 and kinds <= PLAIN and kinds == set(map(type, other)):
            return list(one) == list(other)  # ten times faster, and what long lists are made of
        return all(_inner(mine, its, charge) for mine, its in zip(one, other, strict=True))
    if kind is dict:
        if theirs is not dict or len(one) != len(other):
            return False
        return all(key in other and _inner(value, other[key], charge) for key, value in one.items())
    if kind is theirs:
        return bool(one == other)
    return kind in NUMBERS and theirs in NUMBERS and bool(one == other)


def _inner(one: Any, other: Any, charge: Callable[[int], None]) -> bool:
    if type(one) in (dict, *LISTS):
        charge(min(traversal(one), traversal(other)))
    return equal(one, other, charge)


def comparable(one: Any, other: Any) -> bool:
    """Whether there is an order between them."""
    kind, theirs = type(one), type(other)
    if kind in NUMBERS:
        return theirs in NUMBERS
    return kind is theirs and kind in (str, bytes, bool, Timestamp, Duration)


def optional(*held: Any) -> Optional:
    return Optional(held)


def is_zero(value: Any) -> bool:
    """Whether optional.ofNonZeroValue leaves it out."""
    kind = type(value)
    if value is None:
        return True
    if kind in (Timestamp, Duration):
        return bool(value.nanos == 0)
    if kind is Optional:
        return not value.held
    return size(value) == 0 if kind in (str, bytes, dict, *LISTS) else not value
