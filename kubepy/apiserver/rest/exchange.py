"""One HTTP request and its answer on the wire. With `server`, all there is of aiohttp here.

aiohttp parses requests and minds keep-alive, pipelining and cancellation. Answers are written to
the transport in one piece, head and body, past its response classes, which would double a small
request's cost.

    request bytes ──aiohttp──► Exchange ──► front.serve ──► exchange.respond / stream / take_over
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Iterable, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from aiohttp import hdrs
from aiohttp.web_protocol import RequestPayloadError
from aiohttp.web_request import BaseRequest

from kubepy.base import upgrade
from kubepy.meta import errors

MAX_BODY_BYTES = 3 * 1024 * 1024
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
COMPRESSED = ("gzip", "deflate")
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # whichever its header says
NOT_MODIFIED = 304
LAST_CHUNK = b"0\r\n\r\n"
STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}

Headers = Iterable[tuple[str, str]]


class Finished:
    """What aiohttp's loop wants to see of an answer that is already on its way."""

    __slots__ = ("keep_alive",)
    status = 200

    def __init__(self, keep_alive: bool) -> None:
        self.keep_alive = keep_alive

    async def prepare(self, request: BaseRequest) -> None: ...

    async def write_eof(self, chunk: bytes = b"") -> None: ...


class Exchange:
    """A request to read and an answer to give, once."""

    __slots__ = ("_request", "certificate", "code", "keep_alive", "sent_bytes")

    def __init__(self, request: BaseRequest, certificate: bytes | None) -> None:
        self._request = request
        self.certificate = certificate  # the client's, DER, verified; None without
        self.keep_alive = not request._message.should_close
        self.code = 0  # 0: not answered yet
        self.sent_bytes = 0

    @property
    def method(self) -> str:
        return self._request._method

    @property
    def target(self) -> str:
        """Path and query as they came, percent-encoding and all."""
        return self._request._message.path  # type: ignore[no-any-return]

    @property
    def raw_headers(self) -> Sequence[tuple[bytes, bytes]]:
        return self._request._message.raw_headers  # type: ignore[no-any-return]

    def header(self, name: str) -> str:
        return self._request._headers.get(name, "")

    def header_items(self) -> Iterable[tuple[str, str]]:
        return self._request._headers.items()

    @property
    def transport(self) -> asyncio.Transport:
        transport = self._request._protocol.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client is gone")
        return transport

    @property
    def peer(self) -> str:
        """The client's address, for what is logged."""
        peer = self._request._transport_peername
        return str(peer[0]) if isinstance(peer, tuple) else str(peer or "")

    @property
    def has_arrived(self) -> bool:
        """Whether the whole body is here."""
        return self._request._payload.is_eof()

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it arrives, however long it is. Raises BadRequest where it is not HTTP's."""
        payload = self._request._payload
        if self.header(hdrs.EXPECT).lower() == "100-continue":
            self.transport.write(CONTINUE)
        try:
            while piece := await payload.readany():
                yield piece
        except RequestPayloadError as problem:
            self.keep_alive = False  # nobody knows where the next request begins
            raise errors.BadRequest.of(f"error reading the request body: {problem}") from None

    async def body(self, limit: int = MAX_BODY_BYTES) -> bytes:
        """The whole body, decompressed. Raises BadRequest, RequestEntityTooLarge; after the latter
        the connection closes."""
        declared = self.header(hdrs.CONTENT_LENGTH)
        if declared.isdigit() and int(declared) > limit:
            raise self._too_large(limit)
        compressed = self.header(hdrs.CONTENT_ENCODING).lower() in COMPRESSED
        inflate = zlib.decompressobj(GZIP_OR_ZLIB) if compressed else None
        pieces = []
        size = 0
        async for piece in self.pieces():
            if inflate is not None:
                piece = _inflated(inflate, piece, limit - size + 1)
            size += len(piece)
            if size > limit:
                raise self._too_large(limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _too_large(self, limit: int) -> errors.ApiError:
        self.keep_alive = False  # the rest of the body is still in the pipe
        return errors.RequestEntityTooLarge.of(f"limit is {limit}")

    def respond(self, code: int, headers: Headers, body: bytes) -> None:
        """The whole answer at once."""
        if code == NOT_MODIFIED:
            self.respond_empty(code, headers)
            return
        head = self._head(code, headers, f"Content-Length: {len(body)}\r\n")
        if self.method == "HEAD":
            body = b""
        self.transport.write(head + body)
        self.sent_bytes += len(body)

    def respond_empty(self, code: int, headers: Headers) -> None:
        """An answer that has no body by its code, such as 204."""
        self.transport.write(self._head(code, headers, ""))

    def write_raw(self, head: bytes, code: int) -> None:
        """Somebody else's answer, as it is."""
        self.code = code
        self.transport.write(head)

    def begin(self, code: int, headers: Headers) -> None:
        """An answer in chunks."""
        self.transport.write(self._head(code, headers, "Transfer-Encoding: chunked\r\n"))

    def _head(self, code: int, headers: Headers, framing: str) -> bytes:
        self.code = code
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        closing = "" if self.keep_alive else "Connection: close\r\n"
        rest = f"{lines}Date: {http_date()}\r\n{framing}{closing}\r\n"
        line = STATUS_LINES.get(code) or f"HTTP/1.1 {code} status code {code}\r\n".encode()
        return line + rest.encode("utf-8", "replace")

    def write_chunk(self, data: bytes) -> None:
        self.write_framed(chunk(data))

    def write_framed(self, frames: bytes) -> None:
        """Chunks that are framed already: shared by everybody who watches the same."""
        self.transport.write(frames)
        self.sent_bytes += len(frames)

    def end(self) -> None:
        self.transport.write(LAST_CHUNK)

    @property
    def is_backed_up(self) -> bool:
        """Whether the client takes less than it is sent."""
        return self._request._protocol.writing_paused

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written."""
        await self._request._payload_writer.drain()

    def take_over(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection as streams of bytes, after an Upgrade; `forget` it in the end."""
        server = self._request._protocol
        early = bytes(getattr(server, "_message_tail", b""))  # sent before we agreed
        server.keep_alive(False)
        self.keep_alive = False
        reader, writer = upgrade.take_over(self._request)
        if early:
            reader.feed_data(early)
        return reader, writer

    def forget(self) -> None:
        """A connection that was taken over is closed, and aiohttp did not see it."""
        self._request._protocol.connection_lost(None)

    def finished(self) -> Any:
        return Finished(self.keep_alive)


def _inflated(inflate: Any, piece: bytes, most: int) -> bytes:
    """What a piece holds, as much as anybody wants to see of it. Raises BadRequest."""
    try:
        return inflate.decompress(piece, most)  # type: ignore[no-any-return]
    except zlib.error as problem:
        raise errors.BadRequest.of(f"error reading the request body: {problem}") from None


def chunk(data: bytes) -> bytes:
    """HTTP's framing of one piece of a chunked answer."""
    return b"%x\r\n%b\r\n" % (len(data), data)


_date = (0, "")


def http_date(ahead: int = 0) -> str:
    """Now, or some seconds from now, as HTTP has it; now is made once a second."""
    global _date  # a memo
    now = int(time.time())
    if ahead:
        return formatdate(now + ahead, usegmt=True)
    if _date[0] != now:
        _date = (now, formatdate(now, usegmt=True))
    return _date[1]
