"""Events as the server gets them, in both APIs."""

from __future__ import annotations

import asyncio
import random

import pytest

from kubepy.api.core import v1 as core
from kubepy.api.core.v1 import ConfigMap
from kubepy.api.events import v1 as events
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.client import Client
from kubepy.client.events import Recorder
from kubepy.client.transport import Transport
from tests.unit.controllers.chaos import Troubled
from tests.unit.controllers.world import World, world

pytestmark = pytest.mark.looptime


async def about(cluster: World) -> ConfigMap:
    await cluster.namespace()
    return await cluster.client.create(ConfigMap(metadata=ObjectMeta(name="web", namespace="shop")))


async def test_an_event_says_what_happened_to_whom_by_whom() -> None:
    async with world() as cluster:
        obj = await about(cluster)
        recorder = Recorder(cluster.client, "kubelet", "n1", cluster.clock)
        run = asyncio.ensure_future(recorder.run())
        recorder.event(obj, "Warning", "Failed", "it broke", field_path="data{x}")
        await cluster.settle(1)
        (event,) = (await cluster.client.list(core.Event, "shop")).items
        assert event.metadata.name.startswith("web.")
        assert event.involvedObject == core.ObjectReference(
            kind="ConfigMap",
            apiVersion="v1",
            namespace="shop",
            name="web",
            uid=obj.metadata.uid,
            resourceVersion=obj.metadata.resourceVersion,
            fieldPath="data{x}",
        )
        assert (event.source.component, event.source.host) == ("kubelet", "n1")
        assert (event.type, event.reason, event.message) == ("Warning", "Failed", "it broke")
        assert (event.count, event.firstTimestamp) == (1, event.lastTimestamp)
        assert (event.reportingComponent, event.reportingInstance) == ("kubelet", "n1")
        run.cancel()


async def test_repeats_are_counted_in_one_object() -> None:
    async with world() as cluster:
        obj = await about(cluster)
        recorder = Recorder(cluster.client, "kubelet", "n1", cluster.clock)
        run = asyncio.ensure_future(recorder.run())
        for _ in range(3):
            recorder.event(obj, "Normal", "Pulled", "again")
            await cluster.settle(10)
        (event,) = (await cluster.client.list(core.Event, "shop")).items
        assert event.count == 3
        assert event.lastTimestamp is not None and event.firstTimestamp is not None
        assert event.lastTimestamp.unix() - event.firstTimestamp.unix() == 20
        run.cancel()


async def test_an_object_without_a_namespace_is_told_about_in_default() -> None:
    async with world() as cluster:
        node = await cluster.client.create(core.Node(metadata=ObjectMeta(name="n1")))
        recorder = Recorder(cluster.client, "node-controller", clock=cluster.clock)
        recorder.event(node, "Normal", "Registered", "welcome")
        await recorder.flush()
        (event,) = (await cluster.client.list(core.Event, "default")).items
        assert event.involvedObject.kind == "Node"


async def test_the_newer_api_makes_series() -> None:
    async with world() as cluster:
        obj = await about(cluster)
        recorder = Recorder(cluster.client, "scheduler", "n1", cluster.clock, api="events")
        run = asyncio.ensure_future(recorder.run())
        for _ in range(4):
            recorder.event(obj, "Warning", "FailedScheduling", "full", action="Scheduling")
            await cluster.settle(10)
        (event,) = (await cluster.client.list(events.Event, "shop")).items
        assert event.series is not None and event.series.count == 2
        assert (event.note, event.action) == ("full", "Scheduling")
        assert (event.reportingController, event.reportingInstance) == ("scheduler", "scheduler-n1")
        await cluster.settle(1000)
        (event,) = (await cluster.client.list(events.Event, "shop")).items
        assert event.series is not None and event.series.count == 4
        run.cancel()


async def test_events_wait_for_a_server_that_is_out_of_reach() -> None:
    def between(inner: Transport, rng: random.Random) -> Transport:
        return Troubled(inner, rng, failing=1.0)

    async with world(between=between) as cluster:
        obj = await about(cluster)
        assert isinstance(cluster.transport, Troubled)
        recorder = Recorder(Client(cluster.transport), "kubelet", "n1", cluster.clock)
        run = asyncio.ensure_future(recorder.run())
        recorder.event(obj, "Normal", "Pulled", "at last")
        await cluster.settle(45)
        assert (await cluster.client.list(core.Event, "shop")).items == ()
        cluster.transport.calm = True
        await cluster.settle(45)
        assert len((await cluster.client.list(core.Event, "shop")).items) == 1
        run.cancel()
