"""Logs, exec, attach and port-forward over gRPC.

Towards the kubelet exec and attach are a WebSocket of `v5.channel.k8s.io`: a byte of channel
before each piece. Port-forward is one of an older protocol: see portforward.py.

    ExecInput.stdin ──► 0      1 ──► ExecOutput.stdout
    .resize         ──► 4      2 ──► ExecOutput.stderr
    .close_stdin    ──► 255 0  3 ──► ExecOutput.status, the last message
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import aiohttp
import msgspec
from msgspec import Struct

from kubepy.api import codec, protobuf
from kubepy.api.core.v1 import Pod
from kubepy.api.meta.v1 import Status
from kubepy.apiserver.query import Query
from kubepy.apiserver.rpc import portforward
from kubepy.apiserver.rpc.methods import Method
from kubepy.apiserver.streaming import kubelets, locations
from kubepy.apiserver.streaming.kubelets import OK, Kubelets
from kubepy.base.varint import field
from kubepy.meta import errors
from kubepy.meta.calls import Call, Handler, User
from kubepy.meta.errors import ApiError

PROTOCOL = "v5.channel.k8s.io"
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
OUTPUT_FIELDS = {STDOUT: 1, STDERR: 2}
STATUS_FIELD = 3


class Streams:
    """Joins gRPC streams with the kubelets'."""

    def __init__(self, handler: Handler, backends: Kubelets) -> None:
        self._handler = handler
        self._kubelets = backends

    def call_of(self, method: Method, start: Any) -> Call:
        """What a stream's first message asks for."""
        return Call(method.verb, method.resource, start.namespace, start.name, method.subresource)

    async def start_of(self, inputs: AsyncIterator[Any]) -> Any:
        """The first message of an exec, attach or port-forward. Raises BadRequest."""
        async for message in inputs:
            if message.HasField("start"):
                return message.start
            break
        raise errors.BadRequest.of("the first message must bear `start`")

    async def log(self, call: Call, user: User, request: Any) -> AsyncGenerator[bytes]:
        """LogChunks."""
        connection = await self._handler.connect(call, user)
        path = locations.log_path(connection.object, query_of(request))
        if not connection.object.spec.nodeName:
            return
        address = self._kubelets.address_of(connection)
        async with self._kubelets.request("GET", address, path) as answer:
            if answer.status not in OK:
                raise await kubelets.refusal(answer, f"pods {call.name}")
            try:
                while piece := await answer.content.readany():
                    yield field(1, piece)
            except aiohttp.ClientError as problem:
                raise kubelets.unreachable(problem, address) from problem

    async def duplex(
        self, call: Call, user: User, start: Any, inputs: AsyncIterator[Any]
    ) -> AsyncGenerator[bytes]:
        """ExecOutputs or PortForwardOutputs; to be closed, which closes the WebSocket."""
        connection = await self._handler.connect(call, user)
        entrance = entrance_of(call.subresource, connection.object, start)
        address = self._kubelets.address_of(connection)
        async with await self._kubelets.websocket(
            address, entrance.path, entrance.protocol
        ) as socket:
            problems: list[ApiError] = []
            sending = asyncio.create_task(_send(socket, inputs, entrance.frames, problems))
            try:
                while (message := await socket.receive()).type is aiohttp.WSMsgType.BINARY:
                    if message.data and (piece := entrance.output(message.data)):
                        yield piece
                for problem in problems:
                    raise problem
                if message.type is not aiohttp.WSMsgType.CLOSE:
                    raise errors.ServiceUnavailable.of("lost connection to pod")
            finally:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)


class Entrance(Struct, frozen=True):
    """Where a stream leads on a kubelet, and what is said there."""

    path: str
    protocol: str
    frames: Callable[[Any], Iterable[bytes]]  # an input as WebSocket messages
    output: Callable[[bytes], bytes]  # a WebSocket message as an output; empty: it says nothing


def entrance_of(subresource: str, pod: Pod, start: Any) -> Entrance:
    """Raises BadRequest."""
    match subresource:
        case "portforward":
            path = locations.port_forward_path(pod, portforward.query_of(start))
            return Entrance(path, portforward.PROTOCOL, portforward.frames, portforward.Outputs())
        case "exec":
            path = locations.exec_path(pod, query_of(start))
        case _:
            path = locations.attach_path(pod, query_of(start))
    return Entrance(path, PROTOCOL, frames, output)


async def _send(
    socket: Any,
    inputs: AsyncIterator[Any],
    frames: Callable[[Any], Iterable[bytes]],
    problems: list[ApiError],
) -> None:
    """Until the client has no more to say: that is no reason to stop listening to the pod.

    An input that cannot be read goes to `problems` and closes the WebSocket: who listens there
    is woken, and looks.
    """
    try:
        async for message in inputs:
            for frame in frames(message):
                await socket.send_bytes(frame)
    except ConnectionError:
        return  # the kubelet left: who listens to it learns why
    except ApiError as problem:
        problems.append(problem)
        await socket.close()


def frames(message: Any) -> Iterator[bytes]:
    """One ExecInput or AttachInput as WebSocket messages: one, or none if it says nothing."""
    match message.WhichOneof("input"):
        case "stdin":
            yield b"%c%b" % (STDIN, message.stdin)
        case "resize":
            size = {"Width": message.resize.width, "Height": message.resize.height}
            yield bytes((RESIZE,)) + msgspec.json.encode(size)
        case "close_stdin" if message.close_stdin:
            yield bytes((CLOSE, STDIN))


def output(frame: bytes) -> bytes:
    """One WebSocket message as an ExecOutput; empty if it has no meaning here."""
    channel, data = frame[0], frame[1:]
    if channel in OUTPUT_FIELDS:
        return field(OUTPUT_FIELDS[channel], data) if data else b""
    if channel == ERROR:
        try:
            status = codec.untyped(codec.decode(Status, data))
        except codec.DecodeError:
            status = Status(status="Failure", message=data.decode("utf-8", "replace"))
        return field(STATUS_FIELD, protobuf.encode(status))
    return b""


def query_of(message: Any) -> Query:
    """The options of a request as the query that REST would have."""
    found: dict[str, list[str]] = {}
    if not message.HasField("options"):
        return found
    options = codec.to_builtins(
        protobuf.from_message(
            protobuf.struct_of(message.options.DESCRIPTOR.full_name), message.options
        )
    )
    for key, value in options.items():
        if isinstance(value, list):
            found[key] = [str(each) for each in value]
        elif value is not None:
            found[key] = [_text(value)]
    return found


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
