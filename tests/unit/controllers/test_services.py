"""EndpointSlices and Endpoints of Services against the real apiserver."""

from __future__ import annotations

import random

import pytest

from kubepy.api.apps.v1 import ReplicaSet, ReplicaSetSpec
from kubepy.api.core.v1 import Endpoints, Service, ServicePort, ServiceSpec
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.meta.v1 import LabelSelector, ObjectMeta
from kubepy.client.transport import Transport
from kubepy.controllers.endpoints.controller import EndpointsController
from kubepy.controllers.endpointslice.controller import EndpointSliceController
from kubepy.controllers.garbagecollector.controller import GarbageCollector
from kubepy.controllers.replicaset.controller import ReplicaSetController
from tests.unit.controllers.build import LABELS, template
from tests.unit.controllers.chaos import Troubled
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime

EVERYTHING = (
    EndpointSliceController,
    EndpointsController,
    ReplicaSetController,
    GarbageCollector,
)


async def prepare(cluster: World, replicas: int = 3) -> None:
    await cluster.namespace()
    port = ServicePort(name="http", port=80, targetPort=8080)
    spec = ServiceSpec(selector=LABELS, ports=(port,))
    await cluster.client.create(
        Service(metadata=ObjectMeta(name="web", namespace="shop"), spec=spec)
    )
    selector = LabelSelector(matchLabels=LABELS)
    owner = ReplicaSetSpec(replicas=replicas, selector=selector, template=template())
    await cluster.client.create(
        ReplicaSet(metadata=ObjectMeta(name="web", namespace="shop"), spec=owner)
    )


async def scale(cluster: World, replicas: int) -> None:
    await cluster.client.patch(ReplicaSet, "web", "shop", patch={"spec": {"replicas": replicas}})


async def truth(cluster: World) -> set[str]:
    return {pod.status.podIP for pod in await cluster.pods()}


async def sliced(cluster: World) -> list[str]:
    """The ready addresses of all slices; each should be there once."""
    listing = await cluster.client.list(EndpointSlice, "shop")
    return sorted(
        endpoint.addresses[0]
        for found in listing.items
        for endpoint in found.endpoints
        if endpoint.conditions.ready
    )


async def listed(cluster: World) -> list[str]:
    found = await cluster.client.get(Endpoints, "web", "shop")
    return sorted(address.ip for subset in found.subsets for address in subset.addresses)


async def test_endpoints_follow_the_pods() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        cluster.start(*EVERYTHING)
        for replicas in (3, 5, 0, 2):
            await scale(cluster, replicas)
            await cluster.settle(10)
            expected = sorted(await truth(cluster))
            assert len(expected) == replicas
            assert await sliced(cluster) == expected
            assert await listed(cluster) == expected


async def test_a_deleted_service_leaves_nothing() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        cluster.start(*EVERYTHING)
        await cluster.settle(10)
        await cluster.client.delete(Service, "web", "shop")
        await cluster.settle(10)
        assert (await cluster.client.list(EndpointSlice, "shop")).items == ()
        assert (await cluster.client.list(Endpoints, "shop")).items == ()


async def test_a_service_without_a_selector_is_left_alone() -> None:
    async with world() as cluster:
        await cluster.namespace()
        cluster.start(EndpointSliceController, EndpointsController)
        spec = ServiceSpec(ports=(ServicePort(port=80),))
        await cluster.client.create(
            Service(metadata=ObjectMeta(name="manual", namespace="shop"), spec=spec)
        )
        own = Endpoints(metadata=ObjectMeta(name="manual", namespace="shop"))
        await cluster.client.create(own)
        await cluster.settle(10)
        assert (await cluster.client.list(EndpointSlice, "shop")).items == ()
        assert len((await cluster.client.list(Endpoints, "shop")).items) == 1


async def test_a_slice_that_somebody_spoils_is_mended() -> None:
    async with world() as cluster, cluster.kubelet():
        await prepare(cluster)
        cluster.start(*EVERYTHING)
        await cluster.settle(10)
        (found,) = (await cluster.client.list(EndpointSlice, "shop")).items
        name = found.metadata.name
        await cluster.client.patch(EndpointSlice, name, "shop", patch={"endpoints": []})
        await cluster.settle(10)
        assert await sliced(cluster) == sorted(await truth(cluster))
        await cluster.client.delete(EndpointSlice, name, "shop")
        await cluster.settle(10)
        assert await sliced(cluster) == sorted(await truth(cluster))


@pytest.mark.parametrize("seed", range(10))
async def test_chaos_ends_with_each_address_once(seed: int) -> None:
    troubled: list[Troubled] = []

    def between(inner: Transport, rng: random.Random) -> Transport:
        troubled.append(Troubled(inner, rng, unanswered=0.2))
        return troubled[0]

    async with world(seed, between) as cluster, cluster.kubelet():
        await prepare(cluster)
        cluster.start(*EVERYTHING)
        for _ in range(6):
            await cluster.settle(cluster.rng.uniform(0, 8))
            await scale(cluster, cluster.rng.randint(0, 6))
            if cluster.rng.random() < 0.4:
                await cluster.restart()
        troubled[0].calm = True
        await cluster.settle(200)
        expected = sorted(await truth(cluster))
        assert await sliced(cluster) == expected
        assert await listed(cluster) == expected
