"""Deletes pods that a node's NoExecute taints drive away, when their time has come."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import Node, Pod, PodCondition
from kubepy.api.types import Time
from kubepy.client.informer import key_of
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.nodelifecycle.controller import NODE, node_of
from kubepy.controllers.tainteviction import plan
from kubepy.meta import conditions, errors

REASON = "DeletionByTaintManager"
MESSAGE = "Taint manager: deleting due to NoExecute taint"


class TaintEvictionController(Controller):
    """A key is a pod's `namespace/name`."""

    name = "taint-eviction-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.nodes = self.watch(Node)
        self.pods = self.watch(Pod)
        self.recorder = context.recorder("taint-eviction-controller")
        self.pods.add_index(NODE, node_of)
        # uid → since when a pod's going is due; only pods that wait for their time.
        self._waiting: dict[str, float] = {}
        self.nodes.subscribe(self._node_changed)
        self.pods.subscribe(self._pod_changed)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        before = old.spec.taints if old is not None else ()
        after = new.spec.taints if new is not None else ()
        if before != after:
            node = new or old
            assert node is not None
            for pod in self.pods.by(NODE, node.metadata.name):
                self.queue.add(key_of(pod))

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None:
                self._waiting.pop(old.metadata.uid, None)
            return
        if (
            old is None
            or old.spec.nodeName != new.spec.nodeName
            or old.spec.tolerations != new.spec.tolerations
        ):
            self.queue.add(key_of(new))

    async def reconcile(self, key: str) -> None:
        pod = self.pods.get(key)
        if pod is None or pod.metadata.deletionTimestamp is not None:
            return
        uid, now = pod.metadata.uid, self.clock.now()
        node = self.nodes.get(pod.spec.nodeName)
        taints = node.spec.taints if node is not None else ()
        since = self._waiting.get(uid, now)
        when = plan.eviction_time(pod, taints, since)
        if when is None:
            if self._waiting.pop(uid, None) is not None:
                self._tell(pod, "Cancelling deletion of Pod")
            return
        if when > now:
            self._waiting[uid] = since
            self.queue.add_after(key, when - now)
            return
        self._tell(pod, "Marking for deletion Pod")
        await self._evict(pod)
        self._waiting.pop(uid, None)

    def _tell(self, pod: Pod, what: str) -> None:
        self.recorder.event(pod, "Normal", "TaintManagerEviction", f"{what} {key_of(pod)}")

    async def _evict(self, pod: Pod) -> None:
        meta = pod.metadata
        told = PodCondition(
            type="DisruptionTarget",
            status="True",
            reason=REASON,
            message=MESSAGE,
            lastTransitionTime=Time.from_unix(self.clock.now()),
        )
        status = replace(pod.status, conditions=conditions.put(pod.status.conditions, told))
        try:
            await self.client.update(replace(pod, status=status), subresource="status")
            await self.client.delete(Pod, meta.name, meta.namespace, uid=meta.uid)
        except errors.NotFound:
            return
        self.pods.note_delete(key_of(pod), meta.uid)
