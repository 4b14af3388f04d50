"""Semantic versions (semver.org 2.0.0), as far as CEL's semver asks. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = re.compile(
    rf"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-({_PART}(?:\.{_PART})*))?(?:\+[0-9A-Za-z.-]+)?",
    re.ASCII,
)

Version = tuple[int, int, int, tuple[str, ...]]


@lru_cache(maxsize=1024)
def parse(text: str, *, normalize: bool = False) -> Version:
    """Raises ValueError. `normalize`: a leading v goes, what is missing is 0, no leading zeros."""
    given = normalized(text) if normalize else text
    match = _VERSION.fullmatch(given)
    if match is None:
        raise ValueError(f"semver parse error during conversion from string: {text!r}")
    parts = tuple(match[4].split(".")) if match[4] else ()
    return int(match[1]), int(match[2]), int(match[3]), parts


def normalized(text: str) -> str:
    text = text.strip().removeprefix("v")
    match = re.fullmatch(r"([\d.]*)([-+].*)?", text, re.ASCII)
    if match is None:
        return text
    numbers = [str(int(part)) for part in match[1].split(".") if part]
    return ".".join((numbers + ["0", "0", "0"])[:3]) + (match[2] or "")


def compare(one: Version, other: Version) -> int:
    """-1, 0 or 1."""
    if one[:3] != other[:3]:
        return -1 if one[:3] < other[:3] else 1
    mine, theirs = _ranks(one[3]), _ranks(other[3])
    return (mine > theirs) - (mine < theirs)


def _ranks(parts: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    """A key to compare: no pre-release is newest, numbers are older than words."""
    if not parts:
        return ((2, 0, ""),)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
