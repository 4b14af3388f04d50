"""Events: what a component tells people about an object. Telling never fails and never waits.

Two APIs exist, and each component uses the one that it uses in Kubernetes: core/v1 (controllers,
kubelet), where repeats are counted and alike ones are combined, and events.k8s.io/v1 (scheduler,
kube-proxy), where repeats make a series. What to write is decided by `correlation`; here is
the writing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any, Literal

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.core import v1 as core
from kubepy.api.events import v1 as events
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime, Time
from kubepy.base.backoff import Backoff
from kubepy.base.clock import Clock, SystemClock
from kubepy.client.client import Client
from kubepy.client.correlation import Correlator, Create, Series, Update
from kubepy.meta import errors

QUEUE = 1000  # events that wait to be written; more are dropped
ATTEMPTS = 16  # times that a write is tried when the server is out of reach: for two minutes
RETRY = Backoff(0.5, 10.0)  # short at first: a component often starts a moment before its server
SERIES_SWEEP = 360.0  # seconds between two looks at which series have ended

_log = logging.getLogger(__name__)


def reference(obj: Any, field_path: str = "") -> core.ObjectReference:
    """How an event names an object; a reference stands for itself."""
    if isinstance(obj, core.ObjectReference):
        return obj
    kind: Any = type(obj)
    meta = obj.metadata
    return core.ObjectReference(
        kind=kind.__name__,
        apiVersion=scheme.api_version(kind),
        namespace=meta.namespace,
        name=meta.name,
        uid=meta.uid,
        resourceVersion=meta.resourceVersion,
        fieldPath=field_path,
    )


class Recorder:
    """Takes events of one component; `run` writes them and must be somebody's task."""

    def __init__(
        self,
        client: Client,
        component: str,
        host: str = "",
        clock: Clock | None = None,
        *,
        api: Literal["core", "events"] = "core",
    ) -> None:
        self._client = client
        self._component = component
        self._host = host
        self._clock = clock or SystemClock()
        self._api = api
        self._waiting: deque[core.Event | events.Event] = deque()
        self._wakeup = asyncio.Event()
        self._stamp = 0  # the last event's moment in nanoseconds; no two events share one
        self._correlator = Correlator()
        self._series = Series()

    def event(
        self,
        obj: Any,
        type: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        *,
        field_path: str = "",
        related: Any = None,
        action: str = "",
        annotations: dict[str, str] | None = None,
    ) -> None:
        """Tell that `reason` happened to `obj` (an object, or an ObjectReference).

        `related` and `action` belong to events.k8s.io. The event is written later, or never.
        """
        regarding = reference(obj, field_path)
        if len(self._waiting) >= QUEUE:
            _log.warning("event dropped, %d wait to be written: %s %s", QUEUE, reason, message)
            return
        now = self._clock.now()
        self._stamp = max(int(now * 1_000_000_000), self._stamp + 1)
        meta = ObjectMeta(
            name=f"{regarding.name}.{self._stamp:x}",
            namespace=regarding.namespace or "default",
            annotations=annotations or {},
        )
        if self._api == "core":
            self._waiting.append(self._counted(meta, regarding, now, type, reason, message))
        else:
            other = reference(related) if related is not None else None
            self._waiting.append(
                events.Event(
                    metadata=meta,
                    eventTime=MicroTime.from_unix(now),
                    reportingController=self._component,
                    reportingInstance=f"{self._component}-{self._host}",
                    action=action,
                    reason=reason,
                    regarding=regarding,
                    related=other,
                    note=message,
                    type=type,
                )
            )
        self._wakeup.set()

    def _counted(
        self,
        meta: ObjectMeta,
        involved: core.ObjectReference,
        now: float,
        type: str,
        reason: str,
        message: str,
    ) -> core.Event:
        return core.Event(
            metadata=meta,
            involvedObject=involved,
            reason=reason,
            message=message,
            source=core.EventSource(component=self._component, host=self._host),
            firstTimestamp=Time.from_unix(now),
            lastTimestamp=Time.from_unix(now),
            count=1,
            type=type,
            reportingComponent=self._component,
            reportingInstance=self._host,
        )

    async def run(self) -> None:
        """Write what was told, one after another, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write_for_ever())
            if self._api == "events":
                group.create_task(self._sweep_for_ever())

    async def flush(self) -> None:
        """Write what waits now; for a component that ends."""
        while self._waiting:
            await self._write(self._waiting.popleft())

    async def _write_for_ever(self) -> None:
        while True:
            await self._wakeup.wait()
            self._wakeup.clear()
            await self.flush()

    async def _sweep_for_ever(self) -> None:
        while True:
            await self._clock.sleep(SERIES_SWEEP)
            for event in self._series.sweep(self._clock.now()):
                await self._send(Update(event))

    async def _write(self, event: core.Event | events.Event) -> None:
        now = self._clock.now()
        if isinstance(event, core.Event):
            write = self._correlator.correlate(event, now)
        else:
            write = self._series.correlate(event, now)
        if write is not None:
            await self._send(write)

    async def _send(self, write: Create | Update) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                written = await self._put(write)
            except errors.ApiError as error:
                _log.debug("event refused: %s", error)  # a namespace that is going, usually
                return
            except ConnectionError as error:
                _log.debug("event not written yet: %s", error)
                await self._clock.sleep(RETRY.delay(attempt))
                continue
            if isinstance(written, core.Event):
                self._correlator.written(written)
            else:
                self._series.written(written)
            return
        _log.warning("event dropped, the server is out of reach: %s", write.event)

    async def _put(self, write: Create | Update) -> core.Event | events.Event:
        event = write.event
        if isinstance(write, Update):
            meta = event.metadata
            try:
                return await self._client.patch(
                    type(event), meta.name, meta.namespace, patch=_changes(event), style="strategic"
                )
            except errors.NotFound:  # it has expired: begin anew
                event = replace(event, metadata=replace(meta, resourceVersion=""))
        return await self._client.create(event)


def _changes(event: core.Event | events.Event) -> dict[str, Any]:
    if isinstance(event, core.Event):
        return {
            "count": event.count,
            "message": event.message,
            "firstTimestamp": event.firstTimestamp,
            "lastTimestamp": event.lastTimestamp,
        }
    series = event.series
    if series is None:
        return {}
    return {"series": {"count": series.count, "lastObservedTime": series.lastObservedTime}}
