"""Carrying connections and datagrams from a door to whoever is behind it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import random
import socket
import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Self

from kubepy.base.clock import Clock
from kubepy.proxy.doors import Behind, Door, contains
from kubepy.proxy.services import Target

CHUNK = 1 << 16  # bytes carried at once
CONNECT = 5.0  # seconds for an endpoint to answer; then another is tried
ATTEMPTS = 3  # endpoints tried for one connection
UDP_IDLE = 60.0  # seconds without a packet, after which a flow is forgotten
MAX_FLOWS = 4096  # of a UDP door
MAX_CONNECTIONS = 4096  # of a TCP door
MAX_CLIENTS = 1 << 16  # whose endpoint is remembered, of a door
BACKLOG = 1024

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Ask = Callable[[bytes], tuple[Behind, tuple[Target, ...]] | None]


class Chooser:
    """Which endpoint a client of one door gets."""

    def __init__(self, clock: Clock, rng: random.Random, ask: Ask) -> None:
        self._clock = clock
        self._rng = rng
        self._ask = ask
        # client → (endpoint, when it was here last), the least recent first
        self._remembered: OrderedDict[bytes, tuple[Target, float]] = OrderedDict()

    def choose(self, source: bytes, *, failed: frozenset[Target] = frozenset()) -> Target | None:
        """None turns the client away. What has `failed` is not tried again."""
        found = self._ask(source)
        if found is None:
            return None
        behind, targets = found
        if behind.ranges and not contains(behind.ranges, source):
            return None
        if behind.affinity and (kept := self._recall(source, behind.affinity)) in targets:
            if kept not in failed:
                return self._remember(source, kept)
        left = [one for one in targets if one not in failed]
        if not left:
            return None
        target = self._rng.choice(left)
        return self._remember(source, target) if behind.affinity else target

    def allows(self, source: bytes, target: Target) -> bool:
        """Whether a client that has this endpoint may keep it."""
        found = self._ask(source)
        return found is not None and target in found[1]

    def _recall(self, source: bytes, seconds: int) -> Target | None:
        target, since = self._remembered.get(source, (None, 0.0))
        return target if target and self._clock.monotonic() - since < seconds else None

    def _remember(self, source: bytes, target: Target | None) -> Target | None:
        if target is not None:
            self._remembered[source] = (target, self._clock.monotonic())
            self._remembered.move_to_end(source)
            if len(self._remembered) > MAX_CLIENTS:
                self._remembered.popitem(last=False)
        return target


def bind(door: Door, kind: int) -> socket.socket:
    """Raises OSError."""
    family = socket.AF_INET6 if door.is_v6 else socket.AF_INET
    bound = socket.socket(family, kind)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if door.is_v6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((_text(door.address) if door.address else "", door.port))
    except OSError:
        bound.close()
        raise
    return bound


def _text(address: bytes) -> str:
    return str(ipaddress.ip_address(address))


def _packed(text: str) -> bytes:
    return ipaddress.ip_address(text.partition("%")[0]).packed


class StreamDoor:
    """A TCP listener. Closing it ends no connection: that is for the two ends to do."""

    def __init__(self, chooser: Chooser) -> None:
        self._chooser = chooser
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, door: Door, chooser: Chooser) -> Self:
        made = cls(chooser)
        bound = bind(door, socket.SOCK_STREAM)
        made._server = await asyncio.start_server(made._accepted, sock=bound, backlog=BACKLOG)
        return made

    def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(self._connections) >= MAX_CONNECTIONS:
            writer.close()
            return
        self._connections.add(task)
        try:
            await self._carry(reader, writer)
        except OSError:
            pass  # one of the two ends is gone, and with it the connection
        finally:
            self._connections.discard(task)
            writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source = _packed(writer.get_extra_info("peername")[0])
        reached = await self._reach(source)
        if reached is None:
            # A reset instead of an end, as where nobody listens.
            peer = writer.get_extra_info("socket")
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return
        far_reader, far_writer = reached
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_copy(reader, far_writer))
                group.create_task(_copy(far_reader, writer))
        except* OSError:
            pass
        finally:
            far_writer.close()

    async def _reach(
        self, source: bytes
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        failed: frozenset[Target] = frozenset()
        for _ in range(ATTEMPTS):
            target = self._chooser.choose(source, failed=failed)
            if target is None:
                return None
            try:
                async with asyncio.timeout(CONNECT):
                    return await asyncio.open_connection(_text(target.address), target.port)
            except (OSError, TimeoutError):
                failed |= {target}
        return None


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until the reader's end; then the other side is told that no more comes."""
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        with contextlib.suppress(OSError):
            writer.write_eof()


class DatagramDoor(asyncio.DatagramProtocol):
    """A UDP listener: each client has a socket of its own towards its endpoint."""

    def __init__(self, chooser: Chooser, clock: Clock) -> None:
        self._chooser = chooser
        self._clock = clock
        self._transport: asyncio.DatagramTransport | None = None
        self._flows: OrderedDict[Any, _Flow] = OrderedDict()  # by client, least recent first
        self._opening: dict[Any, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, door: Door, chooser: Chooser, clock: Clock) -> Self:
        made = cls(chooser, clock)
        loop = asyncio.get_running_loop()
        bound = bind(door, socket.SOCK_DGRAM)
        made._transport, _ = await loop.create_datagram_endpoint(lambda: made, sock=bound)
        return made

    def close(self) -> None:
        for flow in self._flows.values():
            flow.close()
        for task in self._tasks:
            task.cancel()
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._forget_idle()
        flow = self._flows.get(addr)
        source = _packed(addr[0])
        if flow is not None and self._chooser.allows(source, flow.target):
            flow.send(data, self._clock.monotonic())
            self._flows.move_to_end(addr)
            return
        if flow is not None:
            self._flows.pop(addr).close()
        if addr in self._opening:
            self._opening[addr].append(data)
        elif len(self._flows) + len(self._opening) < MAX_FLOWS:
            self._opening[addr] = [data]
            task = asyncio.ensure_future(self._open_flow(addr, source))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open_flow(self, client: Any, source: bytes) -> None:
        target = self._chooser.choose(source)
        try:
            if target is not None and self._transport is not None:
                flow = _Flow(target, client, self._transport)
                await flow.open()
                self._flows[client] = flow
                for data in self._opening[client]:
                    flow.send(data, self._clock.monotonic())
        except OSError:
            pass  # the client sends again, as with any lost packet
        finally:
            del self._opening[client]

    def _forget_idle(self) -> None:
        now = self._clock.monotonic()
        while self._flows:
            client, flow = next(iter(self._flows.items()))
            if now - flow.last < UDP_IDLE:
                return
            self._flows.pop(client).close()


class _Flow(asyncio.DatagramProtocol):
    """One client's way to its endpoint and back."""

    def __init__(self, target: Target, client: Any, back: asyncio.DatagramTransport) -> None:
        self.target = target
        self.last = 0.0
        self._client = client
        self._back = back
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        remote = (_text(self.target.address), self.target.port)
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, remote_addr=remote)

    def send(self, data: bytes, now: float) -> None:
        self.last = now
        if self._transport is not None:
            self._transport.sendto(data)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._back.sendto(data, self._client)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
