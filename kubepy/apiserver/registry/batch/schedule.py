"""Cron schedules: five fields, or a descriptor such as `@daily`. Complaints as robfig/cron's."""

from __future__ import annotations

import re

from kubepy.meta.gotext import quote

DESCRIPTORS = (
    "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly",
)  # fmt: skip
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_DAYS = "sun mon tue wed thu fri sat"
_BOUNDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),  # minutes
    (0, 23, {}),  # hours
    (1, 31, {}),  # days of the month
    (1, 12, {name: number for number, name in enumerate(_MONTHS.split(), 1)}),
    (0, 6, {name: number for number, name in enumerate(_DAYS.split())}),
)
_EVERY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)


class ScheduleError(ValueError):
    """The text is no schedule."""


def check(schedule: str) -> None:
    """ScheduleError if the text is no schedule."""
    text = schedule
    if text.startswith(("TZ=", "CRON_TZ=")):
        _, _, text = text.partition(" ")
        text = text.strip()
    if text.startswith("@"):
        _check_descriptor(text)
        return
    fields = text.split()
    if len(fields) != len(_BOUNDS):
        listed = f"[{' '.join(fields)}]"
        raise ScheduleError(f"expected exactly 5 fields, found {len(fields)}: {listed}")
    for field, (low, high, names) in zip(fields, _BOUNDS, strict=True):
        for expression in field.split(","):
            if expression:
                _check_range(expression, low, high, names)


def _check_descriptor(text: str) -> None:
    if text in DESCRIPTORS:
        return
    every, prefix, duration = text.partition("@every ")
    if every or not prefix:
        raise ScheduleError(f"unrecognized descriptor: {text}")
    rest = duration
    while rest and (match := _EVERY.match(rest)):
        rest = rest[match.end() :]
    if rest or not duration:
        why = f"time: invalid duration {quote(duration)}"
        raise ScheduleError(f"failed to parse duration {text}: {why}")


def _check_range(expression: str, low: int, high: int, names: dict[str, int]) -> None:
    """`*`, `?`, `n`, `n-m`, each perhaps with `/step`."""
    parts = expression.split("/")
    limits = parts[0].split("-")
    if limits[0] in ("*", "?"):
        start, end = low, high
        single = False
    else:
        start = _number(limits[0], names)
        single = len(limits) == 1
        if len(limits) > 2:
            raise ScheduleError(f"too many hyphens: {expression}")
        end = start if single else _number(limits[1], names)
    step = 1
    if len(parts) > 2:
        raise ScheduleError(f"too many slashes: {expression}")
    if len(parts) == 2:
        step = _number(parts[1], {})
        end = high if single else end
    if start < low:
        raise ScheduleError(f"beginning of range ({start}) below minimum ({low}): {expression}")
    if end > high:
        raise ScheduleError(f"end of range ({end}) above maximum ({high}): {expression}")
    if start > end:
        raise ScheduleError(
            f"beginning of range ({start}) beyond end of range ({end}): {expression}"
        )
    if step == 0:
        raise ScheduleError(f"step of range should be a positive number: {expression}")


def _number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        why = f"strconv.Atoi: parsing {quote(text)}: invalid syntax"
        raise ScheduleError(f"failed to parse int from {text}: {why}")
    number = int(text)
    if number < 0:
        raise ScheduleError(f"negative number ({number}) not allowed: {text}")
    return number
