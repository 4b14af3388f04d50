"""cloud-controller-manager against a real apiserver in this process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.coordination.v1 import Lease
from kubepy.api.core.v1 import (
    Event,
    Namespace,
    Node,
    NodeAddress,
    NodeCondition,
    NodeSpec,
    NodeStatus,
    Taint,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.server import ADMIN, build, running
from kubepy.base.clock import SystemClock
from kubepy.base.durations import Seconds
from kubepy.base.flags import UsageError
from kubepy.client.client import Client
from kubepy.client.connect import direct
from kubepy.cloud import manager
from kubepy.cloud.config import LIFECYCLE, NODE, PROGRAM, Config, selected
from kubepy.cloud.provider import Instance, Provider, UnknownInstance
from kubepy.meta import errors
from kubepy.storage import sqlite

NEW = Taint(key="node.cloudprovider.kubernetes.io/uninitialized", effect="NoSchedule", value="true")
CONFIG = Config(
    cloud_provider="test", secure_port=0, leader_elect=False, node_monitor_period=Seconds(0.02),
    node_status_update_frequency=Seconds(0.02),
)  # fmt: skip
PATIENCE = 20.0  # seconds until a test gives up


class Cloud(Struct):
    """A cloud whose machines a test adds, switches off and removes."""

    machines: dict[str, str] = {}  # name → "on" or "off"
    address: str = "10.0.0.1"

    def _state(self, node: Node) -> str:
        state = self.machines.get(node.metadata.name, "")
        if state == "?":
            raise UnknownInstance(node.metadata.name)
        return state

    async def exists(self, node: Node) -> bool:
        return bool(self._state(node))

    async def is_shut_down(self, node: Node) -> bool:
        return self._state(node) == "off"

    async def describe(self, node: Node) -> Instance:
        self._state(node)
        return Instance(
            provider_id=f"test://{node.metadata.name}",
            zone="z1",
            addresses=(NodeAddress(type="InternalIP", address=self.address),),
        )


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running(build(await sqlite.open(":memory:"))) as server:
        made = direct(server.pipeline, ADMIN)
        for name in ("default", "kube-system"):
            with suppress(errors.AlreadyExists):
                await made.create(Namespace(metadata=ObjectMeta(name=name)))
        yield made


@asynccontextmanager
async def managing(client: Client, cloud: Cloud, config: Config = CONFIG) -> AsyncIterator[None]:
    provider = Provider(name="test", instances=cloud)
    task = asyncio.create_task(manager.run(config, provider, client, clock=SystemClock()))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def add(client: Client, name: str, *taints: Taint, ready: str = "False") -> None:
    conditions = (NodeCondition(type="Ready", status=ready),)
    status = NodeStatus(conditions=conditions)
    spec = NodeSpec(taints=taints)
    node = await client.create(Node(metadata=ObjectMeta(name=name), spec=spec, status=status))
    await client.update(replace(node, status=status), subresource="status")


async def until(client: Client, name: str, wanted: Callable[[Node], bool]) -> Node:
    async with asyncio.timeout(PATIENCE):
        async for event in client.watch(Node):
            if event.object.metadata.name == name and wanted(event.object):
                return event.object
    raise AssertionError("the watch ended")


async def test_a_new_node_is_initialized(client: Client) -> None:
    cloud = Cloud(machines={"n1": "on"})
    await add(client, "n1", NEW)
    async with managing(client, cloud):
        node = await until(client, "n1", lambda node: bool(node.status.addresses))
        assert NEW.key not in [taint.key for taint in node.spec.taints]
        assert node.spec.providerID == "test://n1"
        assert node.metadata.labels["topology.kubernetes.io/zone"] == "z1"
        assert node.status.addresses[0].address == "10.0.0.1"
        cloud.address = "10.0.0.2"
        await until(client, "n1", lambda node: node.status.addresses[0].address == "10.0.0.2")
        events = await client.list(Event, "default")
        assert [event.reason for event in events.items] == ["Synced"]


async def test_a_node_whose_machine_is_gone_is_deleted_unless_it_is_ready(client: Client) -> None:
    await add(client, "gone")
    await add(client, "ready", ready="True")
    await add(client, "stranger")
    async with managing(client, Cloud(machines={"stranger": "?"})):
        async with asyncio.timeout(PATIENCE):
            async for event in client.watch(Node):
                if event.type == "DELETED":
                    assert event.object.metadata.name == "gone"
                    break
        left = await client.list(Node)
        assert [node.metadata.name for node in left.items] == ["ready", "stranger"]


async def test_a_machine_that_is_switched_off_and_on(client: Client) -> None:
    def off(node: Node) -> bool:
        keys = [taint.key for taint in node.spec.taints]
        return "node.cloudprovider.kubernetes.io/shutdown" in keys

    cloud = Cloud(machines={"n1": "off"})
    await add(client, "n1")
    async with managing(client, cloud):
        await until(client, "n1", off)
        cloud.machines["n1"] = "on"
        await until(client, "n1", lambda node: not off(node))


async def test_only_the_leader_works(client: Client) -> None:
    await add(client, "n1", NEW)
    config = replace(CONFIG, leader_elect=True)
    async with managing(client, Cloud(machines={"n1": "on"}), config):
        await until(client, "n1", lambda node: bool(node.status.addresses))
        lease = await client.get(Lease, "cloud-controller-manager", "kube-system")
        assert lease.spec.holderIdentity


@pytest.mark.parametrize(
    ("chosen", "controllers"),
    [
        (("*",), {NODE, LIFECYCLE, "service-lb-controller", "node-route-controller"}),
        (("*", "-service", "-route"), {NODE, LIFECYCLE}),
        (("cloud-node",), {NODE}),
        (("cloud-node-controller", "-cloud-node"), set()),
    ],
)
def test_selected(chosen: tuple[str, ...], controllers: set[str]) -> None:
    assert set(selected(chosen)) == controllers


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "--cloud-provider cannot be empty"),
        (["--cloud-provider=mars"], "unknown provider 'mars'"),
        (["--cloud-provider=local", "--controllers=nothing"], "nothing"),
        (["--cloud-provider=local", "--concurrent-node-syncs=0"], "at least 1"),
    ],
)
def test_refused(arguments: list[str], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        PROGRAM.parse(arguments)
