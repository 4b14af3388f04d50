"""Take an HTTP connection over after `Upgrade`, as a pipe of raw bytes.

aiohttp upgrades to WebSocket alone. For every other protocol (SPDY/3.1) its transport is given
another protocol once the request has been read: nothing more of the connection is aiohttp's.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiohttp import web

CHUNK = 64 * 1024  # bytes a read


class Taken(web.StreamResponse):
    """What a handler returns for a connection that it has taken over: aiohttp writes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.force_close()

    async def prepare(self, request: web.BaseRequest) -> Any:
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        return None


def take_over(request: web.BaseRequest) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The connection of a request whose body has been read, or never will be, as streams."""
    loop = asyncio.get_running_loop()
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("the client has left")
    reader = asyncio.StreamReader(limit=CHUNK, loop=loop)
    protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
    transport.set_protocol(protocol)
    protocol.connection_made(transport)
    transport.resume_reading()
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


async def pipe(
    left: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    right: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Carry bytes both ways until either side ends; closes both."""
    copies = {
        asyncio.ensure_future(_copy(left[0], right[1])),
        asyncio.ensure_future(_copy(right[0], left[1])),
    }
    try:
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)
        for _, writer in (left, right):
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def read_head(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The head of an HTTP response: its status and its bytes with the blank line."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)
    if len(status) < 2 or not status[1].isdigit():
        raise ConnectionResetError("the peer does not speak HTTP")
    return int(status[1]), head
