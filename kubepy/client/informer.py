"""A live copy of the objects of one type: listed once, then watched.

    list  at revision 40   {a, b}                        synced
    watch after 40         ADDED c (41), DELETED a (42)  {b, c} at 42
    BOOKMARK 90                                          nothing changes, but a broken watch
                                                         resumes at 90, not at 42
    ERROR 410              compacted past us             list again; what differs is told

The copy knows the caller's own writes before the watch brings them (`note_write`, `note_delete`):
a controller that has just created a pod must not look at a world without it and create another.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any, Generic, TypeVar

from msgspec.structs import replace

from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Time
from kubepy.base.clock import Clock, SystemClock
from kubepy.client.client import Client
from kubepy.client.transport import Event
from kubepy.meta import errors

T = TypeVar("T")
Indexer = Callable[[Any], Iterable[str]]
Subscriber = Callable[[Any, Any], None]

FIRST_DELAY = 0.8  # seconds until a failed list or watch is tried again; doubled by each failure
# Seconds. client-go waits up to 30: too long for a proxy that has missed its apiserver's restart.
LONGEST_DELAY = 8.0
WATCH_TIMEOUT = 300  # seconds; each watch is asked to end after this to twice this
BRIEF_WATCH = 1.0  # seconds; a watch that ends sooner counts as a failure

NAMESPACE = "namespace"  # an index that every informer has

_log = logging.getLogger(__name__)


def key_of(obj: Any) -> str:
    """`namespace/name`, or `name` for what has no namespace."""
    meta = obj.metadata
    return f"{meta.namespace}/{meta.name}" if meta.namespace else meta.name


def split_key(key: str) -> tuple[str, str]:
    """(namespace, name)"""
    namespace, _, name = key.rpartition("/")
    return namespace, name


def _namespace_of(obj: Any) -> tuple[str]:
    return (obj.metadata.namespace,)


def revision_of(obj: Any) -> int:
    return int(obj.metadata.resourceVersion or 0)


class Informer(Generic[T]):
    """The cache of one type. `run` keeps it current for as long as it is not cancelled.

    It hands out the server's objects themselves: they are frozen.
    """

    def __init__(
        self,
        client: Client,
        type: type[T],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        indexers: Mapping[str, Indexer] | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.type = type
        self._client = client
        self._namespace = namespace
        self._label_selector = label_selector
        self._field_selector = field_selector
        self._clock = clock or SystemClock()
        self._rng = rng or random.Random()
        self._objects: dict[str, T] = {}
        self._indexers: dict[str, Indexer] = {}
        # index → value → key → object; a value that nothing has is absent.
        self._indexes: dict[str, dict[str, dict[str, T]]] = {}
        self._subscribers: list[Subscriber] = []
        # Every change up to this revision has been seen; 0 before the first list.
        self._revision = 0
        # uids that this process deleted and whose deletion the watch has not brought yet.
        self._deleting: set[str] = set()
        self._synced = asyncio.Event()
        self.add_index(NAMESPACE, _namespace_of)
        for name, indexer in (indexers or {}).items():
            self.add_index(name, indexer)

    @property
    def revision(self) -> int:
        """All changes up to this resourceVersion are in the cache."""
        return self._revision

    @property
    def is_synced(self) -> bool:
        return self._synced.is_set()

    async def synced(self) -> None:
        """Wait until the first list is in."""
        await self._synced.wait()

    def __len__(self) -> int:
        return len(self._objects)

    def get(self, key: str) -> T | None:
        """The object of `namespace/name` (or `name`)."""
        return self._objects.get(key)

    def all(self) -> list[T]:
        return list(self._objects.values())

    def by(self, index: str, value: str) -> list[T]:
        """The objects for which the indexer named `value`."""
        return list(self._indexes[index].get(value, {}).values())

    def values(self, index: str) -> list[str]:
        """All values that the indexer named for some object."""
        return list(self._indexes[index])

    def add_index(self, name: str, indexer: Indexer) -> None:
        """One more way to find objects; asking again for the same changes nothing."""
        if name in self._indexers:
            return
        self._indexers[name] = indexer
        self._indexes[name] = {}
        for key, obj in self._objects.items():
            self._index(name, key, None, obj)

    def subscribe(self, on_change: Subscriber) -> None:
        """Have `on_change(old, new)` called after each change; None stands for absent.

        It hears of everything that is in the cache already, and must not block.
        """
        self._subscribers.append(on_change)
        for obj in self.all():
            on_change(None, obj)

    def note_write(self, obj: T) -> None:
        """The server answered a write of ours with `obj`: know it before the watch says so."""
        revision = revision_of(obj)
        if revision <= self._revision or self._field_selector:
            return  # the watch has passed it; or whether it belongs here is not ours to say
        if self._label_selector and self.get(key_of(obj)) is None:
            return
        if self._namespace and obj.metadata.namespace != self._namespace:  # type: ignore[attr-defined]
            return
        self._put(obj)

    def note_delete(self, key: str, uid: str) -> None:
        """The server took a delete of ours: the object is as good as being deleted."""
        obj = self._objects.get(key)
        if obj is None or _meta(obj).uid != uid or _meta(obj).deletionTimestamp is not None:
            return
        self._deleting.add(uid)
        self._set(key, self._marked(obj))

    async def run(self) -> None:
        """List and watch until cancelled; failures are retried with backoff."""
        delay = FIRST_DELAY
        fresh = False  # whether a watch may go on from self._revision
        while True:
            started = self._clock.monotonic()
            try:
                if not fresh:
                    await self._relist()
                    fresh = True
                await self._follow()
                failed = self._clock.monotonic() - started < BRIEF_WATCH
            except errors.Gone as error:
                _log.debug("%s: listing again: %s", self.type.__name__, error)
                fresh = False
                failed = self._clock.monotonic() - started < BRIEF_WATCH
            except (errors.ApiError, ConnectionError, TimeoutError) as error:
                level = logging.DEBUG if self._synced.is_set() else logging.WARNING
                _log.log(level, "%s: list or watch failed: %s", self.type.__name__, error)
                failed = True
            if failed:
                await self._clock.sleep(delay * (1 + self._rng.random()))
                delay = min(delay * 2, LONGEST_DELAY)
            else:
                delay = FIRST_DELAY

    async def _relist(self) -> None:
        listing = await self._client.list(
            self.type,
            self._namespace,
            label_selector=self._label_selector,
            field_selector=self._field_selector,
        )
        revision = int(listing.resource_version or 0)
        found = {key_of(obj): obj for obj in listing.items}
        for key in self._objects.keys() - found.keys():
            if revision_of(self._objects[key]) <= revision:  # not a write of ours since the list
                self._remove(key)
        for obj in found.values():
            self._put(obj)
        self._revision = revision
        self._synced.set()

    async def _follow(self) -> None:
        """One watch, to its end."""
        watch = self._client.watch(
            self.type,
            self._namespace,
            resource_version=str(self._revision),
            timeout=int(WATCH_TIMEOUT * (1 + self._rng.random())),
            label_selector=self._label_selector,
            field_selector=self._field_selector,
        )
        async with aclosing(watch):
            async for event in watch:
                self._take(event)

    def _take(self, event: Event[T]) -> None:
        obj = event.object
        revision = revision_of(obj)
        match event.type:
            case "ADDED" | "MODIFIED":
                self._put(obj)
            case "DELETED":
                known = self._objects.get(key_of(obj))
                if known is not None and revision_of(known) <= revision:
                    self._remove(key_of(obj))
        self._revision = max(self._revision, revision)

    def _put(self, obj: T) -> None:
        key, meta = key_of(obj), _meta(obj)
        known = self._objects.get(key)
        if known is not None and revision_of(known) >= revision_of(obj):
            return  # our own write, already known
        if meta.uid in self._deleting:
            if meta.deletionTimestamp is not None:
                self._deleting.discard(meta.uid)
            else:
                obj = self._marked(obj)  # changed before our delete, which is still to come
        self._set(key, obj)

    def _set(self, key: str, obj: T) -> None:
        known = self._objects.get(key)
        self._objects[key] = obj
        for name in self._indexers:
            self._index(name, key, known, obj)
        self._tell(known, obj)

    def _remove(self, key: str) -> None:
        gone = self._objects.pop(key)
        self._deleting.discard(_meta(gone).uid)
        for name in self._indexers:
            self._index(name, key, gone, None)
        self._tell(gone, None)

    def _index(self, name: str, key: str, old: T | None, new: T | None) -> None:
        indexer, index = self._indexers[name], self._indexes[name]
        before = set(indexer(old)) if old is not None else set()
        after = set(indexer(new)) if new is not None else set()
        for value in before - after:
            index[value].pop(key, None)
            if not index[value]:
                del index[value]
        for value in after:
            assert new is not None
            index.setdefault(value, {})[key] = new

    def _tell(self, old: T | None, new: T | None) -> None:
        for subscriber in self._subscribers:
            subscriber(old, new)

    def _marked(self, obj: T) -> T:
        meta = replace(_meta(obj), deletionTimestamp=Time.from_unix(self._clock.now()))
        return replace(obj, metadata=meta)  # type: ignore[type-var]


def _meta(obj: Any) -> ObjectMeta:
    meta: ObjectMeta = obj.metadata
    return meta
