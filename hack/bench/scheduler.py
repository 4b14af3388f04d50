"""One Pod to one of a thousand nodes: the scheduler's CPU, and the whole control plane's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from rig import PATIENCE, Rig, Running, rig, stopping

from kubepy.api.core.v1 import (
    Container,
    Node,
    Pod,
    PodSpec,
    ResourceRequirements,
    ServiceAccount,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Quantity, Time
from kubepy.client.client import Client
from kubepy.meta import errors

NODES = 1000
PODS = 200
AT_ONCE = 16
SETTLE = 3.0  # seconds until the nodes have been looked at by everybody


async def measure() -> dict[str, float]:
    with rig() as made, stopping(made.apiserver()) as server:
        await made.ready(server)
        with stopping(made.scheduler()) as scheduler:
            alone = await _run(made, scheduler, controlled=False)
    with rig() as made, stopping(made.control_plane()) as whole:
        await made.ready(whole)
        everything = await _run(made, whole, controlled=True)
    return {"schedule": alone * 1e3, "schedule-all": everything * 1e3}


async def _run(made: Rig, counted: Running, *, controlled: bool) -> float:
    """CPU seconds for one Pod."""
    client = made.client()
    try:
        account = ServiceAccount(metadata=ObjectMeta(name="default", namespace="default"))
        with suppress(errors.AlreadyExists):
            await client.create(account)
        await _each(NODES, lambda n: _node(client, n, controlled=controlled))
        await asyncio.sleep(SETTLE)
        before = counted.cpu()
        watch = asyncio.create_task(_all_bound(client))
        await _each(PODS, lambda n: client.create(_pod(n)))
        async with asyncio.timeout(PATIENCE):
            await watch
        return (counted.cpu() - before) / PODS
    finally:
        await client.close()


async def _each(count: int, make: Callable[[int], Awaitable[object]]) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with limit:
            await make(number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


async def _node(client: Client, number: int, *, controlled: bool) -> None:
    name = f"n{number}"
    await client.create(Node(metadata=ObjectMeta(name=name)))
    room = {"cpu": "8", "memory": "32Gi", "pods": "110"}
    ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": Time.from_unix(time.time())}
    status = {"status": {"capacity": room, "allocatable": room, "conditions": [ready]}}
    await client.patch(Node, name, patch=status, style="merge", subresource="status")
    if not controlled:  # else the node controller opens nodes that are ready
        await client.patch(Node, name, patch={"spec": {"taints": None}}, style="merge")


def _pod(number: int) -> Pod:
    requests = {"cpu": Quantity("100m"), "memory": Quantity("64Mi")}
    container = Container(
        name="web",
        image="registry.example/web:1",
        resources=ResourceRequirements(requests=requests),
    )
    meta = ObjectMeta(name=f"p{number}", namespace="default")
    return Pod(metadata=meta, spec=PodSpec(containers=(container,)))


async def _all_bound(client: Client) -> None:
    bound: set[str] = set()
    async for event in client.watch(Pod, "default"):
        if event.object.spec.nodeName:
            bound.add(event.object.metadata.name)
        if len(bound) == PODS:
            return
