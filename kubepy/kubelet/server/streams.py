"""Exec, attach and port-forward: a client's upgraded connection joined to the runtime's.

    SPDY client        ── bytes as they come ──────────────► runtime's streaming server (SPDY)
    WebSocket client   ── channels ⇄ SPDY streams ─────────► runtime's streaming server (SPDY)
    port-forward: a tunnel's WebSocket messages are pieces of a SPDY connection; WebSocket of the
                  older `v4.channel.k8s.io`, whose query names the ports, is the runtime's own

Runtimes speak SPDY, and of WebSocket at most `v4.channel.k8s.io`, which cannot close stdin; so
every WebSocket of a command is translated to SPDY, as Kubernetes' own apiserver does (KEP-4006).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from kubepy.base.upgrade import CHUNK, Taken, pipe, read_head, take_over
from kubepy.kubelet.server import spdy

Pipe = tuple[asyncio.StreamReader, asyncio.StreamWriter]

V5 = "v5.channel.k8s.io"
PROTOCOLS = (V5, "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io")
REMOTE_COMMAND = "v4.channel.k8s.io"  # of SPDY, where stdin can be closed in every version
PORT_FORWARD = "portforward.k8s.io"
TUNNEL = "SPDY/3.1+portforward.k8s.io"

STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255
MAX_MESSAGE = 4 * 1024 * 1024  # bytes of one WebSocket message from a client
HANDSHAKE_SECONDS = 30.0


class StreamFailure(Exception):
    """The runtime did not take the connection; the message is for the client."""


class Wanted(frozenset[str]):
    """Which of stdin, stdout, stderr and tty a client asked for."""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Wanted:
        """From a query in the kubelet's words (input, output, error, tty) or in the API's."""
        names = {"stdin": "input", "stdout": "output", "stderr": "error", "tty": "tty"}
        truths = ("1", "true")
        return cls(
            name
            for name, short in names.items()
            if query.get(name) in truths or query.get(short) in truths
        )


async def serve_command(request: web.Request, url: str, wanted: Wanted) -> web.StreamResponse:
    """Join an exec or attach request to the stream that the runtime offers at `url`."""
    if is_websocket(request):
        return await _translate(request, url, wanted)
    return await forward(request, url)


async def serve_ports(request: web.Request, url: str) -> web.StreamResponse:
    """The same for port-forward."""
    if is_websocket(request) and not names_ports(request):
        return await _tunnel(request, url)
    return await forward(request, url)


def names_ports(request: web.Request) -> bool:
    """Whether a port-forward says in its query which ports it is for; SPDY says it a stream."""
    return is_websocket(request) and TUNNEL not in offered(request)


def is_websocket(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def offered(request: web.Request) -> list[str]:
    """The subprotocols that a WebSocket client knows."""
    header = ",".join(request.headers.getall("Sec-WebSocket-Protocol", []))
    return [name.strip() for name in header.split(",") if name.strip()]


async def forward(request: web.Request, url: str) -> web.StreamResponse:
    """Pass the upgrade request on as it is, then bytes both ways."""
    upstream = await _dial(url)
    target = urlsplit(url)
    query = f"?{target.query}" if target.query else ""
    lines = [f"{request.method} {target.path}{query} HTTP/1.1"]
    dropped = {"host", "authorization"}
    lines += [f"{k}: {v}" for k, v in request.headers.items() if k.lower() not in dropped]
    lines.append(f"Host: {target.netloc}")
    upstream[1].write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    client = take_over(request)
    await pipe(client, upstream)
    return Taken()


async def _dial(url: str) -> Pipe:
    target = urlsplit(url)
    try:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            return await asyncio.open_connection(target.hostname, target.port, limit=CHUNK)
    except (OSError, TimeoutError) as error:
        raise StreamFailure(f"the runtime's streaming server did not answer: {error}") from error


async def _dial_spdy(url: str, protocol: str) -> Pipe:
    """A connection to the runtime, upgraded to SPDY."""
    reader, writer = await _dial(url)
    target = urlsplit(url)
    query = f"?{target.query}" if target.query else ""
    writer.write(
        (
            f"POST {target.path}{query} HTTP/1.1\r\nHost: {target.netloc}\r\n"
            "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nContent-Length: 0\r\n"
            f"X-Stream-Protocol-Version: {protocol}\r\n\r\n"
        ).encode()
    )
    async with asyncio.timeout(HANDSHAKE_SECONDS):
        status, head = await read_head(reader)
    if status != 101:
        writer.close()
        reason = head.split(b"\r\n", 1)[0].decode("latin-1")
        raise StreamFailure(f"the runtime refused the stream: {reason}")
    return reader, writer


async def _translate(request: web.Request, url: str, wanted: Wanted) -> web.StreamResponse:
    upstream = await _dial_spdy(url, REMOTE_COMMAND)
    socket = web.WebSocketResponse(protocols=PROTOCOLS, compress=False, max_msg_size=MAX_MESSAGE)
    try:
        await socket.prepare(request)
        await _Translation(socket, upstream, wanted).run()
    finally:
        upstream[1].close()
    return socket


class _Translation:
    """One WebSocket's channels as streams of one SPDY connection."""

    def __init__(self, socket: web.WebSocketResponse, upstream: Pipe, wanted: Wanted) -> None:
        self.socket = socket
        self.reader, self.writer = upstream
        self.session = spdy.Session()
        self.streams: dict[int, int] = {}  # channel → SPDY stream
        self.channels: dict[int, int] = {}  # and back
        self.unanswered: set[int] = set()  # streams that the runtime has not taken yet
        self.taken = asyncio.Event()  # it has taken all: before that it drops what is sent
        for channel, name in self._names(wanted):
            stream, frame = self.session.open({"streamtype": name})
            self.streams[channel], self.channels[stream] = stream, channel
            self.unanswered.add(stream)
            self.writer.write(frame)

    @staticmethod
    def _names(wanted: Wanted) -> list[tuple[int, str]]:
        """The streams in the order that the protocol asks for: error first."""
        found = [(ERROR, "error")]
        if "stdin" in wanted:
            found.append((STDIN, "stdin"))
        if "stdout" in wanted:
            found.append((STDOUT, "stdout"))
        if "stderr" in wanted and "tty" not in wanted:
            found.append((STDERR, "stderr"))
        if "tty" in wanted:
            found.append((RESIZE, "resize"))
        return found

    async def run(self) -> None:
        """Until the command's end was told, or either side left."""
        downwards = asyncio.ensure_future(self._from_client())
        try:
            await self._to_client()
        finally:
            downwards.cancel()
            await asyncio.gather(downwards, return_exceptions=True)
            with contextlib.suppress(ConnectionError):
                await self.socket.close()

    async def _from_client(self) -> None:
        await self.taken.wait()
        async for message in self.socket:
            if message.type is not WSMsgType.BINARY or not message.data:
                continue
            channel, data = message.data[0], message.data[1:]
            if channel == CLOSE and data and (stream := self.streams.get(data[0])):
                self.writer.write(self.session.data(stream, b"", end=True))
            elif data and (stream := self.streams.get(channel)):
                self.writer.write(self.session.data(stream, data))
            await self.writer.drain()
        self.writer.close()  # the client left: the command loses its terminal

    async def _to_client(self) -> None:
        """Copy what the command says; its outputs and the error stream each end by themselves."""
        open_ = {stream for channel, stream in self.streams.items() if channel != RESIZE}
        open_.discard(self.streams.get(STDIN, 0))
        while open_ and (data := await self.reader.read(CHUNK)):
            for event in self.session.receive(data):
                match event:
                    case spdy.Replied(stream):
                        self.unanswered.discard(stream)
                        if not self.unanswered:
                            self.taken.set()
                    case spdy.Data(stream, payload):
                        channel = self.channels.get(stream)
                        if channel is not None:
                            await self.socket.send_bytes(bytes([channel]) + payload)
                    case spdy.Closed(stream) | spdy.Reset(stream, _):
                        open_.discard(stream)
                    case spdy.Gone():
                        pass
            if self.session.replies:
                self.writer.write(bytes(self.session.replies))
                self.session.replies.clear()


async def _tunnel(request: web.Request, url: str) -> web.StreamResponse:
    reader, writer = await _dial_spdy(url, PORT_FORWARD)
    socket = web.WebSocketResponse(protocols=(TUNNEL,), compress=False, max_msg_size=MAX_MESSAGE)
    try:
        await socket.prepare(request)
        upwards = asyncio.ensure_future(_read_tunnel(reader, socket))
        try:
            async for message in socket:
                if message.type is WSMsgType.BINARY:
                    writer.write(message.data)
                    await writer.drain()
        finally:
            upwards.cancel()
            await asyncio.gather(upwards, return_exceptions=True)
    finally:
        writer.close()
    return socket


async def _read_tunnel(reader: asyncio.StreamReader, socket: web.WebSocketResponse) -> None:
    while data := await reader.read(CHUNK):
        await socket.send_bytes(data)
    await socket.close()
