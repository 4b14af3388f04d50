"""Values as texts: conversions and `format`, in Go's form. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from kubepy.apiserver.cel.times import duration_text, time_text
from kubepy.apiserver.cel.values import (
    LISTS,
    CelError,
    Duration,
    Opaque,
    Timestamp,
    Type,
    Uint,
    from_key,
    type_name,
)

MOST_DIGITS = 1000  # of precision that anybody may ask for
_VERB = re.compile(r"%(?:\.(\d+))?(.)", re.S)


def double_text(value: float) -> str:
    """As Go's strconv writes it with 'g' and as few digits as tell it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    sign, figures, shift = Decimal(repr(value)).normalize().as_tuple()
    assert isinstance(shift, int)
    exponent = len(figures) - 1 + shift
    if -4 <= exponent < 6:
        return f"{Decimal(repr(value)).normalize():f}"
    first, rest = str(figures[0]), "".join(map(str, figures[1:]))
    mantissa = f"{'-' if sign else ''}{first}{'.' if rest else ''}{rest}"
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def text_of(value: Any) -> str:
    """`string(value)`. Raises CelError."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(int(value))
        case float():
            return double_text(value)
        case str():
            return value
        case bytes():
            try:
                return value.decode()
            except UnicodeDecodeError:
                raise CelError("invalid UTF-8 in bytes, cannot convert to string") from None
        case Timestamp():
            return time_text(value)
        case Duration():
            return duration_text(value)
        case Opaque():
            return value.text
        case Type():
            return value.name
    raise CelError("no such overload")


def formatted(template: str, args: Sequence[Any]) -> str:
    """`template.format(args)`. Raises CelError."""
    given = list(args)
    used = 0

    def one(match: re.Match[str]) -> str:
        nonlocal used
        precision, verb = match[1], match[2]
        if verb == "%":
            return "%"
        if used >= len(given):
            raise CelError(f"index {used} out of range")
        used += 1
        return _verb(verb, int(precision or 6), given[used - 1])

    found = _VERB.sub(one, template)
    if "%" in _VERB.sub("", template):
        raise CelError("unexpected end of string")
    return found


def _verb(verb: str, precision: int, value: Any) -> str:
    if precision > MOST_DIGITS:
        raise CelError(f"error during formatting: precision of {precision} is too great")
    kind = type(value)
    whole = kind in (int, Uint)
    match verb:
        case "s":
            return shown(value)
        case "d" if whole:
            return str(int(value))
        case "d" if kind is float and not math.isfinite(value):
            return shown(value)
        case "f" | "e" if kind is float or whole:
            number = float(value)
            return f"{number:.{precision}{verb}}" if math.isfinite(number) else shown(number)
        case "b" if kind is bool or whole:
            return f"{int(value):b}"
        case "o" if whole:
            return f"{int(value):o}"
        case "x" | "X" if whole:
            return f"{int(value):{verb}}"
        case "x" | "X" if kind in (str, bytes):
            digits = str((value.encode() if kind is str else value).hex())
            return digits.upper() if verb == "X" else digits
        case "s" | "d" | "f" | "e" | "b" | "o" | "x" | "X":
            raise CelError(
                f"error during formatting: %{verb} cannot be used with {type_name(value)}"
            )
    raise CelError(f'could not parse formatting clause: unrecognized formatting clause "{verb}"')


def shown(value: Any) -> str:
    """As %s has it."""
    kind = type(value)
    if value is None:
        return "null"
    if kind is float and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if kind in LISTS:
        return f"[{', '.join(map(shown, value))}]"
    if kind is dict:
        entries = sorted((shown(from_key(key)), shown(held)) for key, held in value.items())
        return "{" + ", ".join(f"{key}: {held}" for key, held in entries) + "}"
    return text_of(value)
