"""What rules said about a part of an object, for the next one that is just like it.

The replicas of a template have the same spec to the byte, and checking one takes a quarter of a
create. Only pure functions can be remembered, and what they say is kept by the bytes they saw.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from kubepy.api import codec

T = TypeVar("T")

PARTS = 256  # of which one function remembers what it said
PART_BYTES = 8192  # longer ones are not remembered


def remembered(rule: Callable[..., list[T]]) -> Callable[..., list[T]]:
    """`rule(part, *others)`, a pure function of a Struct and of what else can be a key."""
    known: dict[tuple[bytes, tuple[Hashable, ...]], tuple[T, ...]] = {}

    def asked(part: Any, *others: Hashable) -> list[T]:
        key = codec.encode(part), others
        said = known.get(key)
        if said is None:
            said = tuple(rule(part, *others))
            if len(key[0]) <= PART_BYTES:
                if len(known) >= PARTS:
                    del known[next(iter(known))]  # the oldest
                known[key] = said
        return list(said)

    return asked
