"""One watch of all keys that keeps the store's tail up with etcd, and the reading of its past."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from random import Random

from kubepy.base.backoff import Backoff
from kubepy.base.watermark import Watermark
from kubepy.storage.etcd import messages
from kubepy.storage.etcd.connection import CLOSED, Connection
from kubepy.storage.log import Batch
from kubepy.storage.store import Compacted, Entry, StorageError
from kubepy.storage.tail import Tail

STUCK_SECONDS = 1.0  # that the watch may be behind before somebody looks why

logger = logging.getLogger(__name__)


class Follower:
    """`tail` ends where etcd does, a moment later; `newest` asks etcd where that is."""

    def __init__(
        self,
        connection: Connection,
        revision: int,
        newest: Callable[[], Awaitable[int]],
        random: Random,
    ) -> None:
        self.tail = Tail(revision)
        self._connection = connection
        self._newest = newest
        self._random = random
        self._reached = Watermark(revision)  # as the tail has
        self._task = asyncio.create_task(self._run(), name="etcd-watch")

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._reached.abandon(StorageError(CLOSED))
        self.tail.close()

    async def reached(self, revision: int) -> None:
        """Wait until the tail holds everything up to `revision`. Raises StorageError."""
        while revision > self.tail.revision:
            try:
                async with asyncio.timeout(STUCK_SECONDS):
                    await self._reached.reached(revision)
            except TimeoutError:
                await self._look_whether_it_is_gone()

    async def _look_whether_it_is_gone(self) -> None:
        """A watch that begins at the very revision that is compacted is not refused: if that was
        a delete, and the last write of all, it waits for ever for what is no longer there.
        """
        try:
            await self._check(self.tail.revision)
        except Compacted:
            await self._skip()

    async def _run(self) -> None:
        """Keep the tail up with etcd, for ever, whatever happens to the way there."""
        timing = self._connection.timing
        backoff = Backoff(timing.retry, timing.reconnect, jitter=0.5)
        failures = 0
        while True:
            try:
                async with contextlib.aclosing(self._later_than(self.tail.revision)) as news:
                    async for found in news:
                        self._publish(found)
                        failures = 0
            except Compacted as gap:
                logger.warning("the watch of etcd was left behind: %s", gap)
                await self._skip()
            except StorageError as problem:
                failures += 1
                logger.warning("the watch of etcd at %s: %s", self._connection, problem)
                await asyncio.sleep(backoff.delay(failures, self._random))

    async def _later_than(self, after: int) -> AsyncGenerator[list[Entry], None]:
        """The entries of all keys later than `after`, as they come."""
        watch = self._connection.watch(messages.watch_request(after))
        async with contextlib.aclosing(watch) as responses:
            async for response in responses:
                if found := messages.entries(response.events, after):
                    after = found[-1].revision
                    yield found

    def _publish(self, found: list[Entry]) -> None:
        self.tail.publish(found)
        self._reached.raise_to(self.tail.revision)

    async def _skip(self) -> None:
        """Go on at the newest revision; who needs what lies between finds that it is gone."""
        with contextlib.suppress(StorageError):
            self.tail.skip_to(await self._newest())
            self._reached.raise_to(self.tail.revision)

    async def read(self, prefix: str, after: int, limit: int) -> Batch:
        """What a watch reads that does not find it in the tail, or that has just begun."""
        newest = await self._newest()
        await self.reached(newest)
        if after >= newest:
            return [], after
        found = self.tail.since(after)
        if found is None:
            await self._check(after)
            found = await self._history(after, newest, limit)
        # Last: what can still be read now has not been compacted while it was read.
        await self._check(after)
        reached = found[-1].revision if found else after
        return [e for e in found if e.key.startswith(prefix)], reached

    async def _history(self, after: int, until: int, limit: int) -> list[Entry]:
        """The entries of all keys in (after, until], or at least `limit` of them.

        Fewer if etcd falls silent, as it does over a delete that has just been compacted.
        """
        found: list[Entry] = []
        patience_seconds = self._connection.timing.call
        loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            async with (
                asyncio.timeout(patience_seconds) as patience,
                contextlib.aclosing(self._later_than(after)) as history,
            ):
                async for entries in history:
                    found += entries
                    if found[-1].revision >= until or len(found) >= limit:
                        break
                    patience.reschedule(loop.time() + patience_seconds)
        return found

    async def _check(self, revision: int) -> None:
        """Raises Compacted if what is later than `revision` is not all kept."""
        try:
            request = messages.header_request(max(revision, 1))
            await self._connection.ask("KV/Range", request, again=True)
        except Compacted:
            raise Compacted(revision) from None
