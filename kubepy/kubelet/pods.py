"""All pods of the node: from the apiserver and from manifests, a worker task each.

Whoever wants to know what runs here (the server, the node's status, garbage collection) asks
this; nobody else changes it.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping

from kubepy.api.core.v1 import Node, Pod
from kubepy.api.types import Time
from kubepy.client import Client
from kubepy.kubelet.pod.acts import Acts
from kubepy.kubelet.pod.admission import admit, running
from kubepy.kubelet.pod.phase import TERMINAL
from kubepy.kubelet.pod.status import Verdict, rejected
from kubepy.kubelet.pod.statuses import Statuses, with_status
from kubepy.kubelet.pod.worker import Worker
from kubepy.kubelet.probes.prober import Prober
from kubepy.kubelet.sources.manifests import MIRROR
from kubepy.kubelet.sources.mirrors import Mirrors, is_mirror

_log = logging.getLogger(__name__)


class Pods:
    """`run` owns the workers. Changes may come before it runs; they wait."""

    def __init__(
        self,
        acts: Acts,
        statuses: Statuses,
        prober: Prober,
        client: Client | None,
        rng: random.Random,
        mirrors: Mirrors | None = None,
    ) -> None:
        self._acts = acts
        self._statuses = statuses
        self._prober = prober
        self._client = client
        self._rng = rng
        self._mirrors = mirrors
        self._workers: dict[str, Worker] = {}  # by uid
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._api: dict[str, Pod] = {}  # by uid: what the apiserver has for this node
        self._statics: dict[str, Pod] = {}  # by uid
        self._rejected: set[str] = set()
        self._group: asyncio.TaskGroup | None = None
        self.node: Node | None = None
        acts.cache.subscribe(self.poke)
        prober.subscribe(self.poke)

    async def run(self) -> None:
        """Until cancelled; running containers stay."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for worker in self._workers.values():
                self._launch(worker)
            await asyncio.Event().wait()

    # What happens

    def poke(self, uid: str) -> None:
        """Something of a pod changed in the runtime, or a probe's result did."""
        worker = self._workers.get(uid)
        if worker is not None:
            worker.poke()

    def api_changed(self, old: Pod | None, new: Pod | None) -> None:
        """An informer's subscriber, for the pods bound to this node."""
        if old is not None and (new is None or new.metadata.uid != old.metadata.uid):
            self._gone(old)
        if new is None:
            return
        self._api[new.metadata.uid] = new
        self._statuses.saw(new)
        if is_mirror(new):
            self._mirror_changed(new)
            return
        worker = self._workers.get(new.metadata.uid)
        if worker is not None:
            worker.update(new, new)
        elif new.metadata.uid not in self._rejected:
            self._take_in(new)
        elif new.metadata.deletionTimestamp is not None:
            self._launch_new(new)  # refused: nothing of it runs, so it only has to be let go

    def statics_changed(self, statics: Mapping[str, Pod]) -> None:
        """The manifests on this node are these now."""
        before, self._statics = self._statics, dict(statics)
        for uid in before.keys() - statics.keys():
            if worker := self._workers.get(uid):
                worker.removed()
        for uid, pod in statics.items():
            if uid not in before:
                self._take_in(pod)
        self._see_mirrors()

    def evict(self, uid: str, verdict: Verdict) -> None:
        """End a pod for the node's sake."""
        if worker := self._workers.get(uid):
            worker.end("finished", verdict)

    # What is there

    def all(self) -> list[Pod]:
        """The pods of this node with their status as it is now."""
        found = []
        for uid, worker in self._workers.items():
            pod = worker.api_pod or worker.pod
            found.append(with_status(pod, self._statuses.latest(uid) or worker.status))
        known = self._workers.keys()
        found += [p for u, p in self._api.items() if u not in known and not is_mirror(p)]
        return found

    def find(self, namespace: str, name: str) -> Pod | None:
        """The pod that runs here under that name; its uid is the one the runtime knows."""
        for worker in self._workers.values():
            meta = worker.pod.metadata
            if meta.namespace == namespace and meta.name == name:
                return with_status(worker.pod, worker.status)
        return None

    def uids(self) -> set[str]:
        """Of the pods that may have something on this node."""
        return self._workers.keys() | self._api.keys() | self._statics.keys()

    # How it is done

    def _take_in(self, pod: Pod) -> None:
        uid = pod.metadata.uid
        if self._waits_for_namesake(pod):
            return
        known = bool(self._acts.cache.observed(uid).sandboxes)
        if not known and pod.status.phase not in TERMINAL:
            verdict = admit(pod, self._others(uid), self._acts.host.allocatable, self.node)
            if verdict is not None and pod.metadata.deletionTimestamp is None:
                self._reject(pod, verdict)
                return
        self._acts.objects.forget(pod.metadata.namespace)
        self._launch_new(pod)

    def _launch_new(self, pod: Pod) -> None:
        uid = pod.metadata.uid
        worker = Worker(pod, self._acts, self._statuses, self._prober, self._client, self._rng)
        if uid in self._statics:
            worker.api_pod = self._mirror(uid)
        self._workers[uid] = worker
        self._launch(worker)

    def _launch(self, worker: Worker) -> None:
        uid = worker.pod.metadata.uid
        if self._group is not None and uid not in self._tasks:
            self._tasks[uid] = self._group.create_task(self._work(uid, worker))

    async def _work(self, uid: str, worker: Worker) -> None:
        await worker.run()
        self._workers.pop(uid, None)
        self._tasks.pop(uid, None)
        for pod in list(self._statics.values()):
            if pod.metadata.uid not in self._workers:
                self._take_in(pod)  # it waited for this one's name

    def _waits_for_namesake(self, pod: Pod) -> bool:
        """A static pod starts when the one before it under its name has gone."""
        meta = pod.metadata
        return meta.uid in self._statics and any(
            (w.pod.metadata.namespace, w.pod.metadata.name) == (meta.namespace, meta.name)
            for w in self._workers.values()
        )

    def _others(self, uid: str) -> list[Pod]:
        return running(with_status(w.pod, w.status) for u, w in self._workers.items() if u != uid)

    def _reject(self, pod: Pod, verdict: Verdict) -> None:
        self._rejected.add(pod.metadata.uid)
        self._acts.tell(pod, "Warning", verdict.reason, verdict.message)
        now = Time.from_unix(self._acts.clock.now())
        self._statuses.publish(pod, rejected(pod, verdict, now))

    def _gone(self, pod: Pod) -> None:
        uid = pod.metadata.uid
        self._api.pop(uid, None)
        self._rejected.discard(uid)
        if is_mirror(pod):
            self._mirror_changed(pod)
        elif worker := self._workers.get(uid):
            worker.removed()
        else:
            self._statuses.forget(uid)

    def _mirror(self, static_uid: str) -> Pod | None:
        return next(
            (p for p in self._api.values() if p.metadata.annotations.get(MIRROR) == static_uid),
            None,
        )

    def _mirror_changed(self, mirror: Pod) -> None:
        uid = mirror.metadata.annotations[MIRROR]
        worker = self._workers.get(uid)
        if worker is not None and uid in self._statics:
            worker.update(worker.pod, self._mirror(uid))
        self._see_mirrors()

    def _see_mirrors(self) -> None:
        if self._mirrors is not None:
            self._mirrors.see(self._statics, [p for p in self._api.values() if is_mirror(p)])
