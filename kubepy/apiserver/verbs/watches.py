"""watch: a stream that pulls changes from a cache's log, and from the store's history before that.

resourceVersion    what comes first
"" or "0"          an ADDED for each object there is
N                  every change since N; 410 as an event if the store has forgotten some
sendInitialEvents  an ADDED for each object, then a bookmark that says so
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from random import Random

from kubepy.api.meta.v1 import ListOptions, ObjectMeta, Status
from kubepy.apiserver import options
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.selection import Selection
from kubepy.apiserver.verbs import reads
from kubepy.apiserver.watchcache import Change
from kubepy.meta import errors
from kubepy.meta.calls import (
    ADDED,
    BOOKMARK,
    ERROR,
    INITIAL_EVENTS_END,
    Call,
    Event,
    Item,
)
from kubepy.storage.store import Compacted, StorageError

MIN_SECONDS = 1800  # a watch without timeoutSeconds ends after this, or up to twice as much
BOOKMARK_SECONDS = 60.0
BATCH = 256  # initial events handed over at a time
TOO_OLD = "The resourceVersion for the provided watch is too old."


async def watch(target: ResourceStore, call: Call, random: Random) -> Stream:
    """Open the stream. Raises BadRequest, Invalid."""
    wanted = call.options if isinstance(call.options, ListOptions) else ListOptions()
    options.check_watch(wanted)
    chosen = reads.selection_of(target, call.namespace, wanted)
    revision = options.version_of_read(wanted.resourceVersion)
    initial = wanted.sendInitialEvents
    if initial is None:
        initial = revision == 0
    if wanted.resourceVersion == "" or (initial and wanted.sendInitialEvents):
        await target.feed.fresh()
    seconds = wanted.timeoutSeconds or random.uniform(MIN_SECONDS, 2 * MIN_SECONDS)
    stream = Stream(target, chosen, bookmarks=wanted.allowWatchBookmarks)
    if initial:
        await target.feed.reached(revision)
        stream.begin_with_objects(announce=bool(wanted.sendInitialEvents))
    else:
        stream.begin_after(revision or target.feed.revision)
    stream.end_in(seconds)
    return stream


class Stream:
    """One watch. `batch` pulls; nothing is buffered for a reader that does not."""

    def __init__(self, target: ResourceStore, chosen: Selection, *, bookmarks: bool) -> None:
        self._target = target
        self._cache = target.cache
        self._chosen = chosen
        self._selective = chosen.by_selector or bool(chosen.namespace)
        self._interest = chosen.interest
        self._bookmarks = bookmarks
        self._bookmark_due = False
        self._next = 0  # the number of the next change in the cache's log
        self._after = 0  # the revision from which on there are events
        self._first: AsyncGenerator[list[Event], None] | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self._timers: list[asyncio.TimerHandle] = []

    def begin_with_objects(self, *, announce: bool) -> None:
        """The objects first; `announce` with a bookmark that there are no more."""
        self._next = self._cache.log.end
        self._after = self._target.feed.revision
        records = self._cache.select(self._chosen.namespace)
        found = self._chosen.filter(records) if self._chosen.by_selector else records
        events = [Event(ADDED, record) for record in found]
        if announce and self._bookmarks:
            events.append(self._bookmark(self._after, {INITIAL_EVENTS_END: "true"}))
        self._first = _pieces(events)

    def begin_after(self, revision: int) -> None:
        log = self._cache.log
        self._after = revision
        if revision >= log.since:
            self._next = log.behind(revision)
        else:
            self._first = self._history(revision)

    async def _history(self, revision: int) -> AsyncGenerator[list[Event], None]:
        """What the cache no longer holds, from the store's log, up to where the cache's begins."""
        log = self._cache.log
        until = log.since
        self._next = log.first
        async for changes in self._target.feed.history(self._cache, revision, until):
            if events := self._events(changes):
                yield events

    def end_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timers.append(loop.call_later(seconds, self.close))
        if self._bookmarks:
            self._bookmark_later(loop)

    def _bookmark_later(self, loop: asyncio.AbstractEventLoop) -> None:
        def due() -> None:
            self._bookmark_due = True
            self._wake()
            self._timers[-1] = loop.call_later(BOOKMARK_SECONDS, due)

        self._timers.append(loop.call_later(BOOKMARK_SECONDS, due))

    async def batch(self) -> Sequence[Event]:
        """The next events, at least one; empty at the end."""
        while not (self._closed or self._cache.closed):
            try:
                events = await self._pull()
            except Compacted:
                self.close()
                return [_error(errors.Expired.of(TOO_OLD))]
            except StorageError as problem:
                self.close()
                return [_error(errors.Unknown.of(str(problem)))]
            if events:
                return events
        return ()

    async def _pull(self) -> list[Event]:
        if self._first is not None:
            async for events in self._first:
                return events
            self._first = None
        log = self._cache.log
        if self._next < log.first:
            self._first = self._history(self._after)
            return []
        changes = log.after(self._next)
        if changes:
            self._next += len(changes)
            return self._events(changes)
        if self._bookmark_due:
            self._bookmark_due = False
            return [self._bookmark(max(self._after, self._target.feed.revision), {})]
        self._waiter = asyncio.get_running_loop().create_future()
        await self._cache.change(self._waiter, self._interest)
        return []

    def _events(self, changes: Sequence[Change]) -> list[Event]:
        after = self._after
        self._after = max(after, changes[-1].revision)
        if changes[0].revision <= after:  # a watch from the future waits for it
            changes = [change for change in changes if change.revision > after]
        if not self._selective:
            return [change.event() for change in changes]
        covers = self._chosen.covers
        return [event for change in changes if (event := change.seen_by(covers)) is not None]

    def _bookmark(self, revision: int, annotations: dict[str, str]) -> Event:
        type_ = self._target.type
        meta = ObjectMeta(resourceVersion=str(revision), annotations=annotations)
        return Event(BOOKMARK, Item(type_, obj=type_(metadata=meta)))

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def close(self) -> None:
        self._closed = True
        for timer in self._timers:
            timer.cancel()
        self._wake()


async def _pieces(events: list[Event]) -> AsyncGenerator[list[Event], None]:
    for start in range(0, len(events), BATCH):
        yield events[start : start + BATCH]


def _error(problem: errors.ApiError) -> Event:
    return Event(ERROR, Item(Status, obj=problem.status))
