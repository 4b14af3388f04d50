"""The scheduler: informers fill the table and the queue, cycles decide, bindings carry it out.

Deciding runs without a pause, so the table stands still meanwhile. Binding takes a request, so it
runs beside: the pod is assumed to be on its node from the decision on, and forgotten there if
the server refuses.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine
from typing import Any

from kubepy.api import codec
from kubepy.api.core.v1 import Binding, Node, ObjectReference, Pod, PodCondition
from kubepy.api.meta.v1 import ObjectMeta, Status
from kubepy.api.types import Time
from kubepy.base.backoff import Backoff
from kubepy.base.clock import Clock
from kubepy.client.client import Client
from kubepy.client.events import Recorder
from kubepy.client.informer import Informer
from kubepy.meta import conditions, errors
from kubepy.scheduler.config import KubeSchedulerConfiguration
from kubepy.scheduler.cycle import Placement, place
from kubepy.scheduler.diagnosis import Diagnosis
from kubepy.scheduler.metrics import Metrics
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.profiles import profiles
from kubepy.scheduler.queue import PodQueue, QueuedPod

BINDINGS = 100  # requests to bind under way at once
NOTE_LIMIT = 1024  # characters of an event's note

UNSCHEDULABLE, SCHEDULER_ERROR = "Unschedulable", "SchedulerError"

log = logging.getLogger(__name__)


class Scheduler:
    """Everything of one kube-scheduler but its leader election and its server."""

    def __init__(
        self,
        config: KubeSchedulerConfiguration,
        client: Client,
        pods: Informer[Pod],
        nodes: Informer[Node],
        *,
        clock: Clock,
        rng: random.Random,
        identity: str = "",
    ) -> None:
        self.profiles = profiles(config)
        self.nodes = NodeTable()
        self.queue = PodQueue(
            clock, Backoff(config.podInitialBackoffSeconds, config.podMaxBackoffSeconds)
        )
        self.metrics = Metrics(self.queue)
        # Why the pods that wait could not be placed, by uid.
        self.diagnoses: dict[str, Diagnosis] = {}
        self._client = client
        self._pods = pods
        self._clock = clock
        self._rng = rng
        self._recorders = {
            name: Recorder(client, name, identity, clock, api="events") for name in self.profiles
        }
        # uids of pods that were decided on and that no informer has shown on their node yet.
        self._assumed: set[str] = set()
        self._binding = asyncio.Semaphore(BINDINGS)
        nodes.subscribe(self._on_node)
        pods.subscribe(self._on_pod)

    async def run(self) -> None:
        """Schedule until cancelled. The informers must be synced."""
        async with asyncio.TaskGroup() as group:
            for recorder in self._recorders.values():
                group.create_task(recorder.run())
            try:
                while True:
                    await self._binding.acquire()
                    queued = await self.queue.pop()
                    self._schedule(queued, group)
                    await asyncio.sleep(0)  # between two decisions others have their turn
            finally:
                self.queue.close()

    def why(self, key: str) -> dict[str, list[str]] | None:
        """For each node why it did not take the pod `namespace/name`; None: not known."""
        pod = self._pods.get(key)
        diagnosis = self.diagnoses.get(pod.metadata.uid) if pod is not None else None
        return diagnosis.by_node() if diagnosis is not None else None

    # --- one pod

    def _schedule(self, queued: QueuedPod, group: asyncio.TaskGroup) -> None:
        """Decide, and start what follows; that gives the binding slot back."""
        info = queued.info
        profile = self.profiles[info.pod.spec.schedulerName]
        if info.pod.metadata.deletionTimestamp is not None:
            self._skip(queued)
            return
        if queued.attempts == 1:
            _warn_of_unsupported(info)
        started = self._clock.monotonic()
        decision = place(info, self.nodes, profile, self._rng)
        result = "scheduled" if isinstance(decision, Placement) else "unschedulable"
        took = self._clock.monotonic() - started
        self.metrics.attempts.labels(result, profile.name).observe(took)
        self.metrics.schedule_attempts.labels(result, profile.name).inc()
        match decision:
            case Placement(node=node):
                self._assumed.add(info.uid)
                self.nodes.add_pod(info, node)
                follow_up = self._bind(queued, node)
            case Diagnosis():
                self.diagnoses[info.uid] = decision
                self.queue.turned_down(queued, profile.wakes_on(decision.plugins))
                follow_up = self._report(info, UNSCHEDULABLE, decision.message())
        group.create_task(self._with_slot(follow_up))

    async def _with_slot(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._binding.release()

    def _skip(self, queued: QueuedPod) -> None:
        info = queued.info
        self._event(info, "Warning", "FailedScheduling", "Scheduling",
                    f"skip schedule deleting pod: {info.key}")  # fmt: skip
        self.queue.remove(info.uid)
        self._binding.release()

    async def _bind(self, queued: QueuedPod, node: str) -> None:
        info = queued.info
        meta = info.pod.metadata
        binding = Binding(
            metadata=ObjectMeta(name=meta.name, namespace=meta.namespace, uid=meta.uid),
            target=ObjectReference(kind="Node", name=node),
        )
        try:
            await self._client.create_subresource(
                Pod, meta.name, meta.namespace, "binding", binding, Status
            )
        except (errors.ApiError, ConnectionError, TimeoutError) as error:
            await self._binding_failed(queued, error)
            return
        self.diagnoses.pop(info.uid, None)
        waited = self._clock.monotonic() - queued.first_seen
        self.metrics.binding.labels(str(min(queued.attempts, 15))).observe(waited)
        log.info("bound %s to %s", info.key, node)
        self._event(info, "Normal", "Scheduled", "Binding",
                    f"Successfully assigned {info.key} to {node}")  # fmt: skip

    async def _binding_failed(self, queued: QueuedPod, error: Exception) -> None:
        info = queued.info
        if info.uid in self._assumed:
            self._assumed.discard(info.uid)
            self.nodes.remove_pod(info.uid)
            self.queue.wake((Change.POD_REMOVED,))
        if isinstance(error, errors.NotFound):
            self.queue.remove(info.uid)
        if self.queue.get(info.uid) is None:
            return  # deleted, or bound after all
        self.queue.failed(queued)
        profile = info.pod.spec.schedulerName
        self.metrics.schedule_attempts.labels("error", profile).inc()
        log.warning("binding %s failed: %s", info.key, error)
        await self._report(info, SCHEDULER_ERROR, f'running Bind plugin "DefaultBinder": {error}')

    async def _report(self, info: PodInfo, reason: str, message: str) -> None:
        """Tell people: an event, and the pod's condition PodScheduled if it says something new."""
        log.info("cannot schedule %s: %s", info.key, message)
        self._event(info, "Warning", "FailedScheduling", "Scheduling", message)
        pod = self._pods.get(info.key)
        if pod is None or pod.metadata.uid != info.uid:
            return
        condition = PodCondition(
            type="PodScheduled",
            observedGeneration=pod.metadata.generation,
            status="False",
            lastTransitionTime=Time.from_unix(self._clock.now()),
            reason=reason,
            message=message,
        )
        updated = conditions.put(pod.status.conditions, condition)
        if updated is pod.status.conditions:
            return
        changed = codec.to_builtins(conditions.find(updated, "PodScheduled"))
        meta = pod.metadata
        try:
            written = await self._client.patch(
                Pod, meta.name, meta.namespace, subresource="status", style="strategic",
                patch={"metadata": {"uid": meta.uid}, "status": {"conditions": [changed]}},
            )  # fmt: skip
        except errors.NotFound:
            return
        except (errors.ApiError, ConnectionError, TimeoutError) as error:
            log.warning("condition of %s not written: %s", info.key, error)
            return
        self._pods.note_write(written)

    def _event(self, info: PodInfo, type_: str, reason: str, action: str, message: str) -> None:
        if len(message) > NOTE_LIMIT:
            message = message[: NOTE_LIMIT - 4] + " ..."
        recorder = self._recorders[info.pod.spec.schedulerName]
        recorder.event(info.pod, type_, reason, message, action=action)  # type: ignore[arg-type]

    # --- what the informers tell

    def _on_node(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            assert old is not None
            self.nodes.remove_node(old.metadata.name)
        else:
            self.queue.wake(self.nodes.put_node(new))

    def _on_pod(self, old: Pod | None, new: Pod | None) -> None:
        if old is not None and (new is None or new.metadata.uid != old.metadata.uid):
            self._gone(old.metadata.uid)
            old = None
        if new is None:
            return
        uid = new.metadata.uid
        if new.status.phase in ("Succeeded", "Failed"):
            self._gone(uid)
        elif new.spec.nodeName:
            self._assigned(old, new)
        elif new.spec.schedulerName in self.profiles and uid not in self._assumed:
            self.queue.add(PodInfo.of(new))

    def _assigned(self, old: Pod | None, new: Pod) -> None:
        """The pod is on its node: as decided here, by somebody else, or since before our time."""
        uid = new.metadata.uid
        self._assumed.discard(uid)
        self.queue.remove(uid)
        self.diagnoses.pop(uid, None)
        if old is not None and old.spec.nodeName and old.spec == new.spec:
            return  # a change of its status
        self.nodes.add_pod(PodInfo.of(new), new.spec.nodeName)
        if old is not None and old.spec.nodeName:
            self.queue.wake((Change.POD_REMOVED,))  # resized, perhaps to less

    def _gone(self, uid: str) -> None:
        self._assumed.discard(uid)
        self.queue.remove(uid)
        self.diagnoses.pop(uid, None)
        if self.nodes.remove_pod(uid):
            self.queue.wake((Change.POD_REMOVED,))


def _warn_of_unsupported(info: PodInfo) -> None:
    """Say so rather than place a pod where it did not want to be without a word."""
    spec = info.pod.spec
    affinity = spec.affinity
    ignored = [
        name
        for name, used in (
            ("podAffinity", affinity is not None and affinity.podAffinity is not None),
            ("podAntiAffinity", affinity is not None and affinity.podAntiAffinity is not None),
            ("topologySpreadConstraints", bool(spec.topologySpreadConstraints)),
            ("resourceClaims", bool(spec.resourceClaims)),
            ("volumes' nodes", any(volume.persistentVolumeClaim for volume in spec.volumes)),
        )
        if used
    ]
    if ignored:
        log.warning("%s: not supported yet, ignored: %s", info.key, ", ".join(ignored))
