"""The end of the log in memory, and the watches that wait there.

The log is what watches read; the newest part of it is kept here, so that a watch that keeps up
costs no query. Everything here belongs to the event loop's thread.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter

from kubepy.storage.log import Batch
from kubepy.storage.store import Entry, Progress

KEEP_ENTRIES = 2_000
KEEP_BYTES = 16 << 20
READ_ENTRIES = 500  # a query for a watch that lags

ReadLog = Callable[[str, int, int], Awaitable[Batch]]  # prefix, after, limit


class Tail:
    """The newest entries, without gaps up to `revision`."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self._after = revision  # every entry later than this one is here
        self.closed = False
        self.progress_requests = 0
        self._entries: list[Entry] = []
        self._bytes = 0
        self._waiting: set[Watch] = set()

    def publish(self, entries: Sequence[Entry]) -> None:
        """Take in what was just committed, and wake the watches that it concerns.

        The entries of one revision must come in one piece.
        """
        if not entries:
            return
        self._entries.extend(entries)
        self._bytes += sum(map(_size, entries))
        self.revision = entries[-1].revision
        for watch in tuple(self._waiting):
            if any(entry.key.startswith(watch.prefix) for entry in entries):
                watch.wake()
            else:
                watch.position = max(watch.position, self.revision)
        self._trim()

    def since(self, position: int) -> list[Entry] | None:
        """The entries later than `position`; None: they do not all stand here any more."""
        if position >= self.revision:
            return []
        if position < self._after:
            return None
        return self._entries[bisect_right(self._entries, position, key=_revision) :]

    def skip_to(self, revision: int) -> None:
        """What lies between is unknown: who has not read it must read the log."""
        self._entries.clear()
        self._bytes = 0
        self._after = self.revision = revision
        self._wake_all()

    def request_progress(self) -> None:
        self.progress_requests += 1
        self._wake_all()

    def close(self) -> None:
        self.closed = True
        self._wake_all()

    async def wait(self, watch: Watch) -> None:
        """Until something new concerns `watch`."""
        self._waiting.add(watch)
        try:
            await watch.woken()
        finally:
            self._waiting.discard(watch)

    def _wake_all(self) -> None:
        for watch in tuple(self._waiting):
            watch.wake()

    def _trim(self) -> None:
        """Drop the older half when there is too much, so that the cost is spread."""
        while self._entries and (len(self._entries) > KEEP_ENTRIES or self._bytes > KEEP_BYTES):
            self._after = self._entries[(len(self._entries) - 1) // 2].revision
            end = bisect_right(self._entries, self._after, key=_revision)
            self._bytes -= sum(map(_size, self._entries[:end]))
            del self._entries[:end]


class Watch:
    """One reader of the log. `position` is the revision up to which it has read.

    A cancelled `anext` loses nothing: the next one goes on.
    """

    def __init__(self, tail: Tail, read: ReadLog, prefix: str, after: int) -> None:
        self.prefix = prefix
        self.position = after
        self._tail = tail
        self._read = read
        self._started = False
        self._answered = -1  # the progress request that was answered last
        self._ready: deque[Entry | Progress] = deque()
        self._wakeup: asyncio.Future[None] | None = None

    def __aiter__(self) -> Watch:
        return self

    async def __anext__(self) -> Entry | Progress:
        while not self._ready:
            if self._tail.closed:
                raise StopAsyncIteration
            await self._advance()
        return self._ready.popleft()

    async def _advance(self) -> None:
        """Read on; at the end of the log tell the progress if asked to, or else wait."""
        # The first read is from the log itself, which knows what has been compacted.
        recent = self._tail.since(self.position) if self._started else None
        if recent is None:
            entries, reached = await self._read(self.prefix, self.position, READ_ENTRIES)
            self._started = True
            self._ready.extend(entries)
            self.position = reached
        elif recent:
            self._ready.extend(e for e in recent if e.key.startswith(self.prefix))
            self.position = recent[-1].revision
        elif self._answered < self._tail.progress_requests:
            self._answered = self._tail.progress_requests
            self._ready.append(Progress(self.position))
        else:
            await self._tail.wait(self)

    async def woken(self) -> None:
        self._wakeup = asyncio.get_running_loop().create_future()
        await self._wakeup

    def wake(self) -> None:
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)


_revision = attrgetter("revision")


def _size(entry: Entry) -> int:
    return len(entry.key) + len(entry.value or b"") + len(entry.previous or b"")
