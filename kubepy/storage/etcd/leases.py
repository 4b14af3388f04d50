"""Leases for what has a time to live: one for all that is written within a minute.

A lease costs etcd memory and a write of its own, and events come in crowds. So a lease is granted
for a little longer than asked, and taken again while it still lasts long enough:

    asked 3600 s at 12:00:00   granted for 3660 s, until 13:01:00
    asked 3600 s at 12:00:59   the same one
    asked 3600 s at 12:01:01   another one
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct
from msgspec.structs import replace

from kubepy.base.clock import Clock

REUSE_SECONDS = 60
REUSE_PART = 0.05  # of the time to live, if that is less
MOST_KEYS = 1_000  # of one lease: etcd deletes them all in one write

Grant = Callable[[int], Awaitable[int]]  # seconds → id


class Lease(Struct, frozen=True):
    """A lease that was granted; `ends` on the clock of who asked, `keys` how often it was used."""

    id: int
    ends: float
    keys: int = 0


def slack(seconds: int) -> int:
    """How much longer than asked a lease may last."""
    return min(REUSE_SECONDS, int(seconds * REUSE_PART))


def serves(lease: Lease, seconds: int, now: float) -> bool:
    """Whether a key that shall live for `seconds` may hang on an older lease."""
    wanted = now + seconds
    return wanted <= lease.ends <= wanted + slack(seconds) and lease.keys < MOST_KEYS


class Leases:
    """Hands out the id of a lease for a key."""

    def __init__(self, clock: Clock, grant: Grant) -> None:
        self._clock = clock
        self._grant = grant
        self._newest: dict[int, Lease] = {}  # by the seconds that are asked for: few
        self._granting = asyncio.Lock()  # one for all who find that the newest no longer serves

    async def lease(self, seconds: int) -> int:
        """Raises StorageError."""
        async with self._granting:
            now = self._clock.monotonic()
            newest = self._newest.get(seconds)
            if newest is None or not serves(newest, seconds, now):
                granted = seconds + slack(seconds)
                # Counted from before the question: etcd's own end is never earlier than ours.
                newest = Lease(await self._grant(granted), now + granted)
            self._newest[seconds] = replace(newest, keys=newest.keys + 1)
            return newest.id

    def forget(self, id: int) -> None:
        """etcd no longer knows it."""
        self._newest = {key: lease for key, lease in self._newest.items() if lease.id != id}
