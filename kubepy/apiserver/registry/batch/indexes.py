"""Sets of a job's indexes, written as intervals: `0-2,5,7-9`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kubepy.meta.gotext import quote


class IndexesError(ValueError):
    """The text is no such set."""


def intervals(text: str, completions: int) -> Iterator[tuple[int, int]]:
    """The first and last index of each interval, ascending. IndexesError."""
    last = -1
    for part in text.split(",") if text else ():
        limits = part.split("-")
        if len(limits) > 2:
            raise IndexesError(
                "the fragment " + quote(part) + " violates the requirement that an index interval "
                "can have at most two parts separated by '-'"
            )
        first, end = (_number(limit) for limit in (limits[0], limits[-1]))
        if first >= completions:
            raise IndexesError(f"too large index: {quote(limits[0])}")
        if last >= first:
            raise IndexesError(f"non-increasing order, previous: {last}, current: {first}")
        if len(limits) == 2:
            if end >= completions:
                raise IndexesError(f"too large index: {quote(limits[1])}")
            if first >= end:
                raise IndexesError(f"non-increasing order, previous: {first}, current: {end}")
        last = end
        yield first, end


def _number(text: str) -> int:
    if re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        return int(text)
    raise IndexesError(f"cannot convert string to integer for index: {quote(text)}")


def count_indexes(text: str, completions: int) -> int:
    """How many indexes the set has. IndexesError."""
    return sum(last - first + 1 for first, last in intervals(text, completions))


def overlap(one: str, other: str, completions: int) -> int | None:
    """An index that is in both sets. IndexesError."""
    taken = list(intervals(one, completions))
    for first, last in intervals(other, completions):
        for start, end in taken:
            if first <= end and start <= last:
                return max(first, start)
    return None
