"""One watch of the whole store that feeds every resource's cache.

One watch, so one revision for all: when the feed has reached a revision, every cache has. A read
that must be consistent asks the store for its newest revision and waits for the feed to get there;
with an embedded store it is there already.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator

from kubepy.apiserver.watchcache import Cache, Change, Record
from kubepy.storage.store import (
    Compacted,
    Entry,
    Progress,
    StorageError,
    Store,
    Stored,
)

ROOT = "/registry/"
PAGE = 500  # objects of one read at start


class Feed:
    """Keeps `caches` up with `store`. Start it, then let `run` go on in a task of its own."""

    def __init__(self, store: Store, caches: list[Cache]) -> None:
        self.revision = 0
        self.store = store
        self._caches = caches
        # `/registry/services/specs/...` beside `/registry/pods/...`: some prefixes take two words.
        self._by_prefix: dict[str, list[Cache]] = {}
        for cache in caches:
            self._by_prefix.setdefault(cache.prefix, []).append(cache)
        self._written: dict[int, Record] = {}
        self._own = 0  # the newest write of this process
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    async def start(self) -> None:
        """Fill every cache from one moment of the store."""
        revision = await self.store.revision()
        for cache in self._caches:
            items = [item async for item in self._stored(cache.prefix, revision)]
            cache.fill(iter(items), revision)
        self.revision = revision

    async def _stored(self, prefix: str, revision: int) -> AsyncIterator[Stored]:
        after = ""
        while True:
            page = await self.store.list(prefix, revision=revision, limit=PAGE, after=after)
            for item in page.items:
                yield item
            if not page.more:
                return
            after = page.items[-1].key

    async def run(self) -> None:
        """Follow the store until it is closed."""
        try:
            while not await self._follow():
                await self._catch_up()
        finally:
            self._abandon()

    async def _follow(self) -> bool:
        """Take in each write. True: the store is closed; False: it has forgotten what is next."""
        try:
            async for entry in self.store.watch(ROOT, after=self.revision):
                if isinstance(entry, Progress):
                    self._reach(max(self.revision, entry.revision))
                    continue
                written = self._written.pop(entry.revision, None)
                for cache in self._caches_of(entry.key):
                    cache.apply(entry, written)
                self._reach(entry.revision)
        except Compacted:
            return False
        return True

    async def _catch_up(self) -> None:
        """Read everything anew, as one change for each object that is not as it was.

        What happened in between is lost to watches, but not how it ended.
        """
        revision = await self.store.revision()
        for cache in self._caches:
            items = [item async for item in self._stored(cache.prefix, revision)]
            for entry in cache.missed(items, revision):
                cache.apply(entry)
        self._written.clear()
        self._reach(revision)

    def _abandon(self) -> None:
        """Nobody will see what they wait for."""
        for _, _, waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(StorageError("the store is no longer followed"))
        self._waiting.clear()

    def _caches_of(self, key: str) -> list[Cache]:
        end = key.index("/", len(ROOT)) + 1 if "/" in key[len(ROOT) :] else len(key)
        found = self._by_prefix.get(key[:end])
        if found is None and (end := key.find("/", end) + 1):
            found = self._by_prefix.get(key[:end])
        return found or []

    def note(self, revision: int, record: Record | None = None) -> None:
        """This process has made the write `revision`; of its `record`, if it put one, it knows
        what the feed need not decode again."""
        self._own = max(self._own, revision)
        if record is not None and revision > self.revision:
            self._written[revision] = record

    def _reach(self, revision: int) -> None:
        self.revision = revision
        while self._waiting and self._waiting[0][0] <= revision:
            waiter = heapq.heappop(self._waiting)[2]
            if not waiter.done():
                waiter.set_result(None)

    async def reached(self, revision: int) -> None:
        """Wait until the caches show everything up to `revision`."""
        if revision > self.revision:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (revision, id(waiter), waiter))
            await waiter

    async def own_writes(self) -> None:
        """Wait until the caches show whatever this process has written: cheap with any store."""
        await self.reached(self._own)

    async def fresh(self) -> None:
        """Wait until the caches show everything that had been written when this was called."""
        revision = await self.store.revision()
        if revision > self.revision:
            # An etcd tells a quiet watch only on request how far it has come.
            await self.store.request_progress()
            await self.reached(revision)

    async def history(self, cache: Cache, after: int, until: int) -> AsyncIterator[list[Change]]:
        """The changes of one resource in (after, until], read from the store's log.

        Raises Compacted.
        """
        batch: list[Change] = []
        watch = self.store.watch(cache.prefix, after=after)
        async for entry in watch:
            if isinstance(entry, Entry) and entry.revision <= until:
                batch.append(cache.replayed(entry))
            if entry.revision >= until:
                break
            if len(batch) >= PAGE:
                yield batch
                batch = []
        if batch:
            yield batch
