"""Node lifecycle, taint eviction, node IPAM and pod garbage, in virtual time."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api.coordination.v1 import Lease, LeaseSpec
from kubepy.api.core.v1 import Event, Node, NodeCondition, NodeStatus, Pod, Toleration
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime, Time
from kubepy.controllers.context import Context
from kubepy.controllers.nodeipam.controller import NodeIpamController
from kubepy.controllers.nodeipam.plan import pools
from kubepy.controllers.nodelifecycle.controller import NodeLifecycleController
from kubepy.controllers.podgc.controller import PodGarbageCollector
from kubepy.controllers.tainteviction.controller import TaintEvictionController
from kubepy.meta import conditions, errors
from tests.unit.controllers.build import template
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime

LEASES = "kube-node-lease"


async def add_node(cluster: World, name: str) -> None:
    node = await cluster.client.create(Node(metadata=ObjectMeta(name=name)))
    time = Time.from_unix(cluster.clock.now())
    ready = NodeCondition(
        type="Ready", status="True", lastHeartbeatTime=time, lastTransitionTime=time
    )
    status = NodeStatus(conditions=(ready,))
    await cluster.client.update(replace(node, status=status), subresource="status")


async def beat(cluster: World, *names: str) -> None:
    """The nodes' kubelets renew their leases, and report that they are ready."""
    now = MicroTime.from_unix(cluster.clock.now())
    for name in names:
        lease = Lease(
            metadata=ObjectMeta(name=name, namespace=LEASES),
            spec=LeaseSpec(holderIdentity=name, renewTime=now),
        )
        try:
            found = await cluster.client.get(Lease, name, LEASES)
            await cluster.client.update(replace(found, spec=lease.spec))
        except errors.NotFound:
            await cluster.client.create(lease)
        node = await cluster.client.get(Node, name)
        ready = conditions.find(node.status.conditions, "Ready")
        assert ready is not None
        if ready.status != "True":
            told = replace(ready, status="True", reason="KubeletReady", message="")
            status = replace(node.status, conditions=conditions.put(node.status.conditions, told))
            await cluster.client.update(replace(node, status=status), subresource="status")


async def pass_time(cluster: World, seconds: float, *beating: str) -> None:
    for _ in range(int(seconds / 10)):
        await beat(cluster, *beating)
        await cluster.settle(10)


async def taints(cluster: World, name: str) -> set[tuple[str, str]]:
    node = await cluster.client.get(Node, name)
    return {(taint.key.rpartition("/")[2], taint.effect) for taint in node.spec.taints}


async def add_pod(cluster: World, name: str, node: str, **spec: Any) -> None:
    wanted = replace(template().spec, nodeName=node, **spec)
    await cluster.client.create(
        Pod(metadata=ObjectMeta(name=name, namespace="default"), spec=wanted)
    )
    await cluster.run_pods()


async def pod_names(cluster: World) -> list[str]:
    return sorted(
        pod.metadata.name
        for pod in await cluster.pods("default")
        if pod.metadata.deletionTimestamp is None
    )


async def test_a_silent_node_is_marked_tainted_and_emptied_and_comes_back() -> None:
    async with world() as cluster:
        for name in ("n1", "n2"):
            await add_node(cluster, name)
        await add_pod(cluster, "patient", "n1")
        await add_pod(cluster, "impatient", "n1", tolerations=(
            Toleration(key="node.kubernetes.io/unreachable", operator="Exists",
                       effect="NoExecute", tolerationSeconds=20),
        ))  # fmt: skip
        cluster.start(NodeLifecycleController, TaintEvictionController)
        await pass_time(cluster, 60, "n1", "n2")
        assert await taints(cluster, "n1") == set()
        await pass_time(cluster, 70, "n2")
        node = await cluster.client.get(Node, "n1")
        ready = conditions.find(node.status.conditions, "Ready")
        assert ready is not None and ready.reason == "NodeStatusUnknown"
        assert await taints(cluster, "n1") == {
            ("unreachable", "NoSchedule"),
            ("unreachable", "NoExecute"),
        }
        pod = await cluster.client.get(Pod, "patient", "default")
        assert not conditions.is_true(pod.status.conditions, "Ready")
        await pass_time(cluster, 30, "n2")
        assert await pod_names(cluster) == ["patient"]
        await pass_time(cluster, 20, "n1", "n2")
        assert await taints(cluster, "n1") == set()
        await pass_time(cluster, 600, "n1", "n2")
        assert await pod_names(cluster) == ["patient"]
        messages = [event.message for event in (await cluster.client.list(Event)).items]
        assert "Marking for deletion Pod default/impatient" in messages
        assert "Cancelling deletion of Pod default/patient" in messages
        assert "Node n1 status is now: NodeNotReady" in messages


async def test_the_default_toleration_is_five_minutes() -> None:
    async with world() as cluster:
        for name in ("n1", "n2"):
            await add_node(cluster, name)
        await add_pod(cluster, "web", "n1")
        cluster.start(NodeLifecycleController, TaintEvictionController)
        await pass_time(cluster, 340, "n2")
        assert await pod_names(cluster) == ["web"]
        await pass_time(cluster, 40, "n2")
        assert await pod_names(cluster) == []
        going = await cluster.client.get(Pod, "web", "default")
        told = conditions.find(going.status.conditions, "DisruptionTarget")
        assert told is not None and told.reason == "DeletionByTaintManager"


async def test_when_every_node_is_lost_nothing_is_emptied() -> None:
    async with world() as cluster:
        for name in ("n1", "n2"):
            await add_node(cluster, name)
        cluster.start(NodeLifecycleController)
        await pass_time(cluster, 60, "n1", "n2")
        await cluster.settle(300)
        assert await taints(cluster, "n1") == {("unreachable", "NoSchedule")}
        assert await taints(cluster, "n2") == {("unreachable", "NoSchedule")}


async def test_nodes_are_emptied_one_after_another() -> None:
    async with world() as cluster:
        names = [f"n{number}" for number in range(7)]
        for name in names:
            await add_node(cluster, name)
        cluster.start(NodeLifecycleController)
        await pass_time(cluster, 20, *names)
        lost, alive = names[:2], names[2:]
        await pass_time(cluster, 40, *alive)
        counts = []
        for _ in range(20):
            await cluster.settle(2)
            await beat(cluster, *alive)
            tainted = [("unreachable", "NoExecute") in await taints(cluster, n) for n in lost]
            counts.append(sum(tainted))
        assert 1 in counts and counts[-1] == 2


async def test_each_node_gets_its_own_range() -> None:
    found = pools("10.244.0.0/22", 24)

    def make(context: Context) -> NodeIpamController:
        return NodeIpamController(context, found, ("10.244.1.0/24",))

    async with world() as cluster:
        cluster.start(make)
        for name in ("n1", "n2", "n3", "n4"):
            await add_node(cluster, name)
        await cluster.settle(5)
        nodes = {n.metadata.name: n.spec for n in (await cluster.client.list(Node)).items}
        given = {spec.podCIDR for spec in nodes.values() if spec.podCIDR}
        assert given == {"10.244.0.0/24", "10.244.2.0/24", "10.244.3.0/24"}
        assert all(spec.podCIDRs == (spec.podCIDR,) for spec in nodes.values() if spec.podCIDR)
        (event,) = (await cluster.client.list(Event)).items
        assert event.reason == "CIDRNotAvailable"
        await cluster.restart()
        waiting = next(name for name, spec in nodes.items() if not spec.podCIDR)
        other = next(name for name, spec in nodes.items() if spec.podCIDR)
        await cluster.client.delete(Node, other)
        await cluster.settle(5)
        spec = (await cluster.client.get(Node, waiting)).spec
        assert spec.podCIDR == nodes[other].podCIDR


async def test_pods_of_nodes_that_are_gone_go_too() -> None:
    async with world() as cluster:
        await add_node(cluster, "n1")
        await add_pod(cluster, "web", "n1")
        await add_pod(cluster, "lost", "gone")
        cluster.start(PodGarbageCollector)
        await cluster.settle(35)
        assert await pod_names(cluster) == ["lost", "web"]
        await cluster.settle(60)
        assert [p.metadata.name for p in await cluster.pods("default")] == ["web"]


async def test_finished_pods_beyond_the_limit_go_oldest_first() -> None:
    async with world() as cluster:
        await add_node(cluster, "n1")
        for number in range(5):
            await add_pod(cluster, f"p{number}", "n1")
            pod = await cluster.client.get(Pod, f"p{number}", "default")
            done = replace(pod.status, phase="Succeeded")
            await cluster.client.update(replace(pod, status=done), subresource="status")
            await cluster.settle(2)
        cluster.start(lambda context: PodGarbageCollector(context, finished_limit=2))
        await cluster.settle(60)
        assert await pod_names(cluster) == ["p3", "p4"]
