"""Spans of time as people and Go write them: `1h30m0s`, `250ms`, `0s`."""

from __future__ import annotations

import re
from typing import Any, Self

_UNITS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "μs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_TERM = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")


class Seconds(float):
    """A span in seconds; in flags and config files it is written as `1m30s`."""

    @classmethod
    def from_wire(cls, value: Any) -> Self:
        """Raises ValueError. A bare number is a number of nanoseconds to Go: only 0 is taken."""
        if isinstance(value, str):
            return cls(parse(value))
        if value == 0 and not isinstance(value, bool):
            return cls(0.0)
        raise ValueError(f"{value!r} is not a duration (such as 1m30s)")

    def __str__(self) -> str:
        return render(self)


def parse(text: str) -> float:
    """Seconds. Raises ValueError."""
    sign, rest = (-1.0, text[1:]) if text.startswith("-") else (1.0, text.removeprefix("+"))
    if rest == "0":
        return 0.0
    total, at = 0.0, 0
    while at < len(rest) and (term := _TERM.match(rest, at)):
        total += float(term[1]) * _UNITS[term[2]]
        at = term.end()
    if not rest or at != len(rest):
        raise ValueError(f"{text!r} is not a duration (such as 1m30s)")
    return sign * total


def render(seconds: float) -> str:
    """As Go prints it: `1h0m0s`, `1m30s`, `1.5s`, `250ms`, `0s`."""
    if seconds == 0:
        return "0s"
    sign, nanos = ("-" if seconds < 0 else ""), round(abs(seconds) * 1e9)
    if nanos < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("µs", 1_000), ("ns", 1)):
            if nanos >= size:
                return f"{sign}{_decimal(nanos, size)}{unit}"
    minutes, nanos = divmod(nanos, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(nanos, 1_000_000_000)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    if hours:
        text = f"{hours}h{text}"
    return sign + text


def _decimal(value: int, unit: int) -> str:
    whole, rest = divmod(value, unit)
    digits = len(str(unit)) - 1
    fraction = f"{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{whole}.{fraction}" if fraction else str(whole)
