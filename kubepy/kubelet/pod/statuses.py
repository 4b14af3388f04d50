"""Writes pod statuses to the apiserver: only what changed, the latest only, a pod at a time.

publish(a) publish(b)          while a is being written, b replaces nothing: it is next
publish(a) publish(a') …       while a is being written, only the last of these follows
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, PodStatus
from kubepy.base.backoff import Backoff
from kubepy.base.clock import Clock
from kubepy.client import Client
from kubepy.kubelet.pod.conditions import OWNED
from kubepy.meta import errors

RETRY = Backoff(0.2, 10.0)

OWN_FIELDS = (
    "observedGeneration", "phase", "reason", "message", "conditions", "hostIP", "hostIPs", "podIP",
    "podIPs", "startTime", "qosClass", "initContainerStatuses", "containerStatuses",
    "ephemeralContainerStatuses",
)  # fmt: skip
_MERGED_BY_KEY = ("podIPs", "hostIPs")

_log = logging.getLogger(__name__)


class _Entry(Struct):
    """One pod's status on its way."""

    pod: Pod  # with the status that the server is known to have
    wanted: PodStatus
    task: asyncio.Task[None] | None = None


class Statuses:
    """`run` owns the writing tasks. `client` None: nobody to tell."""

    def __init__(self, client: Client | None, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._entries: dict[str, _Entry] = {}  # by uid
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Write until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for entry in self._entries.values():
                self._start(entry)
            await asyncio.Event().wait()

    def latest(self, uid: str) -> PodStatus | None:
        """The last status published for the pod, written or not."""
        entry = self._entries.get(uid)
        return entry.wanted if entry else None

    def saw(self, pod: Pod) -> None:
        """The server's pod as it is now; what was published and is missing there is written."""
        entry = self._entries.get(pod.metadata.uid)
        if entry is None or _revision(pod) < _revision(entry.pod):
            return
        entry.pod = pod
        self._start(entry)

    def publish(self, pod: Pod, status: PodStatus) -> None:
        """Have the server know `status`. `pod` is the API object: a static pod's mirror."""
        entry = self._entries.get(pod.metadata.uid)
        if entry is None:
            entry = self._entries[pod.metadata.uid] = _Entry(pod, status)
        elif _revision(pod) > _revision(entry.pod):
            entry.pod = pod
        entry.wanted = status
        self._start(entry)

    async def settled(self, uid: str) -> None:
        """Wait until what was published for the pod is written, or cannot be."""
        entry = self._entries.get(uid)
        if entry is not None and entry.task is not None:
            await asyncio.wait([entry.task])

    def forget(self, uid: str) -> None:
        entry = self._entries.pop(uid, None)
        if entry is not None and entry.task is not None:
            entry.task.cancel()

    def _start(self, entry: _Entry) -> None:
        if self._client is None or self._group is None:
            return
        if entry.task is None and difference(entry.pod.status, entry.wanted):
            entry.task = self._group.create_task(self._write(entry))

    async def _write(self, entry: _Entry) -> None:
        """Write until the server has what is wanted."""
        failures = 0
        try:
            while patch := difference(entry.pod.status, entry.wanted):
                try:
                    entry.pod = await self._patch(entry.pod, patch)
                    failures = 0
                except (errors.NotFound, errors.Conflict) as error:
                    _log.debug("status of %s: %s", entry.pod.metadata.name, error)
                    return  # another pod of that name, or none: the watch will say so
                except (errors.ApiError, ConnectionError, TimeoutError) as error:
                    failures += 1
                    _log.warning("status of pod %s not written: %s", _name(entry.pod), error)
                    if isinstance(error, errors.Invalid | errors.Forbidden) and failures > 3:
                        return
                    await self._clock.sleep(RETRY.delay(failures))
        finally:
            entry.task = None

    async def _patch(self, pod: Pod, patch: Mapping[str, Any]) -> Pod:
        assert self._client is not None
        meta = pod.metadata
        body = {"metadata": {"uid": meta.uid}, "status": patch}
        return await self._client.patch(
            Pod, meta.name, meta.namespace, patch=body, style="strategic", subresource="status"
        )


def difference(old: PodStatus, new: PodStatus) -> dict[str, Any]:
    """The strategic merge patch that makes `old` into `new`; empty if they are equal.

    It touches only what is the kubelet's: others have conditions and fields of their own there.
    """
    if old == new:
        return {}
    before, after = codec.to_builtins(old), codec.to_builtins(new)
    patch: dict[str, Any] = {}
    for key in OWN_FIELDS:
        value = after.get(key)
        if before.get(key) == value:
            continue
        if key == "conditions":
            if changed := _changed(before.get(key, []), value or []):
                patch[key] = changed
        elif key in _MERGED_BY_KEY and before.get(key) and value:
            patch[key] = [{"$patch": "replace"}, *value]
        else:
            patch[key] = value
    return patch


def _changed(before: list[Any], after: list[Any]) -> list[Any]:
    """The kubelet's conditions that differ."""
    known = {condition["type"]: condition for condition in before}
    changed = []
    for condition in after:
        old = known.get(condition["type"], {})
        if old == condition or condition["type"] not in OWNED:
            continue
        gone = {name: None for name in old if name not in condition}
        changed.append({**condition, **gone})
    return changed


def with_status(pod: Pod, status: PodStatus | None) -> Pod:
    return pod if status is None else replace(pod, status=status)


def _revision(pod: Pod) -> int:
    return int(pod.metadata.resourceVersion or 0)


def _name(pod: Pod) -> str:
    return f"{pod.metadata.namespace}/{pod.metadata.name}"
