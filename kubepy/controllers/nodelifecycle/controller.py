"""Watches over nodes: marks the silent ones, taints them, and reports their pods as not ready."""

from __future__ import annotations

import asyncio
from typing import Any

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.coordination.v1 import Lease
from kubepy.api.core.v1 import Node, ObjectReference, Pod, PodCondition, Taint
from kubepy.api.types import Time
from kubepy.controllers import pods as ask
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.nodelifecycle import plan
from kubepy.controllers.nodelifecycle.plan import Heartbeat, Patience
from kubepy.meta import conditions, errors

NODE = "node"  # index: the node that pods are on
LEASE_NAMESPACE = "kube-node-lease"


def node_of(pod: Pod) -> tuple[str, ...]:
    return (pod.spec.nodeName,) if pod.spec.nodeName else ()


def reference(node: Node) -> ObjectReference:
    """How this controller's events name a node."""
    return ObjectReference(
        kind="Node", apiVersion="v1", name=node.metadata.name, uid=node.metadata.uid
    )


class NodeLifecycleController(Controller):
    """A key is a node's name: its NoSchedule taints follow its conditions. Beside the queue, a
    round over all nodes listens for heartbeats."""

    name = "node-lifecycle-controller"

    def __init__(self, context: Context, patience: Patience = Patience()) -> None:  # noqa: B008
        super().__init__(context)
        self.patience = patience
        self.nodes = self.watch(Node)
        self.pods = self.watch(Pod)
        self.leases = self.watch(Lease)
        self.recorder = context.recorder("node-controller")
        self.pods.add_index(NODE, node_of)
        self.nodes.subscribe(self._node_changed)
        self._heartbeats: dict[str, Heartbeat] = {}
        self._was_ready: dict[str, bool] = {}
        self._blind = False
        self._next_eviction: dict[str, float] = {}  # zone → when one more node may be emptied

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is not None:
            self.queue.add(new.metadata.name)

    async def reconcile(self, key: str) -> None:
        node = self.nodes.get(key)
        if node is not None:
            await self._taint(node, plan.no_schedule(node, self.clock.now()))

    async def run(self) -> None:
        for informer in (self.nodes, self.pods, self.leases):
            await informer.synced()
        async with asyncio.TaskGroup() as group:
            group.create_task(super().run())
            group.create_task(self._monitor_for_ever())

    async def _monitor_for_ever(self) -> None:
        while True:
            await self.monitor()
            await self.clock.sleep(self.patience.monitor_period)

    async def monitor(self) -> None:
        """One round over all nodes."""
        nodes = {node.metadata.name: node for node in self.nodes.all()}
        self._meet(nodes)
        for node in nodes.values():
            try:
                await self._listen(node)
            except (errors.ApiError, ConnectionError) as error:
                self._log.debug("%s: %s", node.metadata.name, error)
        await self._evict()

    def _meet(self, nodes: dict[str, Node]) -> None:
        """Tell who came and who went."""
        for name, node in nodes.items():
            if name not in self._heartbeats:
                self._tell(node, "RegisteredNode", f"Registered Node {name} in Controller")
        for name in self._heartbeats.keys() - nodes.keys():
            text = f"Node {name} event: Removing Node {name} from Controller"
            gone = ObjectReference(kind="Node", apiVersion="v1", name=name, uid=name)
            self.recorder.event(gone, "Normal", "RemovingNode", text)
            del self._heartbeats[name]
            self._was_ready.pop(name, None)

    def _tell(self, node: Node, reason: str, text: str) -> None:
        line = f"Node {node.metadata.name} event: {text}"
        self.recorder.event(reference(node), "Normal", reason, line)

    async def _listen(self, node: Node) -> None:
        """Has the node been heard of lately? Report it if not, and when it turns unready."""
        name, now = node.metadata.name, self.clock.now()
        lease = self.leases.get(f"{LEASE_NAMESPACE}/{name}")
        heartbeat = plan.observe(self._heartbeats.get(name), node, lease, now)
        self._heartbeats[name] = heartbeat
        if plan.is_lost(heartbeat, self.patience, now):
            changed = plan.lost_conditions(node, now)
            if changed != node.status.conditions:
                status = replace(node.status, conditions=changed)
                node = await self.client.update(replace(node, status=status), subresource="status")
                self.nodes.note_write(node)
        ready = plan.ready_status(node) == "True"
        if self._was_ready.get(name) and not ready:
            line = f"Node {name} status is now: NodeNotReady"
            self.recorder.event(reference(node), "Normal", "NodeNotReady", line)
        self._was_ready[name] = ready
        if not ready:
            await self._mark_pods(name)

    async def _mark_pods(self, node: str) -> None:
        """Nobody else can say that the pods of a silent node are not ready."""
        for pod in self.pods.by(NODE, node):
            ready = ask.condition(pod, "Ready")
            if ready is None or ready.status != "True":
                continue
            time = Time.from_unix(self.clock.now())
            unready: PodCondition = replace(ready, status="False", lastTransitionTime=time)
            status = replace(pod.status, conditions=conditions.put(pod.status.conditions, unready))
            try:
                written = await self.client.update(
                    replace(pod, status=status), subresource="status"
                )
            except (errors.NotFound, errors.Conflict):
                continue  # gone; or changed meanwhile, and the next round looks again
            self.pods.note_write(written)
            self.recorder.event(pod, "Warning", "NodeNotReady", "Node is not ready")

    async def _evict(self) -> None:
        """Bring the NoExecute taints up to date, no faster than each zone's rate."""
        nodes = self.nodes.all()
        states = plan.zone_states(nodes, self.patience)
        blind = plan.is_blind(states)
        now = self.clock.now()
        if self._blind and not blind:  # we see again: nobody was heard in the meantime
            for name, heartbeat in self._heartbeats.items():
                self._heartbeats[name] = replace(heartbeat, seen=now)
        self._blind = blind
        for node in nodes:
            if blind:
                await self._try_taint(node, plan.reachable(node))
                continue
            zone = plan.zone_of(node)
            followed = plan.no_execute(node, now, evict=False)
            wanted = plan.no_execute(node, now)
            if wanted != followed and self._may_evict(zone, states[zone], nodes, now):
                await self._try_taint(node, wanted)
            else:
                await self._try_taint(node, followed)

    def _may_evict(self, zone: str, state: plan.ZoneState, nodes: list[Node], now: float) -> bool:
        size = sum(plan.zone_of(node) == zone for node in nodes)
        rate = plan.eviction_rate(state, size, self.patience)
        if rate == 0 or self._next_eviction.get(zone, now) > now:
            return False
        self._next_eviction[zone] = now + 1 / rate
        return True

    async def _try_taint(self, node: Node, taints: tuple[Taint, ...]) -> None:
        try:
            await self._taint(node, taints)
        except (errors.ApiError, ConnectionError) as error:
            self._log.debug("%s: %s", node.metadata.name, error)

    async def _taint(self, node: Node, taints: tuple[Taint, ...]) -> None:
        if taints == node.spec.taints:
            return
        meta = node.metadata
        patch: dict[str, Any] = {
            "metadata": {"uid": meta.uid, "resourceVersion": meta.resourceVersion},
            "spec": {"taints": codec.to_builtins(taints) or None},
        }
        self.nodes.note_write(await self.client.patch(Node, meta.name, patch=patch))
