"""Logs, exec and attach over gRPC.

Towards the kubelet this is a WebSocket of `v5.channel.k8s.io`: a byte of channel before each piece.

    ExecInput.stdin ──► 0      1 ──► ExecOutput.stdout
    .resize         ──► 4      2 ──► ExecOutput.stderr
    .close_stdin    ──► 255 0  3 ──► ExecOutput.status, the last message
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from kubepy.api import codec, protobuf
from kubepy.api.meta.v1 import Status
from kubepy.apiserver.query import Query
from kubepy.apiserver.rpc.messages import field
from kubepy.apiserver.rpc.methods import Method
from kubepy.apiserver.streaming import kubelets, locations
from kubepy.apiserver.streaming.kubelets import OK, Kubelets
from kubepy.meta import errors
from kubepy.meta.calls import Call, Connection, Handler, User

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
        """The first message of an exec or attach. Raises BadRequest."""
        async for message in inputs:
            if message.HasField("start"):
                return message.start
            break
        raise errors.BadRequest.of("the first message must bear `start`")

    async def log(self, call: Call, user: User, request: Any) -> AsyncIterator[bytes]:
        """LogChunks."""
        connection = await self._handler.connect(call, user)
        path = locations.log_path(connection.object, query_of(request))
        if not connection.object.spec.nodeName:
            return
        url = self._kubelets.url(self._kubelets.address_of(connection), path)
        async with self._kubelets.request("GET", url) as answer:
            if answer.status not in OK:
                raise await kubelets.refusal(answer, f"pods {call.name}")
            try:
                while piece := await answer.content.readany():
                    yield field(1, piece)
            except aiohttp.ClientError as problem:
                raise kubelets.unreachable(problem) from problem

    async def duplex(
        self, call: Call, user: User, start: Any, inputs: AsyncIterator[Any]
    ) -> AsyncIterator[bytes]:
        """ExecOutputs."""
        if call.subresource == "portforward":
            raise errors.MethodNotAllowed.make("port-forward is not built over gRPC: use REST")
        connection = await self._handler.connect(call, user)
        async with await self._enter(call, connection, query_of(start)) as socket:
            sending = asyncio.create_task(_send(socket, inputs))
            try:
                async for message in socket:
                    if message.type is aiohttp.WSMsgType.BINARY and message.data:
                        piece = output(message.data)
                        if piece:
                            yield piece
            finally:
                sending.cancel()

    async def _enter(self, call: Call, connection: Connection, query: Query) -> Any:
        enter = locations.exec_path if call.subresource == "exec" else locations.attach_path
        path = enter(connection.object, query)
        address = self._kubelets.address_of(connection)
        return await self._kubelets.websocket(address, path, PROTOCOL)


async def _send(socket: Any, inputs: AsyncIterator[Any]) -> None:
    async for message in inputs:
        frame = input_(message)
        if frame:
            await socket.send_bytes(frame)


def input_(message: Any) -> bytes:
    """One ExecInput or AttachInput as a WebSocket message; empty if it says nothing."""
    match message.WhichOneof("input"):
        case "stdin":
            return b"%c%b" % (STDIN, message.stdin)
        case "resize":
            size = {"Width": message.resize.width, "Height": message.resize.height}
            return bytes((RESIZE,)) + msgspec.json.encode(size)
        case "close_stdin" if message.close_stdin:
            return bytes((CLOSE, STDIN))
    return b""


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
