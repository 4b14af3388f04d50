"""Deployments against the real apiserver, with the ReplicaSet controller below them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from kubepy.api.apps.v1 import Deployment, DeploymentCondition, ReplicaSet, ReplicaSetSpec
from kubepy.api.core.v1 import Event
from kubepy.api.meta.v1 import LabelSelector, ObjectMeta
from kubepy.client.transport import Transport
from kubepy.controllers import pods as ask
from kubepy.controllers.deployment.controller import DeploymentController
from kubepy.controllers.deployment.revisions import HISTORY, REVISION
from kubepy.controllers.replicaset.controller import ReplicaSetController
from kubepy.meta import conditions
from tests.unit.controllers.build import deployment, template
from tests.unit.controllers.chaos import Troubled
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


async def prepare(cluster: World, replicas: int = 3, **spec: Any) -> None:
    await cluster.namespace()
    wanted = deployment(replicas, **spec)
    await cluster.client.create(wanted)
    cluster.start(DeploymentController, ReplicaSetController)


async def change(cluster: World, **spec: Any) -> None:
    if image := spec.pop("image", ""):
        containers = [{"name": "web", "image": image}]
        spec["template"] = {"spec": {"containers": containers}}
    await cluster.client.patch(Deployment, "web", "shop", patch={"spec": spec}, style="strategic")


async def current(cluster: World) -> Deployment:
    return await cluster.client.get(Deployment, "web", "shop")


async def images(cluster: World) -> list[str]:
    live = [pod for pod in await cluster.pods() if ask.is_active(pod)]
    return sorted(pod.spec.containers[0].image for pod in live)


async def sets(cluster: World) -> dict[str, ReplicaSet]:
    listing = await cluster.client.list(ReplicaSet, "shop")
    return {rs.spec.template.spec.containers[0].image: rs for rs in listing.items}


async def told(cluster: World, type: str) -> DeploymentCondition:
    found = conditions.find((await current(cluster)).status.conditions, type)
    assert found is not None
    return found


async def test_from_nothing_to_complete() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        await cluster.settle()
        found = await current(cluster)
        status = found.status
        assert (status.replicas, status.updatedReplicas, status.availableReplicas) == (3, 3, 3)
        assert (status.unavailableReplicas, status.observedGeneration) == (0, 1)
        assert found.metadata.annotations[REVISION] == "1"
        assert (await told(cluster, "Progressing")).reason == "NewReplicaSetAvailable"
        assert (await told(cluster, "Available")).status == "True"
        (event,) = (
            await cluster.client.list(Event, "shop", field_selector="reason=ScalingReplicaSet")
        ).items
        (rs,) = (await sets(cluster)).values()
        assert event.message == f"Scaled up replica set {rs.metadata.name} from 0 to 3"


async def test_a_settled_cluster_writes_nothing_more() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        await cluster.settle(60)
        before = (await cluster.client.list(Deployment)).resource_version
        await cluster.settle(600)
        assert (await cluster.client.list(Deployment)).resource_version == before


async def test_a_rolling_update_keeps_enough_pods_available() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster, 4, surge=1, unavailable=1)
        await cluster.settle()
        await change(cluster, image="web:2")
        for _ in range(400):
            await cluster.settle(0.1)
            live = [pod for pod in await cluster.pods() if ask.is_active(pod)]
            assert len(live) <= 5
            assert sum(map(ask.is_ready, live)) >= 3
        assert await images(cluster) == ["web:2"] * 4
        assert (await current(cluster)).metadata.annotations[REVISION] == "2"


async def test_undoing_brings_the_old_set_back_with_a_new_revision() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        await cluster.settle()
        name = (await sets(cluster))["web:1"].metadata.name
        await change(cluster, image="web:2")
        await cluster.settle()
        await change(cluster, image="web:1")
        await cluster.settle()
        assert await images(cluster) == ["web:1"] * 3
        old = (await sets(cluster))["web:1"]
        assert old.metadata.name == name
        assert (old.metadata.annotations[REVISION], old.metadata.annotations[HISTORY]) == ("3", "1")
        assert (await current(cluster)).metadata.annotations[REVISION] == "3"


async def test_recreate_never_mixes_templates() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster, strategy="Recreate")
        await cluster.settle()
        await change(cluster, image="web:2")
        for _ in range(200):
            await cluster.settle(0.1)
            assert len({pod.spec.containers[0].image for pod in await cluster.pods()}) <= 1
        assert await images(cluster) == ["web:2"] * 3


async def test_a_paused_deployment_waits_and_then_rolls() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        await cluster.settle()
        await change(cluster, paused=True, image="web:2", replicas=5)
        await cluster.settle()
        assert await images(cluster) == ["web:1"] * 5
        assert (await told(cluster, "Progressing")).reason == "DeploymentPaused"
        await change(cluster, paused=False)
        await cluster.settle()
        assert await images(cluster) == ["web:2"] * 5


async def test_a_rollout_that_gets_nowhere_times_out() -> None:
    async with world() as cluster:
        await prepare(cluster, progressDeadlineSeconds=60)
        for _ in range(5):
            await cluster.run_pods(ready=False)
            await cluster.settle(5)
        assert (await told(cluster, "Progressing")).reason == "ReplicaSetUpdated"
        await cluster.settle(60)
        condition = await told(cluster, "Progressing")
        assert (condition.status, condition.reason) == ("False", "ProgressDeadlineExceeded")


async def test_pods_count_as_available_after_min_ready_seconds() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster, minReadySeconds=100)
        await cluster.settle(90)
        status = (await current(cluster)).status
        assert (status.readyReplicas, status.availableReplicas) == (3, 0)
        await cluster.settle(20)
        assert (await current(cluster)).status.availableReplicas == 3


async def test_history_is_kept_up_to_its_limit() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster, 1, revisionHistoryLimit=1)
        for number in range(2, 6):
            await cluster.settle()
            await change(cluster, image=f"web:{number}")
        await cluster.settle()
        assert sorted(await sets(cluster)) == ["web:4", "web:5"]


async def test_a_stranger_with_the_same_name_is_passed_by() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        await cluster.settle()
        await cluster.stop()
        (ours,) = (await sets(cluster)).values()
        name = ours.metadata.name
        await cluster.client.delete(ReplicaSet, name, "shop", propagation="Orphan")
        await cluster.client.patch(
            ReplicaSet, name, "shop", patch={"metadata": {"finalizers": None}}
        )
        labels = {"app": "other"}
        wanted = ReplicaSetSpec(
            replicas=0,
            selector=LabelSelector(matchLabels=labels),
            template=template(labels=labels),
        )
        stranger = ReplicaSet(metadata=ObjectMeta(name=name, namespace="shop"), spec=wanted)
        await cluster.client.create(stranger)
        await cluster.restart()
        await cluster.settle()
        assert (await current(cluster)).status.collisionCount == 1
        assert len(await images(cluster)) == 3 + 3  # the orphans, which have another hash


@pytest.mark.parametrize("seed", range(15))
async def test_chaos_ends_with_the_last_template(seed: int) -> None:
    troubled: list[Troubled] = []

    def between(inner: Transport, rng: random.Random) -> Transport:
        troubled.append(Troubled(inner, rng, unanswered=0.1))
        return troubled[0]

    async with world(seed, between) as cluster, cluster.kubelet():
        await prepare(cluster, 4)
        for number in range(2, 6):
            await cluster.settle(cluster.rng.uniform(0, 20))
            await change(cluster, image=f"web:{number}", replicas=cluster.rng.randint(1, 6))
            if cluster.rng.random() < 0.5:
                await cluster.restart()
        troubled[0].calm = True
        await cluster.settle(300)
        wanted = (await current(cluster)).spec.replicas or 0
        assert await images(cluster) == ["web:5"] * wanted
        assert (await told(cluster, "Progressing")).reason == "NewReplicaSetAvailable"
