"""A cluster in virtual time: the real apiserver on a store in memory, chosen controllers, and
nodes that only say that containers run."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from kubepy import testing
from kubepy.api.core.v1 import (
    ContainerState,
    ContainerStateRunning,
    ContainerStatus,
    Namespace,
    Pod,
    PodCondition,
    PodIP,
    ServiceAccount,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Time
from kubepy.base.clock import Clock, LoopClock
from kubepy.client import Client
from kubepy.client.transport import Transport
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.meta import conditions, errors
from tests.unit.controllers.build import NOW

Make = Callable[[Context], Controller]


class World:
    """`client` sees the truth; what controllers see goes through `transport`."""

    def __init__(
        self, client: Client, transport: Transport, clock: Clock, rng: random.Random
    ) -> None:
        self.client = client
        self.transport = transport
        self.clock = clock
        self.rng = rng
        self.controllers: list[Controller] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self._made: tuple[Make, ...] = ()

    def start(self, *made: Make) -> None:
        """Run controllers of one process, with caches of their own."""
        self._made = made
        context = Context(Client(self.transport), self.clock, self.rng)
        self.controllers = [make(context) for make in made]
        runs = [context.run(), *(controller.run() for controller in self.controllers)]
        self._tasks = [asyncio.ensure_future(run) for run in runs]

    async def stop(self) -> None:
        """Kill the process in the middle of whatever it does."""
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for result in ended:
            if not isinstance(result, asyncio.CancelledError):
                raise AssertionError("a controller ended by itself") from result

    async def restart(self) -> None:
        await self.stop()
        self.start(*self._made)

    async def settle(self, seconds: float = 30.0) -> None:
        """Let time pass; nothing may have died meanwhile."""
        await asyncio.sleep(seconds)
        for task in self._tasks:
            if task.done():
                raise AssertionError("a controller ended by itself") from task.exception()

    async def namespace(self, name: str = "shop") -> None:
        """A namespace as its controllers would have furnished it."""
        await self.client.create(Namespace(metadata=ObjectMeta(name=name)))
        await self.client.create(
            ServiceAccount(metadata=ObjectMeta(name="default", namespace=name))
        )

    async def pods(self, namespace: str = "shop") -> list[Pod]:
        return list((await self.client.list(Pod, namespace)).items)

    async def run_pods(self, *, ready: bool = True) -> None:
        """Play scheduler and kubelet once: what is new runs, what is being deleted is gone."""
        for pod in await self.pods(""):
            try:
                if pod.metadata.deletionTimestamp is not None:
                    await self.client.delete(
                        Pod, pod.metadata.name, pod.metadata.namespace, grace_period=0
                    )
                else:
                    await self._start_pod(pod, ready)
            except (errors.NotFound, errors.Conflict):
                continue

    async def _start_pod(self, pod: Pod, ready: bool) -> None:
        if pod.status.phase in ("Succeeded", "Failed"):
            return
        if pod.status.phase == "Running" and conditions.is_true(pod.status.conditions, "Ready"):
            return
        time = Time.from_unix(self.clock.now())
        told = PodCondition(
            type="Ready", status="True" if ready else "False", lastTransitionTime=time
        )
        number = int(pod.metadata.uid[:4], 16)
        address = f"10.244.{number >> 8}.{number & 255}"
        running_since = ContainerState(running=ContainerStateRunning(startedAt=time))
        status = replace(
            pod.status,
            phase="Running",
            podIP=address,
            podIPs=(PodIP(ip=address),),
            conditions=conditions.put(pod.status.conditions, told),
            containerStatuses=tuple(
                ContainerStatus(name=c.name, image=c.image, ready=ready, state=running_since)
                for c in pod.spec.containers
            ),
        )
        await self.client.update(replace(pod, status=status), subresource="status")

    async def keep_running(self) -> None:
        """Play kubelet for ever."""
        while True:
            await self.run_pods()
            await asyncio.sleep(0.5)

    @asynccontextmanager
    async def kubelet(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.keep_running())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def world(
    seed: int = 0, between: Callable[[Transport, random.Random], Transport] | None = None
) -> AsyncIterator[World]:
    """`between` puts something between the controllers and the server."""
    rng = random.Random(seed)
    clock = LoopClock(NOW)
    async with testing.apiserver(clock=clock, seed=seed) as server:
        direct = server.client.transport
        seen = between(direct, rng) if between is not None else direct
        made = World(server.client, seen, clock, rng)
        try:
            yield made
        finally:
            await made.stop()
