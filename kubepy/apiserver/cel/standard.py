"""CEL's own functions and its libraries of texts and optionals, for evaluation. Pure.

`FUNCTIONS` by name and the number of arguments, a receiver among them: the first overload whose
parameters fit is the one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from kubepy.apiserver.cel import library, texts, times
from kubepy.apiserver.cel.arithmetic import negate, unsigned
from kubepy.apiserver.cel.values import (
    INT_MAX,
    INT_MIN,
    NO_OVERLOAD,
    NONE,
    SECOND,
    UINT_MAX,
    CelError,
    Duration,
    Optional,
    Timestamp,
    Type,
    Uint,
    is_zero,
    optional,
    ranged,
    tester,
    type_name,
)
from kubepy.meta import goregex, gotext

Impl = Callable[..., Any]
Overload = tuple[tuple[Callable[[Any], bool], ...], Impl]
TRUTHS = {
    **dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True),
    **dict.fromkeys(("0", "f", "F", "false", "FALSE", "False"), False),
}
_WHOLE = re.compile(r"[+-]?\d{1,30}", re.ASCII)
_DOUBLE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity|nan)", re.A | re.I)


# ---- conversions


def _parse(text: str, least: int, most: int, name: str) -> int:
    if not _WHOLE.fullmatch(text) or (least == 0 and text[0] in "+-"):
        raise CelError(f'strconv.{name}: parsing "{text}": invalid syntax')
    value = int(text)
    if not least <= value <= most:
        raise CelError(f'strconv.{name}: parsing "{text}": value out of range')
    return value


def _int(value: Any) -> int:
    match value:
        case str():
            return _parse(value, INT_MIN, INT_MAX, "ParseInt")
        case Timestamp():
            return value.nanos // SECOND
        case Duration():
            return value.nanos
        case bool():
            raise CelError(NO_OVERLOAD)
        case float() if not math.isfinite(value):
            raise CelError("integer overflow")
        case int() | float():
            return ranged(int(value))
    raise CelError(NO_OVERLOAD)


def _uint(value: Any) -> Uint:
    match value:
        case str():
            return Uint(_parse(value, 0, UINT_MAX, "ParseUint"))
        case bool():
            raise CelError(NO_OVERLOAD)
        case float() if not math.isfinite(value):
            raise CelError("unsigned integer overflow")
        case int() | float():
            return unsigned(int(value))
    raise CelError(NO_OVERLOAD)


def _double(value: Any) -> float:
    match value:
        case str():
            if not _DOUBLE.fullmatch(value):
                raise CelError(f'strconv.ParseFloat: parsing "{value}": invalid syntax')
            return float(value)
        case bool():
            raise CelError(NO_OVERLOAD)
        case int() | float():
            return float(value)
    raise CelError(NO_OVERLOAD)


def _bool(value: Any) -> bool:
    if type(value) is bool:
        return value
    if type(value) is str and value in TRUTHS:
        return TRUTHS[value]
    raise CelError(f'strconv.ParseBool: parsing "{value}": invalid syntax')


def _bytes(value: Any) -> bytes:
    if type(value) is str:
        return value.encode("utf-8", "surrogatepass")
    if type(value) is bytes:
        return value
    raise CelError(NO_OVERLOAD)


def _timestamp(value: Any) -> Timestamp:
    if type(value) is Timestamp:
        return value
    if type(value) is int:
        return times.at(value * SECOND)
    if type(value) is str:
        return times.parse_time(value)
    raise CelError(NO_OVERLOAD)


def _duration(value: Any) -> Duration:
    if type(value) is Duration:
        return value
    if type(value) is int:
        return times.lasting(value)
    if type(value) is str:
        return times.parse_duration(value)
    raise CelError(NO_OVERLOAD)


# ---- texts


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise CelError(f"index out of range: {index}")
    return text[index : index + 1]


def _substring(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    for each in (start, stop):
        if not 0 <= each <= len(text):
            raise CelError(f"index out of range: {each}")
    if start > stop:
        raise CelError(f"invalid substring range. start: {start}, end: {stop}")
    return text[start:stop]


def _index_of(text: str, part: str, start: int = 0) -> int:
    if not 0 <= start <= max(len(text), 1):
        raise CelError(f"index out of range: {start}")
    return text.find(part, start)


def _last_index_of(text: str, part: str, start: int | None = None) -> int:
    if start is None:
        return text.rfind(part)
    if not 0 <= start <= max(len(text), 1):
        raise CelError(f"index out of range: {start}")
    return text.rfind(part, 0, start + len(part))


def _split(text: str, by: str, limit: int = -1) -> list[str]:
    if limit == 0:
        return []
    if not by:
        parts = list(text)
        return (
            parts if limit < 0 or len(parts) <= limit else [*parts[: limit - 1], text[limit - 1 :]]
        )
    return text.split(by, limit - 1 if limit > 0 else -1)


def _join(items: Any, by: str = "") -> str:
    parts = list(items)
    if any(type(each) is not str for each in parts):
        raise CelError(NO_OVERLOAD)
    return by.join(parts)


def _matches(text: str, pattern: str) -> bool:
    return bool(goregex.compile(pattern).search(text))


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


# ---- optionals


def _value(held: Optional) -> Any:
    if not held.held:
        raise CelError("optional.none() dereference")
    return held.held[0]


def _first_element(items: Any) -> Optional:
    return optional(items[0]) if len(items) else NONE


def _last_element(items: Any) -> Optional:
    return optional(items[len(items) - 1]) if len(items) else NONE


# ---- the table

_TABLE: tuple[tuple[str, str, Impl], ...] = (
    ("int", "DYN", _int),
    ("uint", "DYN", _uint),
    ("double", "DYN", _double),
    ("bool", "DYN", _bool),
    ("string", "DYN", texts.text_of),
    ("bytes", "DYN", _bytes),
    ("timestamp", "DYN", _timestamp),
    ("duration", "DYN", _duration),
    ("dyn", "DYN", lambda value: value),
    ("type", "DYN", lambda value: Type(type_name(value))),
    ("-_", "DYN", negate),
    ("size", "STRING", len),
    ("size", "BYTES", len),
    ("size", "LIST", len),
    ("size", "MAP", len),
    ("contains", "STRING STRING", lambda text, part: part in text),
    ("startsWith", "STRING STRING", str.startswith),
    ("endsWith", "STRING STRING", str.endswith),
    ("matches", "STRING STRING", _matches),
    ("charAt", "STRING INT", _char_at),
    ("indexOf", "STRING STRING", _index_of),
    ("indexOf", "STRING STRING INT", _index_of),
    ("lastIndexOf", "STRING STRING", _last_index_of),
    ("lastIndexOf", "STRING STRING INT", _last_index_of),
    ("join", "LIST", _join),
    ("join", "LIST STRING", _join),
    ("lowerAscii", "STRING", lambda text: text.translate(_LOWER)),
    ("upperAscii", "STRING", lambda text: text.translate(_UPPER)),
    ("replace", "STRING STRING STRING", str.replace),
    ("replace", "STRING STRING STRING INT", str.replace),
    ("reverse", "STRING", lambda text: text[::-1]),
    ("split", "STRING STRING", _split),
    ("split", "STRING STRING INT", _split),
    ("substring", "STRING INT", _substring),
    ("substring", "STRING INT INT", _substring),
    ("trim", "STRING", str.strip),
    ("format", "STRING LIST", texts.formatted),
    ("strings.quote", "STRING", gotext.quote),
    ("optional.of", "DYN", optional),
    ("optional.ofNonZeroValue", "DYN", lambda value: NONE if is_zero(value) else optional(value)),
    ("optional.none", "", lambda: NONE),
    ("hasValue", "optional_type", lambda held: bool(held.held)),
    ("value", "optional_type", _value),
    ("first", "LIST", _first_element),
    ("last", "LIST", _last_element),
    *((name, "TIMESTAMP", times.part_of(name)) for name in (*times.PARTS, "getMilliseconds")),
    *(
        (name, "TIMESTAMP STRING", times.part_of(name))
        for name in (*times.PARTS, "getMilliseconds")
    ),
    *((name, "DURATION", times.length_of(name)) for name in times.LENGTHS),
)
# What may be done once, when an expression is compiled, if its argument is a constant.
FOLDED = frozenset({
    "int", "uint", "double", "bool", "string", "bytes", "timestamp", "duration", "dyn", "type",
})  # fmt: skip


def _known() -> dict[tuple[str, int], Impl]:
    overloads: dict[tuple[str, int], list[Overload]] = {}
    for name, parameters, impl in _TABLE:
        tests = tuple(tester(each) for each in parameters.split())
        overloads.setdefault((name, len(tests)), []).append((tests, impl))
    for each in library.FUNCTIONS:
        tests = tuple(tester(parameter.name()) for parameter in each.parameters)
        # Before CEL's own: string(ip) is theirs, string(dyn) takes anything.
        overloads.setdefault((each.name, len(tests)), []).insert(0, (tests, each.impl))
    return {key: _dispatch(alike) for key, alike in overloads.items()}


def _dispatch(alike: list[Overload]) -> Impl:
    def call(*args: Any) -> Any:
        for tests, impl in alike:
            if all(test(arg) for test, arg in zip(tests, args, strict=True)):
                try:
                    return impl(*args)
                except ValueError as error:
                    raise CelError(str(error)) from None
                except TypeError:
                    break
        raise CelError(NO_OVERLOAD)

    return call


FUNCTIONS: dict[tuple[str, int], Impl] = _known()
NAMESPACED = frozenset(name for name, _ in FUNCTIONS if "." in name)
