"""kube-controller-manager as a whole."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from kubepy.api.coordination.v1 import Lease
from kubepy.api.core.v1 import ConfigMap
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.base.tasks import Failure
from kubepy.controllers import manager, metrics
from kubepy.controllers.config import Config
from kubepy.controllers.context import Context
from kubepy.controllers.registry import CONTROLLERS, Settings
from tests.unit.controllers.build import deployment
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


def start(cluster: World, **flags: Any) -> asyncio.Task[None]:
    config = Config(secure_port=0, **flags)
    return asyncio.ensure_future(
        manager.run(config, cluster.client, clock=cluster.clock, rng=cluster.rng)
    )


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def holder(cluster: World) -> str:
    lease = await cluster.client.get(Lease, "kube-controller-manager", "kube-system")
    return lease.spec.holderIdentity or ""


async def test_all_controllers_together_bring_a_deployment_up_and_take_it_down() -> None:
    async with world() as cluster, cluster.kubelet():
        await cluster.namespace()
        task = start(cluster)
        await cluster.client.create(deployment(3))
        await cluster.settle(20)
        assert len(await cluster.pods()) == 3
        await cluster.client.delete(type(deployment()), "web", "shop")
        await cluster.settle(20)
        assert await cluster.pods() == []
        await stop(task)


async def test_the_second_instance_takes_over() -> None:
    async with world() as cluster, cluster.kubelet():
        await cluster.namespace()
        first, second = start(cluster), start(cluster)
        await cluster.settle(10)
        leader = await holder(cluster)
        await stop(first)
        await cluster.settle(20)
        assert leader and await holder(cluster)
        await cluster.client.create(deployment(2))
        await cluster.settle(20)
        assert len(await cluster.pods()) == 2
        await stop(second)
        assert await holder(cluster) == ""


async def test_controllers_that_are_switched_off_do_nothing() -> None:
    async with world() as cluster:
        task = start(
            cluster, controllers=("*", "-root-ca-cert-publisher", "-deployment"), leader_elect=False
        )
        await cluster.namespace()
        await cluster.client.create(deployment(1))
        await cluster.settle(20)
        assert await cluster.pods() == []
        assert (await cluster.client.list(ConfigMap, "shop")).items == ()
        await stop(task)


async def test_a_root_ca_that_cannot_be_read_is_said_in_a_line() -> None:
    async with world() as cluster:
        with pytest.raises(Failure, match="--root-ca-file /nowhere: No such file"):
            await start(cluster, root_ca_file="/nowhere")


async def test_every_controller_can_be_made_and_bears_its_name() -> None:
    async with world() as cluster:
        config = Config(allocate_node_cidrs=True, cluster_cidr="10.244.0.0/16")
        settings = Settings(config=config, root_ca="PEM")
        context = Context(cluster.client, cluster.clock, cluster.rng)
        made = manager.make(context, settings)
        assert [controller.name for controller in made] == list(CONTROLLERS)


async def test_an_object_with_a_strange_name_is_no_controllers_end() -> None:
    async with world() as cluster:
        await cluster.namespace()
        task = start(cluster)
        await cluster.client.create(
            ConfigMap(metadata=ObjectMeta(name="a.b-c", namespace="shop"), data={"k": "v"})
        )
        await cluster.settle(10)
        assert not task.done()
        await stop(task)


async def test_metrics_bear_kubernetes_names() -> None:
    async with world() as cluster, cluster.kubelet():
        await cluster.namespace()
        settings = Settings(config=Config(leader_elect=False))
        made = manager.Manager(settings, cluster.client, cluster.clock, cluster.rng)
        registry = metrics.registry(made.queues, made.leads, "kube-controller-manager")
        name = {"name": "kube-controller-manager"}
        assert registry.get_sample_value("leader_election_master_status", name) == 0
        task = asyncio.ensure_future(made.run())
        await cluster.client.create(deployment(3))
        await cluster.settle(10)
        queue = {"name": "replicaset-controller"}
        assert registry.get_sample_value("workqueue_depth", queue) == 0
        assert registry.get_sample_value("workqueue_adds_total", queue)
        assert registry.get_sample_value("leader_election_master_status", name) == 1
        await stop(task)
