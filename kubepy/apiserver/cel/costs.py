"""What steps of an evaluation cost while it runs, in cel-go's and Kubernetes' units. Pure.

A name or a field is one step, a text or list costs by its size, a call that is not listed here one.
Two things cost more than there: nested values that are compared, and texts that functions make
longer. Nobody would notice but who tries to keep a server busy.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from kubepy.apiserver.cel.values import LISTS, TRAVERSAL, Opaque, size, traversal

NAME = 1
LIST, MAP, MESSAGE = 10, 30, 40  # to make one
UNCOUNTED = 20_000_000  # characters that nobody may afford to format
REGEX = 0.25  # a character of a pattern

Cost = Callable[[Sequence[Any]], int]


def compared(args: Sequence[Any]) -> int:
    return math.ceil(min(size(args[0]), size(args[1])) * TRAVERSAL)


def joined(args: Sequence[Any]) -> int:
    """`+`: lists are not copied."""
    if type(args[0]) in (str, bytes):
        return math.ceil((size(args[0]) + size(args[1])) * TRAVERSAL)
    return 1


def contained(args: Sequence[Any]) -> int:
    """`in`"""
    return size(args[1]) if type(args[1]) in LISTS else 1


def _matched(args: Sequence[Any]) -> int:
    text = math.ceil((1 + size(args[0])) * TRAVERSAL)
    return text * math.ceil(size(args[1]) * REGEX)


def _searched(args: Sequence[Any]) -> int:
    return traversal(args[0]) * traversal(args[1])


def _once(args: Sequence[Any]) -> int:
    return traversal(args[0])


def _twice(args: Sequence[Any]) -> int:
    return traversal(args[0], 2 * TRAVERSAL)


def _through(args: Sequence[Any]) -> int:
    """A list element by element, texts in it by their size."""
    if type(args[0]) in LISTS:
        return sum(traversal(each) if type(each) in (str, bytes) else 1 for each in args[0])
    return traversal(args[0])


def _replaced(args: Sequence[Any]) -> int:
    """The text and what becomes of it, which may be much more."""
    text, old, new = args[:3]
    grown: int = text.count(old) * max(0, len(new) - len(old))
    return math.ceil((len(text) + grown) * 2 * TRAVERSAL)


def _strung(args: Sequence[Any]) -> int:
    between = size(args[1]) * len(args[0]) if len(args) > 1 else 0
    return math.ceil((sum(map(size, args[0])) + between) * 2 * TRAVERSAL)


def _formatted(args: Sequence[Any]) -> int:
    """All that is shown; what takes too long to count is too much."""
    total, waiting = size(args[0]), [args[1]]
    while waiting and total < UNCOUNTED:
        value = waiting.pop()
        total += size(value)
        if type(value) is dict:
            waiting += value.values()
        elif type(value) in LISTS:
            waiting += value
    return math.ceil(total * TRAVERSAL)


def _sets(factor: int) -> Cost:
    return lambda args: 1 + size(args[0]) * size(args[1]) * factor


def _address(args: Sequence[Any]) -> int:
    """Of a CIDR whether something is in it: 4 or 16 bytes twice, and a text to parse."""
    own = 16 if ":" in args[0].text else 4
    parsed = 0 if type(args[1]) is Opaque else traversal(args[1])
    return math.ceil(2 * own * TRAVERSAL) + parsed


def _network(args: Sequence[Any]) -> int:
    own = 16 if ":" in args[0].text else 4
    return _address(args) + math.ceil(own * TRAVERSAL) + 1


def _parsed(args: Sequence[Any]) -> int:
    return 1 if type(args[0]) is Opaque else traversal(args[0])


CALLS: dict[str, Cost] = {
    **dict.fromkeys(("url", "isURL", "lowerAscii", "upperAscii", "substring", "trim"), _once),
    **dict.fromkeys(("isIP", "isCIDR", "cidr", "quantity", "isQuantity"), _once),
    **dict.fromkeys(("semver", "isSemver", "validate", "startsWith", "endsWith"), _once),
    **dict.fromkeys(("strings.quote",), _once),
    **dict.fromkeys(("bytes", "string", "timestamp", "duration", "int", "double"), _parsed),
    **dict.fromkeys(("split", "ip.isCanonical"), _twice),
    **dict.fromkeys(("isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"), _through),
    **dict.fromkeys(("matches", "find", "findAll"), _matched),
    "replace": _replaced,
    "join": _strung,
    "format": _formatted,
    "ip": _parsed,
    "contains": _searched,
    "containsIP": _address,
    "containsCIDR": _network,
    "sets.contains": _sets(1),
    "sets.intersects": _sets(1),
    "sets.equivalent": _sets(2),
}
