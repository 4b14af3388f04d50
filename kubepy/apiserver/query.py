"""Query strings, and the values in them as Kubernetes converts them. Pure.

The first value of a key counts, a boolean is true unless plainly false, a number that is none is a
bad request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from kubepy.meta import errors

Query = Mapping[str, Sequence[str]]

NOTHING: Query = {}
FALSE = frozenset({"0", "false"})
INT64 = range(-(2**63), 2**63)
INT64_DIGITS = 19


def parse(raw: str) -> Query:
    query: dict[str, list[str]] = {}
    for key, value in parse_qsl(raw, keep_blank_values=True):
        query.setdefault(key, []).append(value)
    return query


def text(query: Query, key: str) -> str:
    values = query.get(key)
    return values[0] if values else ""


def flag(query: Query, key: str) -> bool | None:
    """None: not given."""
    values = query.get(key)
    return values[0].lower() not in FALSE if values else None


def number(query: Query, key: str) -> int | None:
    """None: not given. Raises BadRequest."""
    value = text(query, key)
    if not value:
        return None
    digits = value.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise errors.BadRequest.of(f'strconv.ParseInt: parsing "{value}": invalid syntax')
    if len(digits) > INT64_DIGITS or int(value) not in INT64:
        raise errors.BadRequest.of(f'strconv.ParseInt: parsing "{value}": value out of range')
    return int(value)
