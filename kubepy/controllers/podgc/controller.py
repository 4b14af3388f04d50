"""Deletes, every now and then, pods that nobody else would."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Node, Pod, PodCondition
from kubepy.api.types import Time
from kubepy.client.informer import key_of
from kubepy.controllers import pods as ask
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.podgc import plan
from kubepy.meta import conditions, errors

PERIOD = 20.0  # seconds


class PodGarbageCollector(Controller):
    """No queue: a round every PERIOD."""

    name = "pod-garbage-collector-controller"

    def __init__(self, context: Context, *, finished_limit: int = plan.FINISHED_LIMIT) -> None:
        super().__init__(context)
        self.finished_limit = finished_limit
        self.pods = self.watch(Pod)
        self.nodes = self.watch(Node)
        self._missing: dict[str, float] = {}  # node → since when it has been missing

    async def run(self) -> None:
        await self.pods.synced()
        await self.nodes.synced()
        while True:
            await self.collect()
            await self.clock.sleep(PERIOD)

    async def collect(self) -> None:
        """One round."""
        pods = self.pods.all()
        for pod in plan.orphaned(pods, await self._gone(pods)):
            await self._try(pod, "DeletionByPodGC", "PodGC: node no longer exists")
        for pod in plan.never_started(pods):
            await self._try(pod)
        for pod in plan.finished(pods, self.finished_limit):
            await self._try(pod)

    async def _gone(self, pods: list[Pod]) -> set[str]:
        """The nodes that pods name and that have been missing long enough, also for the server."""
        now = self.clock.now()
        named = {pod.spec.nodeName for pod in pods if pod.spec.nodeName}
        missing = {name for name in named if self.nodes.get(name) is None}
        self._missing = {name: self._missing.get(name, now) for name in missing}
        gone = set()
        for name, since in self._missing.items():
            if now - since < plan.GRACE:
                continue
            try:
                await self.client.get(Node, name)
            except errors.NotFound:
                gone.add(name)
            except (errors.ApiError, ConnectionError) as error:
                self._log.debug("node %s: %s", name, error)
        return gone

    async def _try(self, pod: Pod, reason: str = "", message: str = "") -> None:
        try:
            await self._delete(pod, reason, message)
        except errors.NotFound:
            return
        except (errors.ApiError, ConnectionError) as error:
            self._log.warning("pod %s was not deleted: %s", key_of(pod), error)

    async def _delete(self, pod: Pod, reason: str, message: str) -> None:
        meta = pod.metadata
        changes: dict[str, Any] = {}
        if reason:
            told = PodCondition(
                type="DisruptionTarget",
                status="True",
                reason=reason,
                message=message,
                lastTransitionTime=Time.from_unix(self.clock.now()),
            )
            changes["conditions"] = conditions.put(pod.status.conditions, told)
        if not ask.is_finished(pod):  # nobody is left who could report how it ended
            changes["phase"] = "Failed"
            status = replace(pod.status, **changes)
            await self.client.update(replace(pod, status=status), subresource="status")
        await self.client.delete(Pod, meta.name, meta.namespace, uid=meta.uid, grace_period=0)
        self.pods.note_delete(key_of(pod), meta.uid)
