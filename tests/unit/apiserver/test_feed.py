"""The feed between store and caches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from kubepy.api.core.v1 import ConfigMap, Service
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.feed import Feed
from kubepy.apiserver.watchcache import Cache, Encoding
from kubepy.storage import sqlite
from kubepy.storage.store import StorageError, Store

ENCODING = Encoding(ConfigMap, lambda _: {})
MAPS = "/registry/configmaps/"
SERVICES = "/registry/services/specs/"


def value(name: str, **data: str) -> bytes:
    return ENCODING.stored(ConfigMap(metadata=ObjectMeta(name=name, namespace="n"), data=data))


@asynccontextmanager
async def feeding(store: Store) -> AsyncIterator[tuple[Feed, Cache, Cache]]:
    maps = Cache(ENCODING, MAPS)
    services = Cache(Encoding(Service, lambda _: {}), SERVICES)
    feed = Feed(store, [maps, services])
    await feed.start()
    task = asyncio.create_task(feed.run())
    try:
        yield feed, maps, services
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()


async def test_caches_start_from_the_store_and_follow_it() -> None:
    store = await sqlite.open()
    await store.write(f"{MAPS}n/a", value("a"), expect=0)
    async with feeding(store) as (feed, maps, services):
        assert list(maps.records) == ["n/a"]
        await store.write(f"{MAPS}n/b", value("b"), expect=0)
        service = Encoding(Service, lambda _: {}).stored(
            Service(metadata=ObjectMeta(name="s", namespace="n"))
        )
        await store.write(f"{SERVICES}n/s", service, expect=0)
        await store.write("/registry/ranges/serviceips", b"{}", expect=0)
        await feed.fresh()
        assert list(maps.records) == ["n/a", "n/b"]
        assert list(services.records) == ["n/s"]
        assert feed.revision == await store.revision()


async def test_fresh_shows_what_others_have_written() -> None:
    store = await sqlite.open()
    async with feeding(store) as (feed, maps, _):
        for number in range(50):
            await store.write(f"{MAPS}n/a{number}", value(f"a{number}"), expect=0)
            await feed.fresh()
            assert f"n/a{number}" in maps.records


async def test_history_goes_up_to_where_it_is_asked() -> None:
    store = await sqlite.open()
    async with feeding(store) as (feed, maps, _):
        first = await store.write(f"{MAPS}n/a", value("a", k="1"), expect=0)
        second = await store.write(f"{MAPS}n/a", value("a", k="2"), expect=first)
        third = await store.write(f"{MAPS}n/a", None, expect=second)
        await store.write(f"{MAPS}n/b", value("b"), expect=0)
        found = [
            (change.revision, change.event().type)
            async for batch in feed.history(maps, first, third)
            for change in batch
        ]
        assert found == [(second, "MODIFIED"), (third, "DELETED")]


async def test_a_feed_that_history_has_left_behind_reads_everything_anew() -> None:
    store = await sqlite.open()
    first = await store.write(f"{MAPS}n/a", value("a", k="1"), expect=0)
    await store.write(f"{MAPS}n/b", value("b"), expect=0)
    maps = Cache(ENCODING, MAPS)
    feed = Feed(store, [maps])
    await feed.start()
    second = await store.write(f"{MAPS}n/a", value("a", k="2"), expect=first)
    await store.write(f"{MAPS}n/b", None, expect=second - 1)
    last = await store.write(f"{MAPS}n/c", value("c"), expect=0)
    await store.compact(last)
    task = asyncio.create_task(feed.run())
    await feed.reached(last)
    assert {key: found.revision for key, found in maps.records.items()} == {
        "n/a": second,
        "n/c": last,
    }
    changes = [(change.record.name, change.event().type) for change in maps.log.after(0)]
    assert changes == [("a", "MODIFIED"), ("c", "ADDED"), ("b", "DELETED")]
    await store.close()
    await task


async def test_who_waits_for_a_feed_that_ends_is_told() -> None:
    store = await sqlite.open()
    feed = Feed(store, [])
    await feed.start()
    task = asyncio.create_task(feed.run())
    waiting = asyncio.create_task(feed.reached(10_000))
    await asyncio.sleep(0)
    await store.close()
    await task
    with pytest.raises(StorageError):
        await waiting
