"""The cache of a type: what it knows, and how it comes through trouble."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api.core.v1 import ConfigMap
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.client import Client
from kubepy.client.informer import NAMESPACE, Informer, key_of, split_key
from kubepy.client.transport import Transport
from tests.unit.controllers.chaos import Troubled
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


def config(name: str, labels: dict[str, str] | None = None, **data: str) -> ConfigMap:
    meta = ObjectMeta(name=name, namespace="shop", labels=labels or {})
    return ConfigMap(metadata=meta, data=data)


def follow(cluster: World, **selection: Any) -> tuple[Informer[ConfigMap], asyncio.Task[None]]:
    informer = Informer(
        Client(cluster.transport),
        ConfigMap,
        "shop",
        clock=cluster.clock,
        rng=cluster.rng,
        **selection,
    )
    return informer, asyncio.ensure_future(informer.run())


class Deaf:
    """A transport whose watches tell nothing until they may."""

    def __init__(self, inner: Transport, rng: random.Random) -> None:
        self.inner = inner
        self.hears = asyncio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def watch(self, call: Any) -> Any:
        async for event in self.inner.watch(call):
            await self.hears.wait()
            yield event


def test_keys() -> None:
    assert key_of(config("a")) == "shop/a"
    assert split_key("shop/a") == ("shop", "a")
    assert split_key("node") == ("", "node")


async def test_changes_are_told_with_what_was_before() -> None:
    async with world() as cluster:
        await cluster.namespace()
        made = await cluster.client.create(config("a", x="1"))
        told: list[tuple[Any, Any]] = []
        informer, run = follow(cluster)
        informer.subscribe(lambda old, new: told.append((old, new)))
        await informer.synced()
        changed = await cluster.client.update(replace(made, data={"x": "2"}))
        await cluster.client.delete(ConfigMap, "a", "shop")
        await cluster.settle(1)
        assert [(old, new) for old, new in told] == [
            (None, made), (made, changed), (changed, None),
        ]  # fmt: skip
        run.cancel()


async def test_who_subscribes_late_hears_of_what_is_there() -> None:
    async with world() as cluster:
        await cluster.namespace()
        made = await cluster.client.create(config("a"))
        informer, run = follow(cluster)
        await informer.synced()
        told: list[tuple[Any, Any]] = []
        informer.subscribe(lambda old, new: told.append((old, new)))
        assert told == [(None, made)]
        run.cancel()


async def test_indexes_follow_the_objects() -> None:
    async with world() as cluster:
        await cluster.namespace()
        made = await cluster.client.create(config("a", {"team": "red"}))
        await cluster.client.create(config("b", {"team": "blue"}))
        informer, run = follow(cluster, indexers={"team": lambda obj: obj.metadata.labels.values()})
        await informer.synced()
        assert [obj.metadata.name for obj in informer.by("team", "red")] == ["a"]
        blue = replace(made, metadata=replace(made.metadata, labels={"team": "blue"}))
        await cluster.client.update(blue)
        await cluster.settle(1)
        assert informer.by("team", "red") == []
        assert len(informer.by("team", "blue")) == len(informer.by(NAMESPACE, "shop")) == 2
        assert informer.values("team") == ["blue"]
        run.cancel()


async def test_own_writes_are_known_before_the_watch_brings_them() -> None:
    async with world(between=Deaf) as cluster:
        await cluster.namespace()
        informer, run = follow(cluster)
        await informer.synced()
        made = await cluster.client.create(config("a"))
        assert informer.get("shop/a") is None
        informer.note_write(made)
        assert informer.get("shop/a") == made
        older = replace(made, metadata=replace(made.metadata, resourceVersion="1"))
        informer.note_write(older)
        assert informer.get("shop/a") == made
        run.cancel()


async def test_a_write_that_the_watch_has_passed_does_not_come_back() -> None:
    async with world() as cluster:
        await cluster.namespace()
        informer, run = follow(cluster)
        await informer.synced()
        made = await cluster.client.create(config("a"))
        await cluster.client.delete(ConfigMap, "a", "shop")
        await cluster.settle(1)
        informer.note_write(made)  # the answer came late
        assert informer.get("shop/a") is None
        run.cancel()


async def test_what_was_deleted_here_counts_as_being_deleted() -> None:
    async with world(between=Deaf) as cluster:
        assert isinstance(cluster.transport, Deaf)
        await cluster.namespace()
        made = await cluster.client.create(config("a"))
        informer, run = follow(cluster)
        await informer.synced()
        await cluster.client.patch(ConfigMap, "a", "shop", patch={"data": {"x": "1"}})
        await cluster.client.delete(ConfigMap, "a", "shop")
        informer.note_delete("shop/a", made.metadata.uid)
        marked = informer.get("shop/a")
        assert marked is not None and marked.metadata.deletionTimestamp is not None
        cluster.transport.hears.set()
        await cluster.settle(1)
        assert informer.get("shop/a") is None
        run.cancel()


async def test_a_settled_informer_asks_for_nothing_but_its_watch() -> None:
    async with world() as cluster:
        await cluster.namespace()
        informer, run = follow(cluster)
        await informer.synced()
        before = informer.revision
        await cluster.settle(3600)
        assert not run.done() and informer.revision >= before
        run.cancel()


@pytest.mark.parametrize("seed", range(30))
async def test_after_any_trouble_it_knows_the_truth_and_told_every_step(seed: int) -> None:
    def between(inner: Transport, rng: random.Random) -> Transport:
        return Troubled(inner, rng, broken=0.2, expired=0.1, failing=0.3)

    async with world(seed, between) as cluster:
        await cluster.namespace()
        rng = cluster.rng
        informer, run = follow(cluster)
        heard: dict[str, Any] = {}

        def listen(old: Any, new: Any) -> None:
            key = key_of(new or old)
            assert heard.get(key) == old
            if new is None:
                del heard[key]
            else:
                heard[key] = new

        informer.subscribe(listen)
        for number in range(60):
            name = f"c{rng.randint(0, 9)}"
            known = {obj.metadata.name: obj for obj in (await truth(cluster)).values()}
            if name not in known:
                written = await cluster.client.create(config(name, n=str(number)))
            elif rng.random() < 0.4:
                await cluster.client.delete(ConfigMap, name, "shop")
                continue
            else:
                written = await cluster.client.update(replace(known[name], data={"n": str(number)}))
            if rng.random() < 0.3:
                informer.note_write(written)
            await asyncio.sleep(rng.choice([0, 0, 1, 5]))
        assert isinstance(cluster.transport, Troubled)
        cluster.transport.calm = True
        await cluster.settle(120)
        expected = await truth(cluster)
        assert {key_of(obj): obj for obj in informer.all()} == expected == heard
        run.cancel()


async def truth(cluster: World) -> dict[str, ConfigMap]:
    listing = await cluster.client.list(ConfigMap, "shop")
    return {key_of(obj): obj for obj in listing.items}
