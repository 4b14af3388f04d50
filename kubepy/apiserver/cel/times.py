"""Timestamps and durations of CEL: read, written, taken apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from kubepy.apiserver.cel.values import INT_MAX, INT_MIN, SECOND, CelError, Duration, Timestamp

FIRST, LAST = -62135596800, 253402300799  # seconds: the years 1 to 9999
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_PIECE = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_UNITS = {
    "ns": 1, "us": 1_000, "µs": 1_000, "μs": 1_000, "ms": 10**6, "s": SECOND,
    "m": 60 * SECOND, "h": 3600 * SECOND,
}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def at(nanos: int) -> Timestamp:
    if not FIRST <= nanos // SECOND <= LAST:
        raise CelError("timestamp overflow")
    return Timestamp(nanos)


def lasting(nanos: int) -> Duration:
    if not INT_MIN <= nanos <= INT_MAX:
        raise CelError("duration overflow")
    return Duration(nanos)


def parse_time(text: str) -> Timestamp:
    """RFC 3339. Raises CelError."""
    match = _TIME.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        year, month, day, hour, minute, second = (int(match[n]) for n in range(1, 7))
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        seconds = (moment - _EPOCH) // timedelta(seconds=1)
        if match[8] != "Z":
            seconds -= _offset(match[8])
    except ValueError:
        raise CelError(
            f'parsing time "{text}" as "2006-01-02T15:04:05Z07:00": cannot parse "{text}" as "2006"'
        ) from None
    return at(seconds * SECOND + int((match[7] or "0").ljust(9, "0")))


def parse_duration(text: str) -> Duration:
    """Go's form, `1h2.5s`. Raises CelError."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if rest == "0":
        return Duration(0)
    total, end = 0, 0
    for match in _PIECE.finditer(rest):
        if match.start() != end:
            break
        whole, _, part = match[1].partition(".")
        unit = _UNITS[match[2]]
        total += int(whole or "0") * unit + int(part or "0") * unit // 10 ** len(part)
        end = match.end()
    if not rest or end != len(rest):
        raise CelError(f'time: invalid duration "{text}"')
    return lasting(sign * total)


def time_text(time: Timestamp) -> str:
    seconds, nanos = divmod(time.nanos, SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    part = f".{nanos:09}".rstrip("0") if nanos else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + part + "Z"


def duration_text(duration: Duration) -> str:
    sign = "-" if duration.nanos < 0 else ""
    seconds, nanos = divmod(abs(duration.nanos), SECOND)
    part = f".{nanos:09}".rstrip("0") if nanos else ""
    return f"{sign}{seconds}{part}s"


def _offset(text: str) -> int:
    """`+01:30` in seconds. Raises ValueError."""
    hours, _, minutes = text.lstrip("+-").partition(":")
    seconds = int(hours) * 3600 + int(minutes) * 60
    return -seconds if text.startswith("-") else seconds


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    """Raises CelError."""
    try:
        if ":" in name:
            return timezone(timedelta(seconds=_offset(name)))
        return UTC if name in ("", "UTC") else ZoneInfo(name)
    except (ValueError, OSError):
        raise CelError(f"unknown time zone {name}") from None


def _local(time: Timestamp, zone: str) -> datetime:
    moment = _EPOCH + timedelta(seconds=time.nanos // SECOND)
    try:
        return moment.astimezone(_zone(zone))
    except OverflowError:
        raise CelError("timestamp overflow") from None


PARTS: dict[str, Callable[[datetime], int]] = {
    "getFullYear": lambda moment: moment.year,
    "getMonth": lambda moment: moment.month - 1,
    "getDate": lambda moment: moment.day,
    "getDayOfMonth": lambda moment: moment.day - 1,
    "getDayOfWeek": lambda moment: moment.isoweekday() % 7,
    "getDayOfYear": lambda moment: moment.timetuple().tm_yday - 1,
    "getHours": lambda moment: moment.hour,
    "getMinutes": lambda moment: moment.minute,
    "getSeconds": lambda moment: moment.second,
}
LENGTHS = {
    "getHours": 3600 * SECOND, "getMinutes": 60 * SECOND, "getSeconds": SECOND,
    "getMilliseconds": 10**6,
}  # fmt: skip


def part_of(name: str) -> Callable[..., int]:
    """`time.getX()`, and in a time zone."""

    def part(time: Timestamp, zone: str = "UTC") -> int:
        if name == "getMilliseconds":
            _zone(zone)
            return time.nanos % SECOND // 10**6
        return PARTS[name](_local(time, zone))

    return part


def length_of(name: str) -> Callable[[Duration], int]:
    """`duration.getX()`: the whole of it in that unit."""
    unit = LENGTHS[name]

    def length(duration: Duration) -> int:
        whole = abs(duration.nanos) // unit
        return -whole if duration.nanos < 0 else whole

    return length


def plus(one: Any, other: Any) -> Any:
    """Raises CelError."""
    if type(one) is Duration and type(other) is Duration:
        return lasting(one.nanos + other.nanos)
    return at(one.nanos + other.nanos)


def minus(one: Any, other: Any) -> Any:
    """Raises CelError."""
    if type(one) is Timestamp and type(other) is Duration:
        return at(one.nanos - other.nanos)
    return lasting(one.nanos - other.nanos)
