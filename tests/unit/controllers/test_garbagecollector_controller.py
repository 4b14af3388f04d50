"""Owners and dependents against the real apiserver."""

from __future__ import annotations

import random

import pytest

from kubepy.api.core.v1 import ConfigMap, Secret
from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.client.transport import Transport
from kubepy.controllers.garbagecollector.controller import GarbageCollector
from tests.unit.controllers.chaos import Troubled
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


async def make(
    cluster: World, name: str, *owners: ConfigMap, blocks: bool = True, finalizer: str = ""
) -> ConfigMap:
    references = tuple(
        OwnerReference(
            apiVersion="v1", kind="ConfigMap", name=owner.metadata.name, uid=owner.metadata.uid,
            blockOwnerDeletion=blocks,
        )
        for owner in owners
    )  # fmt: skip
    meta = ObjectMeta(
        name=name,
        namespace="shop",
        ownerReferences=references,
        finalizers=(finalizer,) if finalizer else (),
    )
    return await cluster.client.create(ConfigMap(metadata=meta))


async def names(cluster: World) -> list[str]:
    listing = await cluster.client.list(ConfigMap, "shop")
    return sorted(found.metadata.name for found in listing.items)


async def prepare(cluster: World) -> None:
    await cluster.namespace()
    cluster.start(GarbageCollector)
    await cluster.settle(5)


async def delete(cluster: World, name: str, propagation: str) -> None:
    await cluster.client.delete(ConfigMap, name, "shop", propagation=propagation)


async def test_background_deletes_all_generations() -> None:
    async with world() as cluster:
        await prepare(cluster)
        grandparent = await make(cluster, "a")
        parent = await make(cluster, "b", grandparent)
        await make(cluster, "c", parent)
        await make(cluster, "bystander")
        await delete(cluster, "a", "Background")
        await cluster.settle(5)
        assert await names(cluster) == ["bystander"]


async def test_foreground_waits_for_those_that_block() -> None:
    async with world() as cluster:
        await prepare(cluster)
        owner = await make(cluster, "owner")
        await make(cluster, "held", owner, finalizer="example.com/hold")
        await make(cluster, "free", owner)
        await make(cluster, "loose", owner, blocks=False, finalizer="example.com/hold")
        await delete(cluster, "owner", "Foreground")
        await cluster.settle(5)
        assert await names(cluster) == ["held", "loose", "owner"]
        release = {"metadata": {"finalizers": None}}
        await cluster.client.patch(ConfigMap, "held", "shop", patch=release)
        await cluster.settle(5)
        assert await names(cluster) == ["loose"]
        loose = await cluster.client.get(ConfigMap, "loose", "shop")
        assert loose.metadata.deletionTimestamp is not None


async def test_foreground_goes_down_the_generations_first() -> None:
    async with world() as cluster:
        await prepare(cluster)
        grandparent = await make(cluster, "a")
        parent = await make(cluster, "b", grandparent)
        await make(cluster, "c", parent, finalizer="example.com/hold")
        await delete(cluster, "a", "Foreground")
        await cluster.settle(5)
        assert await names(cluster) == ["a", "b", "c"]
        await cluster.client.patch(ConfigMap, "c", "shop", patch={"metadata": {"finalizers": None}})
        await cluster.settle(5)
        assert await names(cluster) == []


async def test_orphans_forget_their_owner_and_stay() -> None:
    async with world() as cluster:
        await prepare(cluster)
        owner = await make(cluster, "owner")
        await make(cluster, "child", owner)
        await delete(cluster, "owner", "Orphan")
        await cluster.settle(5)
        assert await names(cluster) == ["child"]
        child = await cluster.client.get(ConfigMap, "child", "shop")
        assert child.metadata.ownerReferences == ()


async def test_one_of_two_owners_is_enough() -> None:
    async with world() as cluster:
        await prepare(cluster)
        one, two = await make(cluster, "one"), await make(cluster, "two")
        await make(cluster, "child", one, two)
        await delete(cluster, "one", "Background")
        await cluster.settle(5)
        child = await cluster.client.get(ConfigMap, "child", "shop")
        assert [r.name for r in child.metadata.ownerReferences] == ["two"]
        await delete(cluster, "two", "Background")
        await cluster.settle(5)
        assert await names(cluster) == []


async def test_an_owner_of_the_same_name_but_another_uid_is_no_owner() -> None:
    async with world() as cluster:
        await prepare(cluster)
        owner = await make(cluster, "owner")
        await cluster.stop()
        await make(cluster, "child", owner)
        await delete(cluster, "owner", "Background")
        await make(cluster, "owner")
        await cluster.restart()
        await cluster.settle(5)
        assert await names(cluster) == ["owner"]


async def test_two_that_own_each_other_do_not_wait_for_ever() -> None:
    async with world() as cluster:
        await prepare(cluster)
        one = await make(cluster, "one")
        two = await make(cluster, "two", one)
        reference = {"apiVersion": "v1", "kind": "ConfigMap", "name": "two",
                     "uid": two.metadata.uid, "blockOwnerDeletion": True}  # fmt: skip
        await cluster.client.patch(
            ConfigMap, "one", "shop", patch={"metadata": {"ownerReferences": [reference]}}
        )
        await delete(cluster, "one", "Foreground")
        await cluster.settle(30)
        assert await names(cluster) == []


async def test_owners_of_other_kinds_and_unknown_kinds() -> None:
    async with world() as cluster:
        await prepare(cluster)
        secret = await cluster.client.create(
            Secret(metadata=ObjectMeta(name="owner", namespace="shop"))
        )

        def owned(name: str, kind: str, version: str, uid: str) -> ConfigMap:
            reference = OwnerReference(apiVersion=version, kind=kind, name="owner", uid=uid)
            meta = ObjectMeta(name=name, namespace="shop", ownerReferences=(reference,))
            return ConfigMap(metadata=meta)

        await cluster.client.create(owned("by-secret", "Secret", "v1", secret.metadata.uid))
        await cluster.client.create(owned("by-unknown", "Thing", "example.com/v1", "x"))
        await cluster.settle(5)
        assert await names(cluster) == ["by-secret", "by-unknown"]
        await cluster.client.delete(Secret, "owner", "shop")
        await cluster.settle(5)
        assert await names(cluster) == ["by-unknown"]  # nobody can tell whether its owner is gone


@pytest.mark.parametrize("seed", range(10))
async def test_chaos_leaves_exactly_what_has_an_owner(seed: int) -> None:
    troubled: list[Troubled] = []

    def between(inner: Transport, rng: random.Random) -> Transport:
        troubled.append(Troubled(inner, rng, unanswered=0.2))
        return troubled[0]

    async with world(seed, between) as cluster:
        await prepare(cluster)
        rng = cluster.rng
        made: dict[str, ConfigMap] = {}
        parents: dict[str, list[str]] = {}
        for number in range(20):
            name = f"c{number:02}"
            chosen = rng.sample(sorted(made), min(len(made), rng.randint(0, 2)))
            made[name] = await make(cluster, name, *(made[parent] for parent in chosen))
            parents[name] = chosen
        gone = rng.sample(sorted(made), 4)
        for name in gone:
            if name in await names(cluster):
                await delete(cluster, name, rng.choice(["Background", "Foreground"]))
            if rng.random() < 0.5:
                await cluster.restart()
            await cluster.settle(rng.uniform(0, 5))
        troubled[0].calm = True
        await cluster.settle(300)
        expected: list[str] = []
        for name, owners in parents.items():
            alive = not owners or any(owner in expected for owner in owners)
            if alive and name not in gone:
                expected.append(name)
        assert await names(cluster) == expected
