"""Which events are worth a write of their own. Decides; writes nothing.

core/v1: a repeat raises the count of the first event, ten alike ones within ten minutes (the same
but for the message) are combined into one, and an object that is talked about too often is
silenced. events.k8s.io/v1: a repeat turns the event into a series, whose count is kept in memory
and written now and then.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core import v1 as core
from kubepy.api.events import v1 as events
from kubepy.api.types import MicroTime

MEMORY = 4096  # events, groups and objects that are remembered
ALIKE_LIMIT = 10  # alike events within ALIKE_INTERVAL; from this one on they are combined
ALIKE_INTERVAL = 600.0  # seconds
COMBINED = "(combined from similar events): "
SPAM_BURST = 25.0  # events about one object at once
SPAM_RATE = 1 / 300  # events a second that it earns back
SERIES_END = 360.0  # seconds without a repeat

Key = tuple[Any, ...]
V = TypeVar("V")


class Create(Struct, frozen=True):
    """Write a new event."""

    event: core.Event | events.Event


class Update(Struct, frozen=True):
    """Change an event that was written before: its count, message and times, or its series."""

    event: core.Event | events.Event


class _Recent(Generic[V]):
    """The MEMORY keys used last."""

    def __init__(self) -> None:
        self._items: OrderedDict[Key, V] = OrderedDict()

    def get(self, key: Key) -> V | None:
        if key in self._items:
            self._items.move_to_end(key)
        return self._items.get(key)

    def put(self, key: Key, value: V) -> None:
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > MEMORY:
            self._items.popitem(last=False)

    def pop(self, key: Key) -> None:
        self._items.pop(key, None)

    def items(self) -> list[tuple[Key, V]]:
        return list(self._items.items())


class _Alike(Struct):
    """Events that differ in their message only."""

    messages: set[str]
    last: float


class _Allowance(Struct):
    """A bucket of tokens, one an event."""

    tokens: float
    at: float


class Correlator:
    """The memory of one component's core/v1 events."""

    def __init__(self) -> None:
        self._alike: _Recent[_Alike] = _Recent()
        self._written: _Recent[core.Event] = _Recent()
        self._allowances: _Recent[_Allowance] = _Recent()

    def correlate(self, event: core.Event, now: float) -> Create | Update | None:
        """What to write for an event; None if its object has used up its allowance."""
        event, key = self._combine(event, now)
        known = self._written.get(key)
        if not self._spend(event, now):
            return None
        if known is None:
            return Create(event)
        return Update(
            replace(
                event,
                metadata=known.metadata,
                count=known.count + 1,
                firstTimestamp=known.firstTimestamp,
            )
        )

    def written(self, event: core.Event) -> None:
        """The server's answer: what later repeats will raise the count of."""
        combined = event.message.startswith(COMBINED)
        self._written.put(_group(event) if combined else _same(event), event)

    def _combine(self, event: core.Event, now: float) -> tuple[core.Event, Key]:
        group = _group(event)
        alike = self._alike.get(group)
        if alike is None or now - alike.last > ALIKE_INTERVAL:
            alike = _Alike(set(), now)
        alike.last = now
        if len(alike.messages) < ALIKE_LIMIT:
            alike.messages.add(event.message)
        self._alike.put(group, alike)
        if len(alike.messages) < ALIKE_LIMIT:
            return event, _same(event)
        return replace(event, message=COMBINED + event.message), group

    def _spend(self, event: core.Event, now: float) -> bool:
        source, involved = event.source, event.involvedObject
        key = (
            source.component, source.host, involved.kind, involved.namespace, involved.name,
            involved.uid, involved.apiVersion,
        )  # fmt: skip
        allowance = self._allowances.get(key) or _Allowance(SPAM_BURST, now)
        earned = max(0.0, now - allowance.at) * SPAM_RATE
        allowance.tokens = min(SPAM_BURST, allowance.tokens + earned)
        allowance.at = now
        self._allowances.put(key, allowance)
        if allowance.tokens < 1:
            return False
        allowance.tokens -= 1
        return True


def _group(event: core.Event) -> Key:
    source, involved = event.source, event.involvedObject
    return (
        source.component, source.host, involved.kind, involved.namespace, involved.name,
        involved.uid, involved.apiVersion, event.type, event.reason,
        event.reportingComponent, event.reportingInstance,
    )  # fmt: skip


def _same(event: core.Event) -> Key:
    """What two events share that are one: also the container that they are about."""
    return (*_group(event), event.involvedObject.fieldPath, event.message)


class Series:
    """The memory of one component's events.k8s.io/v1 events."""

    def __init__(self) -> None:
        self._known: _Recent[events.Event] = _Recent()

    def correlate(self, event: events.Event, now: float) -> Create | Update | None:
        """What to write for an event; None for a repeat that is only counted for now."""
        key = _series_key(event)
        known = self._known.get(key)
        if known is None:
            self._known.put(key, event)
            return Create(event)
        count = known.series.count + 1 if known.series else 2
        series = events.EventSeries(count=count, lastObservedTime=MicroTime.from_unix(now))
        repeated = replace(known, series=series)
        self._known.put(key, repeated)
        return Update(repeated) if known.series is None else None

    def written(self, event: events.Event) -> None:
        """The server's answer; its name is what later changes are written to."""
        key = _series_key(event)
        known = self._known.get(key)
        if known is not None:
            self._known.put(key, replace(event, series=known.series))

    def sweep(self, now: float) -> list[events.Event]:
        """Forget what has not been repeated for long; the series to write a last time."""
        ended = []
        for key, event in self._known.items():
            last = event.series.lastObservedTime if event.series else event.eventTime
            if last is None or now - last.unix() > SERIES_END:
                self._known.pop(key)
                if event.series is not None:
                    ended.append(event)
        return ended


def _series_key(event: events.Event) -> Key:
    return (
        event.type, event.action, event.reason, event.reportingController,
        event.reportingInstance, _object_key(event.regarding), _object_key(event.related),
    )  # fmt: skip


def _object_key(obj: core.ObjectReference | None) -> Key:
    return () if obj is None else (obj.kind, obj.namespace, obj.name, obj.uid, obj.fieldPath)
