"""What happens in the runtime, as it happens, from whichever source it has.

CRI GetContainerEvents      containerd from 1.7, CRI-O
containerd's own events     containerd 1.6, whose CRI has none: same socket, another service
nothing                     the caller relists often
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio
from msgspec import Struct

from kubepy import pb
from kubepy.base.clock import Clock
from kubepy.kubelet.runtime.cache import Cache
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault, Unsupported

RELIST = 120.0  # seconds between looks at everything while events come
RELIST_BLIND = 1.0  # seconds between them where the runtime has no events
CATCH_UP = (0.05, 1.0)  # seconds after a stream began: it does not say from when on it tells
RECONNECT = 1.0  # seconds after a broken stream
NAMESPACE = "k8s.io"  # where containerd keeps what CRI made
SETTLE = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)  # seconds: CRI learns of an exit after the event is out

_log = logging.getLogger(__name__)
_FILTERS = tuple(
    f'namespace=={NAMESPACE},topic=="{topic}"'
    for topic in ("/tasks/exit", "/tasks/oom", "/containers/delete")
)


class Happened(Struct, frozen=True):
    """Something happened to a container or sandbox; `ended`: its process exited."""

    id: str
    ended: bool = False
    uid: str = ""  # of the pod, where the source says it


async def follow(runtime: Runtime, cache: Cache, clock: Clock) -> None:
    """Keep `cache` current until cancelled."""
    blind = False
    async with asyncio.TaskGroup() as group:
        listing = group.create_task(_relist_for_ever(cache, clock, RELIST))
        while not blind:
            catching_up = group.create_task(_catch_up(cache, clock))
            try:
                await _stream(runtime, cache, group, clock)
            except Unsupported:
                blind = True
            except RuntimeFault as error:
                _log.warning("runtime events: %s", error)
            catching_up.cancel()
            if not blind:
                await clock.sleep(RECONNECT)
        _log.info("the runtime has no event stream: relisting every %.0f s", RELIST_BLIND)
        listing.cancel()
        await _relist_for_ever(cache, clock, RELIST_BLIND)


async def _stream(runtime: Runtime, cache: Cache, group: asyncio.TaskGroup, clock: Clock) -> None:
    """Follow the best source that the runtime has until it breaks; Unsupported for none."""
    try:
        async for id, uid, removed in runtime.ends():
            group.create_task(_refresh(cache, Happened(id, not removed, uid), clock))
    except Unsupported:
        async for happened in containerd_events(runtime.channel):
            group.create_task(_refresh(cache, happened, clock))


async def containerd_events(channel: grpc.aio.Channel) -> AsyncIterator[Happened]:
    """containerd's own event stream. Unsupported if it is not containerd."""
    stub = pb.stub(channel, "containerd.services.events.v1.Events")
    task_exit = pb.message("containerd.events.TaskExit")
    request = pb.message("containerd.services.events.v1.SubscribeRequest")(filters=_FILTERS)
    try:
        async for envelope in stub.Subscribe(request):
            # container_id is field 1 of all three; an exit also names the process
            event: Any = task_exit.FromString(envelope.event.value)
            if envelope.topic == "/tasks/exit" and event.id != event.container_id:
                continue  # a command that was executed in it
            yield Happened(event.container_id, ended=envelope.topic == "/tasks/exit")
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.UNIMPLEMENTED:
            raise Unsupported(error.details() or "no event service") from error
        raise RuntimeFault(error.details() or error.code().name) from error


async def _refresh(cache: Cache, happened: Happened, clock: Clock) -> None:
    for pause in SETTLE:
        if pause:
            await clock.sleep(pause)
        try:
            running = await cache.refresh(happened.id, happened.uid)
        except RuntimeFault as error:
            _log.debug("looking at %s: %s", happened.id, error)
            return
        if not happened.ended or running is False:
            return  # not so if it is unknown: it may have ended before its start was noted


async def _catch_up(cache: Cache, clock: Clock) -> None:
    """See what happened before the stream began to tell."""
    for pause in CATCH_UP:
        await clock.sleep(pause)
        await _relist(cache)


async def _relist(cache: Cache) -> None:
    try:
        await cache.relist()
    except RuntimeFault as error:
        _log.warning("listing containers: %s", error)


async def _relist_for_ever(cache: Cache, clock: Clock, period: float) -> None:
    while True:
        await clock.sleep(period)
        await _relist(cache)
