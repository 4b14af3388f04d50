"""Connections that say nothing."""

from __future__ import annotations

import asyncio

from kubepy.apiserver.rest.exchange import Exchange
from kubepy.apiserver.rest.server import RestServer


async def greet(exchange: Exchange) -> None:
    exchange.respond(200, [], b"hello")


async def test_a_connection_that_never_finishes_a_head_is_closed() -> None:
    server = RestServer(greet, head_seconds=0.01)
    port = await server.listen("127.0.0.1", 0, None)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: ")
    assert await reader.read() == b""
    writer.close()
    await server.close()


async def test_one_that_has_spoken_may_be_idle() -> None:
    server = RestServer(greet)
    port = await server.listen("127.0.0.1", 0, None)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200 OK")
    assert all(connection._impatience.cancelled() for connection in server._http.connections)
    writer.close()
    await server.close()
