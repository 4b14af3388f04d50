"""How long a crashing container waits before it is started again: 10 s, doubling, at most 5 min.

A container that has run well for twice the longest wait starts from the beginning again.

    crash 1 → at once   (entry: 10 s)
    crash 2 → 10 s after it died   (entry: 20 s)
    crash 3 → 20 s after it died   (entry: 40 s) …
"""

from __future__ import annotations

from msgspec import Struct

INITIAL = 10.0
LONGEST = 300.0
FORGET_AFTER = 2  # times the longest wait


class Backoff(Struct, frozen=True):
    """The wait after the next death, in seconds, and when it was last made longer (unix)."""

    delay: float
    updated: float
    hash: str = ""  # of the container's definition: a changed one starts afresh


def advance(
    entry: Backoff | None, now: float, *, definition: str = "", longest: float = LONGEST
) -> Backoff:
    """The entry after one more restart at `now`."""
    fresh = (
        entry is None or entry.hash != definition or now - entry.updated > FORGET_AFTER * longest
    )
    if fresh or entry is None:
        return Backoff(min(INITIAL, longest), now, definition)
    return Backoff(min(entry.delay * 2, longest), now, definition)


def wait_until(
    entry: Backoff | None, died: float, *, definition: str = "", longest: float = LONGEST
) -> float:
    """When a container that died at `died` may start again (unix); in the past for at once."""
    if entry is None or entry.hash != definition or died - entry.updated > FORGET_AFTER * longest:
        return died
    return died + entry.delay
