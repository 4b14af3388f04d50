"""ReplicaSets against the real apiserver, also when everything goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import random

import pytest
from msgspec.structs import replace

from kubepy.api.apps.v1 import ReplicaSet, ReplicaSetSpec
from kubepy.api.core.v1 import (
    Event,
    Pod,
    PodTemplateSpec,
    ReplicationController,
    ReplicationControllerSpec,
)
from kubepy.api.meta.v1 import LabelSelector, ObjectMeta
from kubepy.client.transport import Transport
from kubepy.controllers import pods as ask
from kubepy.controllers.replicaset.controller import ReplicaSetController
from kubepy.controllers.replicationcontroller.controller import ReplicationControllerController
from kubepy.meta import errors
from kubepy.meta.owners import controller_of
from tests.unit.controllers.build import LABELS, template
from tests.unit.controllers.chaos import Troubled
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


def wanted(replicas: int, name: str = "web") -> ReplicaSet:
    return ReplicaSet(
        metadata=ObjectMeta(name=name, namespace="shop"),
        spec=ReplicaSetSpec(
            replicas=replicas, selector=LabelSelector(matchLabels=LABELS), template=template()
        ),
    )


async def prepare(cluster: World, replicas: int) -> None:
    await cluster.namespace()
    await cluster.client.create(wanted(replicas))


async def scale(cluster: World, replicas: int) -> None:
    await cluster.client.patch(ReplicaSet, "web", "shop", patch={"spec": {"replicas": replicas}})


async def active(cluster: World) -> list[Pod]:
    return [pod for pod in await cluster.pods() if ask.is_active(pod)]


async def test_pods_are_made_counted_and_deleted() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster, 3)
        cluster.start(ReplicaSetController)
        await cluster.settle()
        owner = await cluster.client.get(ReplicaSet, "web", "shop")
        pods = await cluster.pods()
        assert len(pods) == 3
        assert {pod.metadata.generateName for pod in pods} == {"web-"}
        assert all(controller_of(pod).uid == owner.metadata.uid for pod in pods)  # type: ignore[union-attr]
        status = owner.status
        assert (status.replicas, status.readyReplicas, status.availableReplicas) == (3, 3, 3)
        assert (status.fullyLabeledReplicas, status.observedGeneration) == (3, 1)
        await scale(cluster, 1)
        await cluster.settle()
        assert len(await cluster.pods()) == 1
        reasons = [event.reason for event in (await cluster.client.list(Event, "shop")).items]
        assert sorted(reasons) == ["SuccessfulCreate"] * 3 + ["SuccessfulDelete"] * 2


async def test_a_pod_that_no_longer_matches_is_released_and_replaced() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster, 2)
        cluster.start(ReplicaSetController)
        await cluster.settle()
        name = (await cluster.pods())[0].metadata.name
        await cluster.client.patch(
            Pod, name, "shop", patch={"metadata": {"labels": {"app": "quarantine"}}}
        )
        await cluster.settle()
        released = await cluster.client.get(Pod, name, "shop")
        assert released.metadata.ownerReferences == ()
        assert len(await cluster.pods()) == 3


async def test_a_pod_that_matches_is_adopted() -> None:
    async with world() as cluster, cluster.kubelet():
        await cluster.namespace()
        spec = template().spec
        stray = Pod(metadata=ObjectMeta(name="stray", namespace="shop", labels=LABELS), spec=spec)
        await cluster.client.create(stray)
        cluster.start(ReplicaSetController)
        await cluster.client.create(wanted(2))
        await cluster.settle()
        assert len(await cluster.pods()) == 2
        adopted = await cluster.client.get(Pod, "stray", "shop")
        assert controller_of(adopted) is not None


async def test_what_cannot_be_made_is_told() -> None:
    async with world() as cluster:
        await cluster.namespace()
        bad = wanted(2)
        meta = replace(bad.spec.template.metadata, labels={**LABELS, "x": "y" * 63})
        spec = replace(bad.spec.template.spec, serviceAccountName="nobody")
        changed = PodTemplateSpec(metadata=meta, spec=spec)
        await cluster.client.create(replace(bad, spec=replace(bad.spec, template=changed)))
        cluster.start(ReplicaSetController)
        await cluster.settle()
        assert await cluster.pods() == []
        status = (await cluster.client.get(ReplicaSet, "web", "shop")).status
        (condition,) = status.conditions
        assert (condition.type, condition.reason) == ("ReplicaFailure", "FailedCreate")
        assert 'serviceaccount "nobody" not found' in condition.message
        (event, *_) = (await cluster.client.list(Event, "shop")).items
        assert event.reason == "FailedCreate"
        assert event.message.startswith("Error creating: pods ")


async def test_replication_controllers_do_the_same() -> None:
    async with world() as cluster, cluster.kubelet():
        await cluster.namespace()
        spec = ReplicationControllerSpec(replicas=2, selector=LABELS, template=template())
        await cluster.client.create(
            ReplicationController(metadata=ObjectMeta(name="web", namespace="shop"), spec=spec)
        )
        cluster.start(ReplicationControllerController)
        await cluster.settle()
        assert len(await cluster.pods()) == 2
        owner = await cluster.client.get(ReplicationController, "web", "shop")
        assert (owner.status.replicas, owner.status.availableReplicas) == (2, 2)


async def disturb(cluster: World, rng: random.Random) -> None:
    """Somebody scales, somebody deletes pods, the process dies and comes back."""
    for _ in range(rng.randint(5, 12)):
        await asyncio.sleep(rng.uniform(0, 4))
        match rng.choice(["scale", "delete", "restart", "nothing"]):
            case "scale":
                await scale(cluster, rng.randint(0, 8))
            case "delete":
                for pod in rng.sample(pods := await cluster.pods(), min(2, len(pods))):
                    await cluster.client.delete(Pod, pod.metadata.name, "shop")
            case "restart":
                await cluster.restart()


async def check_never_too_many(cluster: World, most: list[int]) -> None:
    """There must never be more live pods than were ever wanted since the last look."""
    while True:
        owner = await cluster.client.get(ReplicaSet, "web", "shop")
        most.append(owner.spec.replicas or 0)
        assert len(await active(cluster)) <= max(most)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("seed", range(30))
async def test_chaos_ends_in_order_and_never_makes_too_many(seed: int) -> None:
    troubled: list[Troubled] = []

    def between(inner: Transport, rng: random.Random) -> Transport:
        troubled.append(Troubled(inner, rng))
        return troubled[0]

    async with world(seed, between) as cluster, cluster.kubelet():
        await prepare(cluster, 4)
        cluster.start(ReplicaSetController)
        checking = asyncio.ensure_future(check_never_too_many(cluster, []))
        await disturb(cluster, cluster.rng)
        final = cluster.rng.randint(0, 8)
        await scale(cluster, final)
        troubled[0].calm = True
        await cluster.settle(120)
        assert not checking.done() or checking.result()
        checking.cancel()
        assert len(await cluster.pods()) == final
        status = (await cluster.client.get(ReplicaSet, "web", "shop")).status
        assert (status.replicas, status.availableReplicas) == (final, final)


async def flap(cluster: World) -> None:
    """Pods become unready at random, so that the order of deletion never stays the same."""
    while True:
        await asyncio.sleep(cluster.rng.uniform(0, 0.5))
        pods = [pod for pod in await cluster.pods() if ask.is_ready(pod)]
        if pods:
            pod = cluster.rng.choice(pods)
            unready = tuple(
                replace(condition, status="False") if condition.type == "Ready" else condition
                for condition in pod.status.conditions
            )
            status = replace(pod.status, conditions=unready)
            with contextlib.suppress(errors.NotFound, errors.Conflict):
                await cluster.client.update(replace(pod, status=status), subresource="status")


@pytest.mark.parametrize("seed", range(20))
async def test_chaos_never_deletes_too_many(seed: int) -> None:
    async with world(seed, Troubled) as cluster, cluster.kubelet():
        await prepare(cluster, 12)
        cluster.start(ReplicaSetController)
        await cluster.settle(60)
        flapping = asyncio.ensure_future(flap(cluster))
        for least in (9, 6, 3):
            await scale(cluster, least)
            for _ in range(200):
                assert len(await active(cluster)) >= least
                await asyncio.sleep(0.05)
            await cluster.restart()
        flapping.cancel()


@pytest.mark.parametrize("seed", range(20))
async def test_chaos_with_lost_answers_ends_in_order(seed: int) -> None:
    troubled: list[Troubled] = []

    def between(inner: Transport, rng: random.Random) -> Transport:
        troubled.append(Troubled(inner, rng, unanswered=0.3))
        return troubled[0]

    async with world(seed, between) as cluster, cluster.kubelet():
        await prepare(cluster, 4)
        cluster.start(ReplicaSetController)
        await disturb(cluster, cluster.rng)
        await scale(cluster, 5)
        troubled[0].calm = True
        await cluster.settle(120)
        assert len(await cluster.pods()) == 5
