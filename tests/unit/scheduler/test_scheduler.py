"""The scheduler on the real apiserver, in process and in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TypeVar

import pytest
from msgspec.structs import replace

from kubepy.api.core.v1 import Node, Pod, PodCondition, Toleration
from kubepy.api.events.v1 import Event
from kubepy.apiserver.authz.components import authorize
from kubepy.base.clock import LoopClock
from kubepy.client.client import Client
from kubepy.client.connect import direct
from kubepy.meta import conditions, errors
from kubepy.meta.calls import Call, Reply, User
from kubepy.scheduler.config import Config, KubeSchedulerConfiguration, LeaderElection
from kubepy.scheduler.run import run
from kubepy.testing import TestServer, apiserver
from tests.unit.scheduler import cluster

pytestmark = pytest.mark.looptime

T = TypeVar("T")

START = 1_700_000_000.0
PATIENCE = 120  # virtual seconds until what should happen has happened
SCHEDULER = User(name="system:kube-scheduler", groups=("system:authenticated",))
ALONE = Config(
    KubeSchedulerConfiguration(leaderElection=LeaderElection(leaderElect=False)), secure_port=0
)
ELECTED = Config(secure_port=0)


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    clock = LoopClock(START)
    async with apiserver(clock=clock, authorize=authorize) as up:
        yield up


@pytest.fixture
def admin(server: TestServer) -> Client:
    return server.client


@asynccontextmanager
async def scheduling(client: Client, config: Config = ALONE, seed: int = 1) -> AsyncIterator[None]:
    """A scheduler runs in the background."""
    clock = LoopClock(START)
    task = asyncio.create_task(run(config, client, clock=clock, rng=random.Random(seed)))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def seen(client: Client, type_: type[T], holds: Callable[[T], bool]) -> T:
    """The first object in namespace default, there or to come, of which this holds."""
    async with asyncio.timeout(PATIENCE), aclosing(client.watch(type_, "default")) as watch:
        async for event in watch:
            if event.type in ("ADDED", "MODIFIED") and holds(event.object):
                return event.object
    raise AssertionError("the watch ended")


def condition_of(pod: Pod) -> PodCondition | None:
    return conditions.find(pod.status.conditions, "PodScheduled")


async def node_of(client: Client, name: str) -> str:
    """The node of the pod, once it has one."""
    pod = await seen(client, Pod, lambda pod: pod.metadata.name == name and pod.spec.nodeName != "")
    return pod.spec.nodeName


async def scheduled_condition(client: Client, name: str) -> PodCondition:
    """The pod's condition PodScheduled, once it has one."""
    pod = await seen(
        client, Pod, lambda pod: pod.metadata.name == name and condition_of(pod) is not None
    )
    found = condition_of(pod)
    assert found is not None
    return found


async def event_of(client: Client, reason: str) -> Event:
    return await seen(client, Event, lambda event: event.reason == reason)


async def add_pod(client: Client, name: str, **spec: object) -> Pod:
    return await client.create(cluster.pod(name, **spec))  # type: ignore[arg-type]


async def add_node(client: Client, node: Node) -> None:
    """As a kubelet does: the taint that the server adds goes when the node is ready."""
    created = await client.create(node)
    created = await client.update(replace(created, status=node.status), subresource="status")
    await client.update(replace(created, spec=node.spec))


async def test_pod_is_bound_and_told_of(server: TestServer, admin: Client) -> None:
    await add_node(admin, cluster.node("a"))
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "p")
        assert await node_of(admin, "p") == "a"
        condition = await scheduled_condition(admin, "p")
        assert condition.status == "True"
        event = await event_of(admin, "Scheduled")
    assert event.note == "Successfully assigned default/p to a"
    assert (event.type, event.action) == ("Normal", "Binding")
    assert event.reportingController == "default-scheduler"
    assert event.regarding.name == "p"


async def test_pod_waits_says_why_and_goes_where_room_appears(
    server: TestServer, admin: Client
) -> None:
    await add_node(admin, cluster.node("small", cpu="1"))
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "p", cpu="2")
        condition = await scheduled_condition(admin, "p")
        assert (condition.status, condition.reason) == ("False", "Unschedulable")
        assert condition.message.startswith("0/1 nodes are available: 1 Insufficient cpu.")
        event = await event_of(admin, "FailedScheduling")
        assert (event.type, event.action) == ("Warning", "Scheduling")
        assert event.note == condition.message
        await add_node(admin, cluster.node("large", cpu="4"))
        assert await node_of(admin, "p") == "large"


async def test_pod_that_came_before_any_node_goes_to_the_first(
    server: TestServer, admin: Client
) -> None:
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "early")
        condition = await scheduled_condition(admin, "early")
        assert condition.message == "no nodes available to schedule pods"
        await add_node(admin, cluster.node("a"))
        assert await node_of(admin, "early") == "a"


async def test_deleted_pod_makes_room(server: TestServer, admin: Client) -> None:
    await add_node(admin, cluster.node("a", cpu="2"))
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "first", cpu="2")
        await node_of(admin, "first")
        await add_pod(admin, "second", cpu="2")
        await scheduled_condition(admin, "second")
        await admin.delete(Pod, "first", "default", grace_period=0)
        assert await node_of(admin, "second") == "a"


async def test_node_is_never_overcommitted_in_a_burst(server: TestServer, admin: Client) -> None:
    for name in ("a", "b"):
        await add_node(admin, cluster.node(name, cpu="5"))
    async with scheduling(server.client_of(SCHEDULER)):
        await asyncio.gather(*(add_pod(admin, f"p{n}", cpu="1") for n in range(15)))

        for n in range(15):
            await scheduled_condition(admin, f"p{n}")
    placed = [pod.spec.nodeName for pod in (await admin.list(Pod, "default")).items]
    assert sorted(placed) == [""] * 5 + ["a"] * 5 + ["b"] * 5


async def test_tolerations_added_to_a_waiting_pod_let_it_in(
    server: TestServer, admin: Client
) -> None:
    await add_node(admin, cluster.node("a", taints="x=:NoSchedule"))
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "p")
        await scheduled_condition(admin, "p")
        pod = await admin.get(Pod, "p", "default")
        tolerations = (*pod.spec.tolerations, Toleration(key="x", operator="Exists"))
        await admin.update(replace(pod, spec=replace(pod.spec, tolerations=tolerations)))
        assert await node_of(admin, "p") == "a"


async def test_gated_pod_is_left_alone_until_its_gates_go(
    server: TestServer, admin: Client
) -> None:
    await add_node(admin, cluster.node("a"))
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "gated", schedulingGates=[{"name": "quota"}])
        await add_pod(admin, "other")
        await node_of(admin, "other")
        pod = await admin.get(Pod, "gated", "default")
        assert pod.spec.nodeName == ""
        await admin.update(replace(pod, spec=replace(pod.spec, schedulingGates=())))
        assert await node_of(admin, "gated") == "a"


async def test_pods_of_other_schedulers_are_left_alone(server: TestServer, admin: Client) -> None:
    await add_node(admin, cluster.node("a"))
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "theirs", schedulerName="theirs")
        await add_pod(admin, "ours")
        await node_of(admin, "ours")
    assert (await admin.get(Pod, "theirs", "default")).spec.nodeName == ""


async def test_restarted_scheduler_counts_the_pods_that_run(
    server: TestServer, admin: Client
) -> None:
    await add_node(admin, cluster.node("a", cpu="2"))
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "first", cpu="2")
        await node_of(admin, "first")
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "second", cpu="1")
        condition = await scheduled_condition(admin, "second")
        assert condition.status == "False"


class Faulty:
    """A server that cannot be reached by the first bindings."""

    def __init__(self, server: TestServer, faults: int) -> None:
        self._pipeline = server.pipeline
        self.faults = faults

    def __getattr__(self, name: str) -> object:
        return getattr(self._pipeline, name)

    async def handle(self, call: Call, user: User) -> Reply:
        if call.subresource == "binding" and self.faults:
            self.faults -= 1
            raise ConnectionError("connection refused")
        return await self._pipeline.handle(call, user)


async def test_failed_binding_is_reported_and_tried_again(
    server: TestServer, admin: Client
) -> None:
    await add_node(admin, cluster.node("a", cpu="1"))
    faulty = Faulty(server, faults=2)
    async with scheduling(direct(faulty, SCHEDULER)):  # type: ignore[arg-type]
        await add_pod(admin, "p", cpu="1")
        condition = await scheduled_condition(admin, "p")
        assert (condition.status, condition.reason) == ("False", "SchedulerError")
        assert 'running Bind plugin "DefaultBinder"' in condition.message
        assert await node_of(admin, "p") == "a"
    assert faulty.faults == 0


async def test_second_instance_takes_over_when_the_first_stops(
    server: TestServer, admin: Client
) -> None:
    await add_node(admin, cluster.node("a"))
    client = server.client_of(SCHEDULER)
    async with scheduling(client, ELECTED, seed=1):
        await add_pod(admin, "p")
        await node_of(admin, "p")
        async with scheduling(client, ELECTED, seed=2):
            await asyncio.sleep(30)
    async with scheduling(client, ELECTED, seed=2):
        await add_pod(admin, "q")
        assert await node_of(admin, "q") == "a"


async def test_pod_deleted_while_it_waits_is_forgotten(server: TestServer, admin: Client) -> None:
    async with scheduling(server.client_of(SCHEDULER)):
        await add_pod(admin, "p")
        condition = await scheduled_condition(admin, "p")
        assert condition.message == "no nodes available to schedule pods"
        await admin.delete(Pod, "p", "default", grace_period=0)
        with pytest.raises(errors.NotFound):
            await admin.get(Pod, "p", "default")
        await add_node(admin, cluster.node("a", pods=1))
        await add_pod(admin, "q")
        assert await node_of(admin, "q") == "a"
