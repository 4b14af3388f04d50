"""One watch of the whole store that feeds every resource's cache.

One watch, so one revision for all: when the feed has reached a revision, every cache has. A read
that must be consistent asks the store for its newest revision and waits for the feed to get there;
with an embedded store it is there already. So two servers over one store never disagree: what the
one has answered, the other has in its caches before it answers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kubepy.api.meta.v1 import StatusCause, StatusDetails
from kubepy.apiserver.settings import REGISTRY
from kubepy.apiserver.watchcache import Cache, Change, Record
from kubepy.base.watermark import Watermark
from kubepy.meta import errors
from kubepy.storage.store import (
    Compacted,
    Entry,
    Progress,
    StorageError,
    Store,
    Stored,
)

PAGE = 500  # objects of one read at start
PATIENCE_SECONDS = 3.0  # how long a read waits for a revision that is not there yet
RETRY_SECONDS = 1.0  # until a store that is out of reach is asked again

log = logging.getLogger(__name__)


class Feed:
    """Keeps `caches` up with `store`. Start it, then let `run` go on in a task of its own."""

    def __init__(self, store: Store, caches: list[Cache], root: str = REGISTRY) -> None:
        """`root`: what the keys of all caches begin with, the slash at the end left out."""
        self.store = store
        self.root = f"{root}/"
        self._reached = Watermark()
        self._caches = caches
        # `/registry/services/specs/...` beside `/registry/pods/...`: some prefixes take two words.
        self._by_prefix: dict[str, list[Cache]] = {}
        for cache in caches:
            self._by_prefix.setdefault(cache.prefix, []).append(cache)
        self._arriving: dict[Cache, list[Entry]] = {}  # what was written while a cache is filled
        self._written: dict[int, Record] = {}
        self._own = 0  # the newest write of this process

    @property
    def revision(self) -> int:
        """Up to where the caches show everything."""
        return self._reached.value

    async def start(self) -> None:
        """Fill every cache from one moment of the store."""
        revision = await self.store.revision()
        for cache in self._caches:
            items = [item async for item in self._stored(cache.prefix, revision)]
            cache.fill(iter(items), revision)
        self._reached.raise_to(revision)

    async def _stored(self, prefix: str, revision: int) -> AsyncIterator[Stored]:
        after = ""
        while True:
            page = await self.store.list(prefix, revision=revision, limit=PAGE, after=after)
            for item in page.items:
                yield item
            if not page.more:
                return
            after = page.items[-1].key

    async def adopt(self, cache: Cache) -> None:
        """Fill one more cache, and keep it up from then on. Nothing that is written meanwhile is
        lost, and the feed has reached what the cache shows."""
        self._by_prefix.setdefault(cache.prefix, []).append(cache)
        while True:
            arriving = self._arriving[cache] = []
            revision = await self.store.revision()
            items = [item async for item in self._stored(cache.prefix, revision)]
            await self.fresh()
            if self._arriving[cache] is arriving:
                break  # else the feed has lost its place in the meantime
        cache.fill(iter(items), revision)
        for entry in arriving:
            if entry.revision > revision:
                cache.apply(entry)
        del self._arriving[cache]
        self._caches.append(cache)

    def drop(self, cache: Cache) -> None:
        """Follow it no more; its watches end."""
        self._by_prefix[cache.prefix].remove(cache)
        self._caches.remove(cache)
        cache.close()

    async def run(self) -> None:
        """Follow the store until it is closed."""
        try:
            while not await self._follow():
                pass
        finally:
            self._reached.abandon(StorageError("the store is no longer followed"))

    async def _follow(self) -> bool:
        """Take in what is written. True: the store is closed; False: something interrupted."""
        try:
            return await self._take_in()
        except StorageError as problem:
            log.warning("following the store: %s", problem)
            await asyncio.sleep(RETRY_SECONDS)
            return False

    async def _take_in(self) -> bool:
        try:
            async for entry in self.store.watch(self.root, after=self.revision):
                if isinstance(entry, Entry):
                    written = self._written.pop(entry.revision, None)
                    for cache in self._caches_of(entry.key):
                        if cache in self._arriving:
                            self._arriving[cache].append(entry)
                        else:
                            cache.apply(entry, written)
                self._reached.raise_to(entry.revision)
        except Compacted:
            await self._catch_up()
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
        for cache in self._arriving:
            self._arriving[cache] = []
        self._written.clear()
        self._reached.raise_to(revision)

    def _caches_of(self, key: str) -> list[Cache]:
        start = len(self.root)
        end = key.index("/", start) + 1 if "/" in key[start:] else len(key)
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

    async def reached(self, revision: int) -> None:
        """Wait until the caches show everything up to `revision`. Raises Timeout."""
        if revision > self.revision:
            async with self._patience(revision):
                await self._reached.reached(revision)

    async def own_writes(self) -> None:
        """Wait until the caches show whatever this process has written: cheap with any store.

        Raises Timeout.
        """
        await self.reached(self._own)

    async def fresh(self) -> None:
        """Wait until the caches show everything that had been written when this was called.

        Raises Timeout, StorageError.
        """
        revision = await self.store.revision()
        if revision > self.revision:
            async with self._patience(revision):
                # The newest write may be none of ours: the watch tells only when asked.
                await self.store.request_progress(revision)
                await self._reached.reached(revision)

    @asynccontextmanager
    async def _patience(self, revision: int) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                yield
        except TimeoutError:
            raise too_large(revision, self.revision) from None

    async def history(self, cache: Cache, after: int, until: int) -> AsyncIterator[list[Change]]:
        """The changes of one resource in (after, until], read from the store's log.

        Raises Compacted.
        """
        batch: list[Change] = []
        watch = self.store.watch(cache.prefix, after=after)
        async for entry in watch:
            if entry.revision > until or (isinstance(entry, Progress) and entry.revision == until):
                break
            if isinstance(entry, Entry) and (change := cache.replayed(entry)) is not None:
                batch.append(change)
            if len(batch) >= PAGE:
                yield batch
                batch = []
        if batch:
            yield batch


def too_large(revision: int, current: int) -> errors.Timeout:
    """The client has seen a future that this server has not."""
    cause = StatusCause(reason="ResourceVersionTooLarge", message="Too large resource version")
    message = f"Timeout: Too large resource version: {revision}, current: {current}"
    return errors.Timeout.make(message, StatusDetails(causes=(cause,), retryAfterSeconds=1))
