"""What the apiserver holds in memory of one resource: the objects as bytes, and the latest changes.

All of it follows from the store and can be thrown away. A `Record` is one object at one revision:
its JSON, and beside it what selectors ask for (labels, selectable fields). A `Change` is one write;
watchers pull changes from the `Cache`'s log by number, so a slow one lags and disturbs nobody:

    number      0        1        2        3
    change    +a@5     +b@6    a@5→a@9    -b@11         log.first = 0, log.end = 4
    watcher                      ↑ next = 2             gets a's change and b's end

When the log drops its oldest half, a watcher that was still there goes on from the store's log.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.meta.calls import ADDED, DELETED, MODIFIED, Event, Item
from kubepy.storage.store import Entry, Stored

log = logging.getLogger(__name__)

LABEL_SETS = 4096  # remembered, to be shared
LOG_SIZE = 1024  # changes of one resource kept in memory; at most as many again before a trim
NONE: dict[str, str] = {}
Interest = tuple[str, str]  # a selectable field and its value

_BARE = b'{"metadata":{'
_PROTOBUF = b"k8s\0"


class Record(Item):
    """One object as of `revision`. `fields` are those beside its name and namespace."""

    __slots__ = ("fields", "labels", "name", "namespace", "revision")

    def __init__(
        self,
        type_: type[Any],
        raw: bytes,
        revision: int,
        meta: Any,
        fields: dict[str, str],
    ) -> None:
        super().__init__(type_, raw)
        self.revision = revision
        self.namespace: str = meta.namespace
        self.name: str = meta.name
        self.labels = _labels(tuple(meta.labels.items())) if meta.labels else NONE
        self.fields = fields

    def with_object(self, obj: Any) -> Record:
        """The same record for somebody who has its Struct at hand."""
        twin = Record(self.type, self.raw, self.revision, self, self.fields)
        twin._object = obj
        return twin

    @property
    def key(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@lru_cache(maxsize=LABEL_SETS)
def _labels(items: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """One dict for all the objects that bear the same labels, as those of a template do."""
    return dict(items)


class Change:
    """One write to one object, with the events that different watchers see in it."""

    __slots__ = ("_event", "_left", "_entered", "new", "old", "revision")

    def __init__(self, revision: int, new: Record | None, old: Record | None) -> None:
        self.revision = revision
        self.new = new
        self.old = old
        self._event: Event | None = None
        self._entered: Event | None = None
        self._left: Event | None = None

    @property
    def record(self) -> Record:
        """Either state: for what does not change, the name and namespace."""
        found = self.new or self.old
        assert found is not None
        return found

    def event(self) -> Event:
        """What somebody sees who selects everything."""
        if self.new is None:
            return self.left()
        if self.old is None:
            return self.entered()
        if self._event is None:
            self._event = Event(MODIFIED, self.new)
        return self._event

    def entered(self) -> Event:
        """What somebody sees whose selection this object has just entered."""
        if self._entered is None:
            assert self.new is not None
            self._entered = Event(ADDED, self.new)
        return self._entered

    def left(self) -> Event:
        """What somebody sees whose selection it has left, or when it is gone: its last state
        there, at this change's revision."""
        if self._left is None:
            assert self.old is not None
            self._left = Event(DELETED, Item(self.old.type, at(self.old.raw, self.revision)))
        return self._left

    def seen_by(self, selects: Callable[[Record], bool]) -> Event | None:
        """The event for somebody who sees only the objects that `selects` is true of."""
        now = self.new is not None and selects(self.new)
        before = self.old is not None and selects(self.old)
        if now:
            return self.event() if before else self.entered()
        return self.left() if before else None


class Encoding:
    """How one resource's objects stand in the store, and in memory.

    stored   {"kind":"Pod","apiVersion":"v1","metadata":{"name":"a",...    without resourceVersion
    cached   {"metadata":{"resourceVersion":"7","name":"a",...             without kind
    """

    def __init__(self, type_: type[Any], fields: Callable[[Any], dict[str, str]]) -> None:
        self.type = type_
        self.fields = fields
        self._opening = codec.type_prefix(type_) + b',"metadata":{'

    def stored(self, obj: Any) -> bytes:
        """The object for the store; it must not bear a resourceVersion."""
        return codec.with_type(self.type, codec.encode(obj))

    def record(self, value: bytes, revision: int, obj: Any = None) -> Record:
        """The record of a stored value; `obj` spares decoding it."""
        if not value.startswith(self._opening):
            obj = self.foreign(value)
            value = self.stored(obj)
        if obj is None:
            obj = codec.decode(self.type, b"{" + value[len(self._opening) - len(_BARE) + 1 :])
        raw = b'{"metadata":{"resourceVersion":"%d",' % revision + value[len(self._opening) :]
        return Record(self.type, raw, revision, obj.metadata, self.fields(obj))

    def readable(self, stored: Stored | Entry) -> Record | None:
        """The record of what is stored; None if there is nothing, or nothing that can be read.

        Others may write to the same store: what makes no sense is left out, and the log says so.
        """
        if stored.value is None:
            return None
        try:
            return self.record(stored.value, stored.revision)
        except ValueError as problem:
            log.error("%s cannot be read, it is left out: %s", stored.key, problem)
            return None

    def same(self, value: bytes, raw: bytes) -> bool:
        """Whether a stored value and a cached object differ in nothing but the revision."""
        rest = raw.index(b'",', len(_BARE)) + 2
        start = len(self._opening)
        return len(value) - start == len(raw) - rest and value.endswith(raw[rest:])

    def foreign(self, value: bytes) -> Any:
        """The object of a value that some other apiserver has written, in JSON or protobuf.

        Raises ValueError.
        """
        if value.startswith(_PROTOBUF):
            from kubepy.api import protobuf  # late: a store of our own holds none

            return protobuf.decode(self.type, protobuf.unwrap(value)[2])
        return codec.untyped(codec.decode(self.type, value))


class View(Encoding):
    """Objects that are stored as those of another group or version: Events of events.k8s.io as
    core's."""

    def __init__(
        self,
        type_: type[Any],
        fields: Callable[[Any], dict[str, str]],
        stored: Encoding,
        to_stored: Callable[[Any], Any],
        from_stored: Callable[[Any], Any],
    ) -> None:
        super().__init__(type_, fields)
        self.stored_as = stored
        self._to_stored = to_stored
        self._from_stored = from_stored

    def stored(self, obj: Any) -> bytes:
        return self.stored_as.stored(self._to_stored(obj))

    def record(self, value: bytes, revision: int, obj: Any = None) -> Record:
        if obj is None:
            obj = self._from_stored(self.stored_as.record(value, revision).object)
        obj = replace(obj, metadata=replace(obj.metadata, resourceVersion=""))
        bare = codec.encode(obj)[len(_BARE) :]
        raw = b'{"metadata":{"resourceVersion":"%d",' % revision + bare
        return Record(self.type, raw, revision, obj.metadata, self.fields(obj))

    def same(self, value: bytes, raw: bytes) -> bool:
        return at(self.record(value, 0).raw, 0) == at(raw, 0)


def at(raw: bytes, revision: int) -> bytes:
    """A cached object's JSON with another resourceVersion."""
    rest = raw.index(b'",', len(_BARE))
    return b'{"metadata":{"resourceVersion":"%d' % revision + raw[rest:]


class Log:
    """The latest changes, each with a number that stays its own."""

    def __init__(self, revision: int, size: int = LOG_SIZE) -> None:
        self.first = 0  # the number of the oldest change that is kept
        self.since = revision  # everything after this revision is here
        self._size = size
        self._changes: list[Change] = []

    @property
    def end(self) -> int:
        """The number of the next change."""
        return self.first + len(self._changes)

    def append(self, change: Change) -> bool:
        """Take it in; whether older ones had to go for it."""
        self._changes.append(change)
        if len(self._changes) < 2 * self._size:
            return False
        self.since = self._changes[self._size - 1].revision
        end = self.behind(self.since)  # one revision is never torn apart
        del self._changes[: end - self.first]
        self.first = end
        return True

    def behind(self, revision: int) -> int:
        """The number of the first change after `revision`, which is at least `since`."""
        low, high = 0, len(self._changes)
        while low < high:
            middle = (low + high) // 2
            if self._changes[middle].revision <= revision:
                low = middle + 1
            else:
                high = middle
        return self.first + low

    def after(self, number: int) -> list[Change]:
        """The changes from `number` on; it must still be kept."""
        return self._changes[number - self.first :]


class Cache:
    """All objects of one resource, at one revision."""

    def __init__(self, encoding: Encoding, prefix: str) -> None:
        self.encoding = encoding
        self.prefix = prefix  # of the keys in the store, with the closing slash
        self.records: dict[str, Record] = {}
        self.changed = 0  # the revision of the latest change
        self.closed = False  # nobody follows it any more
        self.log = Log(0)
        self._keys: list[str] = []  # in order, and beside them their records
        self._ordered: list[Record] = []
        self._waiting: dict[Interest | None, set[asyncio.Future[None]]] = {}
        self._listeners: list[Callable[[Change], None]] = []

    def __len__(self) -> int:
        return len(self.records)

    def fill(self, items: Iterator[Stored], revision: int) -> None:
        """Start from what the store held at `revision`."""
        start = len(self.prefix)
        found = ((item.key[start:], self.encoding.readable(item)) for item in items)
        self.records = {key: record for key, record in found if record is not None}
        self._keys = sorted(self.records)
        self._ordered = [self.records[key] for key in self._keys]
        self.changed = revision
        self.log = Log(revision)

    def missed(self, items: Sequence[Stored], revision: int) -> list[Entry]:
        """The writes that lead from here to what the store held at `revision`, in their order."""
        start = len(self.prefix)
        found = [
            Entry(item.key, item.value, item.revision, item.created)
            for item in items
            if (known := self.records.get(item.key[start:])) is None
            or known.revision != item.revision
        ]
        found.sort(key=lambda entry: entry.revision)
        there = {item.key[start:] for item in items}
        gone = [key for key in self.records if key not in there]
        return [*found, *(Entry(self.prefix + key, None, revision, 0) for key in gone)]

    def subscribe(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` with each change, as it is applied: for what is derived from a cache."""
        self._listeners.append(listener)

    def apply(self, entry: Entry, written: Record | None = None) -> None:
        """Take in one write. `written`: its record, if this process made the write."""
        key = entry.key[len(self.prefix) :]
        old = self.records.get(key)
        new = written if written is not None and written.type is self.encoding.type else None
        new = new or self.encoding.readable(entry)
        place = bisect_left(self._keys, key)
        if new is None:
            if old is None:
                return
            del self.records[key], self._keys[place], self._ordered[place]
        else:
            self.records[key] = new
            if old is None:
                self._keys.insert(place, key)
                self._ordered.insert(place, new)
            else:
                self._ordered[place] = new
        self.changed = entry.revision
        change = Change(entry.revision, new, old)
        trimmed = self.log.append(change)
        for listener in self._listeners:
            listener(change)
        # Before the log forgets, everybody has a look at it, also those it did not concern.
        self._wake(list(self._waiting) if trimmed else self._concerned(change))

    def close(self) -> None:
        """Its resource is served no more, or otherwise: every watch of it ends."""
        self.closed = True
        self._wake(list(self._waiting))

    def replayed(self, entry: Entry) -> Change | None:
        """The change of an entry of the store's history; None if nobody would have seen one."""
        before = Entry(entry.key, entry.previous, entry.revision, entry.created)
        new, old = self.encoding.readable(entry), self.encoding.readable(before)
        return Change(entry.revision, new, old) if new or old else None

    def select(self, namespace: str = "", after: str = "") -> list[Record]:
        """The objects in the order of their keys: of one namespace or of all, behind a key."""
        keys = self._keys
        start, end = 0, len(keys)
        if namespace:
            start = bisect_left(keys, namespace + "/")
            end = bisect_left(keys, namespace + "0")  # the character behind the slash
        if after:
            start = max(start, bisect_left(keys, after + "\0"))
        return self._ordered[start:end]

    def _concerned(self, change: Change) -> Iterable[Interest | None]:
        """Whom a change may concern."""
        if len(self._waiting) <= (None in self._waiting):
            return (None,)
        found: set[Interest | None] = {None, ("metadata.name", change.record.name)}
        for record in (change.old, change.new):
            if record is not None:
                found.update(record.fields.items())
        return found

    def _wake(self, interests: Iterable[Interest | None]) -> None:
        for interest in interests:
            for waiter in self._waiting.pop(interest, ()):
                if not waiter.done():
                    waiter.set_result(None)

    async def change(self, waiter: asyncio.Future[None], interest: Interest | None) -> None:
        """Wait for a change, or until somebody sets `waiter`.

        With an interest, only for one of an object that has this field's value before or after:
        a thousand kubelets, each with its own pods, must not all wake up for one of them.
        """
        self._waiting.setdefault(interest, set()).add(waiter)
        try:
            await waiter
        finally:
            waiting = self._waiting.get(interest)
            if waiting is not None:
                waiting.discard(waiter)
                if not waiting:
                    del self._waiting[interest]
