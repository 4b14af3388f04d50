"""The way to an etcd cluster: one channel to each server, and which of them is asked.

A server is asked until it fails; then the next one is, and watches of the first end. What only
reads is asked again of the next until the time is up. A write that was sent and not answered is
never sent again: whether it was done is not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import grpc.aio
from msgspec import Struct

from kubepy import pb
from kubepy.storage.store import Compacted, FutureRevision, StorageError

CLOSED = "the store is closed"
ENDED = "etcd has ended the watch"
TIMED_OUT = "etcdserver: request timed out"  # etcd's own words when it finds no quorum in time
_NEED_LEADER = (("hasleader", "true"),)  # a member without one ends its watches


class Unreachable(StorageError):
    """No answer from etcd, or none that decides anything: another time it may be otherwise."""


class LeaseGone(StorageError):
    """The lease that a write names is over; nothing was written."""


class Timing(Struct, frozen=True):
    """Seconds. Kubernetes' own: pings every 30, lost after 10, connected within 20."""

    call: float = 10.0  # the longest that one request may take, with all attempts
    attempt: float = 5.0  # the longest that one server is waited for when there are others
    retry: float = 0.1  # between attempts
    keepalive: float = 30.0
    keepalive_answer: float = 10.0
    reconnect: float = 1.0  # the longest pause between attempts to connect
    start: float = 60.0  # until `open` gives up


class Access(Struct, frozen=True):
    """Where an etcd cluster is, and who we are to it. Empty paths: not given."""

    servers: tuple[str, ...]  # URLs: http, https, unix
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""


class Connection:
    """See the module. Belongs to the running event loop."""

    def __init__(self, access: Access, timing: Timing) -> None:
        """Connects to nothing yet. Raises StorageError for files and URLs that are no use."""
        self.access = access
        self.timing = timing
        self._channels = [_channel(server, access, timing) for server in access.servers]
        self._stubs = [
            {name: pb.stub(channel, f"etcdserverpb.{name}") for name in _SERVICES}
            for channel in self._channels
        ]
        self._chosen = 0
        self._reading: list[set[asyncio.Timeout]] = [set() for _ in access.servers]
        self._closed = False

    async def close(self) -> None:
        self._closed = True
        channels = self._channels
        self._channels, self._stubs = [], []  # let go: gRPC ends with the last that is in use
        while channels:
            await channels.pop().close()

    async def ask(self, method: str, request: Any, *, again: bool) -> Any:
        """`KV/Range` and the like. `again`: it may be asked more than once.

        Raises what `problem_of` tells.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.timing.call
        while True:
            place = await self._connected(deadline)
            left = deadline - loop.time()
            if again and len(self._channels) > 1:
                left = min(left, self.timing.attempt)
            try:
                return await self._method(place, method)(request, timeout=left)
            except _FAILURES as error:
                problem = self._failed(place, error)
                hopeless = loop.time() + self.timing.retry >= deadline
                if not (again and isinstance(problem, Unreachable)) or hopeless:
                    raise problem from error
            await asyncio.sleep(self.timing.retry)

    async def watch(self, request: Any) -> AsyncGenerator[Any, None]:
        """The responses to one WatchCreateRequest, the first within `timing.call` seconds.

        Raises what `problem_of` tells; Compacted if the watch begins too far in the past.
        """
        deadline = asyncio.get_running_loop().time() + self.timing.call
        place = await self._connected(deadline)
        call = self._method(place, "Watch/Watch")(metadata=_NEED_LEADER)
        try:
            async with asyncio.timeout_at(deadline):
                await call.write(request)
                response = await call.read()  # `created`
            while response is not grpc.aio.EOF:
                if response.compact_revision:
                    raise Compacted(request.create_request.start_revision)
                if response.canceled:
                    raise StorageError(response.cancel_reason or ENDED)
                yield response
                response = await self._read(place, call)
            raise Unreachable(ENDED)
        except TimeoutError:
            self._move_on(place)
            raise Unreachable(TIMED_OUT) from None
        except _FAILURES as error:
            raise self._failed(place, error) from error
        finally:
            call.cancel()

    async def _read(self, place: int, call: Any) -> Any:
        """The next response of a watch. TimeoutError: its server has failed others meanwhile."""
        async with asyncio.timeout(None) as patience:
            self._reading[place].add(patience)
            try:
                return await call.read()
            finally:
                self._reading[place].discard(patience)

    async def _connected(self, deadline: float) -> int:
        """The server to ask: the chosen one, or the next that can be reached."""
        try:
            async with asyncio.timeout_at(deadline):
                while not self._closed:
                    for _ in self._channels:
                        place = self._chosen
                        if await self._reach(place):
                            return place
                        self._move_on(place)
                    await asyncio.sleep(self.timing.retry)
        except TimeoutError:
            words = f"rpc error: code = Unavailable desc = no etcd can be reached at {self}"
            raise Unreachable(words) from None
        except grpc.aio.UsageError:
            pass  # closed while it connected
        raise StorageError(CLOSED)

    async def _reach(self, place: int) -> bool:
        """Connect if need be; False: it refuses, or others should be tried first."""
        channel = self._channels[place]
        state = channel.get_state(try_to_connect=True)
        alone = len(self._channels) == 1
        try:
            async with asyncio.timeout(None if alone else self.timing.attempt):
                while state in _ON_THE_WAY:
                    await channel.wait_for_state_change(state)
                    state = channel.get_state(try_to_connect=True)
        except TimeoutError:
            return False
        return bool(state is grpc.ChannelConnectivity.READY)

    def _failed(self, place: int, error: BaseException) -> Exception:
        if self._closed:
            return StorageError(CLOSED)
        problem = problem_of(error)
        if isinstance(problem, Unreachable):
            self._move_on(place)
        return problem

    def _move_on(self, place: int) -> None:
        if len(self._channels) < 2:
            return
        if place == self._chosen:
            self._chosen = (place + 1) % len(self._channels)
        for patience in self._reading[place]:
            if not patience.expired():
                patience.reschedule(asyncio.get_running_loop().time())

    def _method(self, place: int, method: str) -> Any:
        service, _, name = method.partition("/")
        return getattr(self._stubs[place][service], name)

    def __str__(self) -> str:
        return ", ".join(self.access.servers)


_SERVICES = ("KV", "Watch", "Lease", "Maintenance")
_ON_THE_WAY = (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING)
_LOST = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.INTERNAL,  # a broken HTTP/2 stream
    grpc.StatusCode.UNKNOWN,
    grpc.StatusCode.CANCELLED,
)
# Beside statuses: a channel that has been closed, a stream that ended before it was written to.
_FAILURES = (grpc.aio.AioRpcError, grpc.aio.UsageError, asyncio.InvalidStateError)


def problem_of(error: BaseException) -> Exception:
    """What a failed call means: Compacted, FutureRevision, or some StorageError.

    etcd does not tell the revisions for the first two; they are 0.
    """
    if not isinstance(error, grpc.aio.AioRpcError):
        return Unreachable(str(error))
    details, code = error.details() or "", error.code()
    if "required revision has been compacted" in details:
        return Compacted(0)
    if "required revision is a future revision" in details:
        return FutureRevision(0)
    if "requested lease not found" in details:
        return LeaseGone(details)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Unreachable(TIMED_OUT)
    if not details.startswith("etcdserver:"):
        words = "".join(part.capitalize() for part in code.name.split("_"))
        details = f"rpc error: code = {words} desc = {details}"
    return Unreachable(details) if code in _LOST else StorageError(details)


def target_of(server: str, access: Access) -> tuple[str, bool]:
    """gRPC's name of a server, and whether it speaks TLS. Raises StorageError."""
    scheme, separator, rest = server.partition("://")
    if not separator:
        scheme, rest = ("https" if access.ca_file or access.certificate_file else "http"), server
    if scheme in ("unix", "unixs"):
        return f"unix:{rest}", scheme == "unixs"
    try:
        found = urlsplit(f"//{rest}")
        host, port = found.hostname, found.port
    except ValueError:
        host, port = None, None
    if scheme not in ("http", "https") or not host or not port:
        raise StorageError(f"{server}: no URL of an etcd, such as https://10.0.0.1:2379")
    return (f"[{host}]:{port}" if ":" in host else f"{host}:{port}"), scheme == "https"


def _channel(server: str, access: Access, timing: Timing) -> grpc.aio.Channel:
    target, secure = target_of(server, access)
    options = [
        ("grpc.max_receive_message_length", -1),
        ("grpc.max_send_message_length", -1),
        ("grpc.keepalive_time_ms", int(timing.keepalive * 1000)),
        ("grpc.keepalive_timeout_ms", int(timing.keepalive_answer * 1000)),
        ("grpc.http2.max_pings_without_data", 0),  # a quiet watch is pinged for ever
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.min_reconnect_backoff_ms", 20_000),  # for one attempt, TLS included
        ("grpc.max_reconnect_backoff_ms", int(timing.reconnect * 1000)),
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]
    if not secure:
        return grpc.aio.insecure_channel(target, options=options)
    credentials = grpc.ssl_channel_credentials(
        root_certificates=_read(access.ca_file),
        private_key=_read(access.key_file),
        certificate_chain=_read(access.certificate_file),
    )
    return grpc.aio.secure_channel(target, credentials, options=options)


def _read(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes() if path else None
    except OSError as problem:
        raise StorageError(f"{path}: {problem.strerror}") from problem
