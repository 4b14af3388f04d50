"""CEL's operators on numbers, texts, lists and times. Pure. All raise CelError."""

from __future__ import annotations

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from kubepy.apiserver.cel import times
from kubepy.apiserver.cel.values import (
    LISTS,
    NO_OVERLOAD,
    UINT_MAX,
    CelError,
    Duration,
    Joined,
    Timestamp,
    Uint,
    comparable,
    ranged,
)

TIMES = (Timestamp, Duration)


def unsigned(value: int) -> Uint:
    if not 0 <= value <= UINT_MAX:
        raise CelError("unsigned integer overflow")
    return Uint(value)


def _whole(kind: type, value: int) -> Any:
    return unsigned(value) if kind is Uint else ranged(value)


def add(one: Any, other: Any) -> Any:
    kind, theirs = type(one), type(other)
    if kind is theirs:
        if kind in (int, Uint):
            return _whole(kind, int(one) + int(other))
        if kind in (float, str, bytes):
            return one + other
    if kind in LISTS and theirs in LISTS:
        return Joined(one, other) if len(one) and len(other) else one if len(one) else other
    if kind in TIMES and theirs in TIMES and Duration in (kind, theirs):
        return times.plus(one, other)
    raise CelError(NO_OVERLOAD)


def subtract(one: Any, other: Any) -> Any:
    kind, theirs = type(one), type(other)
    if kind is theirs and kind in (int, Uint):
        return _whole(kind, int(one) - int(other))
    if kind is theirs is float:
        return one - other
    if kind in TIMES and theirs in TIMES and (kind is Timestamp or theirs is Duration):
        return times.minus(one, other)
    raise CelError(NO_OVERLOAD)


def multiply(one: Any, other: Any) -> Any:
    kind = type(one)
    if kind is type(other):
        if kind in (int, Uint):
            return _whole(kind, int(one) * int(other))
        if kind is float:
            return one * other
    raise CelError(NO_OVERLOAD)


def divide(one: Any, other: Any) -> Any:
    """Whole numbers towards zero."""
    kind = type(one)
    if kind is type(other):
        if kind in (int, Uint):
            if other == 0:
                raise CelError("division by zero")
            quotient = abs(int(one)) // abs(int(other))
            return _whole(kind, quotient if (one < 0) == (other < 0) else -quotient)
        if kind is float:
            return _quotient(one, other)
    raise CelError(NO_OVERLOAD)


def _quotient(one: float, other: float) -> float:
    if other != 0:
        return one / other
    return float("nan") if one == 0 or one != one else one * float("inf")


def modulo(one: Any, other: Any) -> Any:
    """With the sign of the first."""
    kind = type(one)
    if kind is type(other) and kind in (int, Uint):
        if other == 0:
            raise CelError("modulus by zero")
        rest = abs(int(one)) % abs(int(other))
        return _whole(kind, -rest if one < 0 else rest)
    raise CelError(NO_OVERLOAD)


def negate(value: Any) -> Any:
    if type(value) is int:
        return ranged(-value)
    if type(value) is float:
        return -value
    raise CelError(NO_OVERLOAD)


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(one: Any, other: Any) -> bool:
        if not comparable(one, other):
            raise CelError(NO_OVERLOAD)
        return holds(one, other)

    return compare


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "_+_": add,
    "_-_": subtract,
    "_*_": multiply,
    "_/_": divide,
    "_%_": modulo,
    "_<_": _ordered(lt),
    "_<=_": _ordered(le),
    "_>_": _ordered(gt),
    "_>=_": _ordered(ge),
}
