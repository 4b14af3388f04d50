"""A way out for image pulls: an HTTP proxy between a node and the machine's own network.

A node in namespaces has no route to anywhere (see fabric): what its containerd fetches goes
through this proxy, which runs in the machine's own network namespace. Names are resolved here.
It takes CONNECT, for HTTPS, and plain requests, for mirrors without TLS. A node calls the machine
itself HOST_ALIAS; of the machine's own loopback it reaches the mirrors' ports only, and of
addresses that are local to a link (cloud metadata) none.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from kubepy.cluster.containerd import HOST_ALIAS

log = logging.getLogger(__name__)

MAX_HEAD = 64 * 1024  # bytes
CONNECT_TIMEOUT = 15.0  # seconds
PIECE = 64 * 1024  # bytes copied at a time
MAX_CONNECTIONS = 128


class Refused(Exception):
    """A request that the proxy does not carry; the message is its answer's status line."""


async def serve(host: str, port: int, *, mirror_ports: Iterable[int] = ()) -> None:
    """Carry connections until cancelled."""
    allowed = frozenset(mirror_ports)
    places = asyncio.Semaphore(MAX_CONNECTIONS)

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with places:
            try:
                await _carry(reader, writer, allowed)
            except Refused as refusal:
                writer.write(f"HTTP/1.1 {refusal}\r\nConnection: close\r\n\r\n".encode())
            except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
                pass  # one of the two sides is gone
            finally:
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
                writer.close()

    server = await asyncio.start_server(accepted, host, port, limit=MAX_HEAD)
    async with server:
        await server.serve_forever()


async def _carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: frozenset[int]
) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Refused("431 Request Header Fields Too Large") from None
    method, target, lines = _parse(head)
    if method == "CONNECT":
        url = urlsplit(f"//{target}")
        first, default = b"", 443
    else:
        url = urlsplit(target)
        first, default = _as_origin(method, url.path or "/", url.query, lines), 80
    try:
        name, port = url.hostname or "", url.port or default
    except ValueError:
        raise Refused("400 Bad Request") from None
    far_reader, far_writer = await _connect(name, port, allowed)
    try:
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            far_writer.write(first)
        await _both_ways(reader, writer, far_reader, far_writer)
    finally:
        far_writer.close()


def _parse(head: bytes) -> tuple[str, str, list[str]]:
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise Refused("400 Bad Request")
    return words[0], words[1], lines


def _as_origin(method: str, path: str, query: str, lines: list[str]) -> bytes:
    """The request as the origin server takes it. One a connection: the next may go elsewhere."""
    dropped = ("proxy-", "connection:", "keep-alive:")
    kept = [line for line in lines if not line.lower().startswith(dropped)]
    target = f"{path}?{query}" if query else path
    return "\r\n".join([f"{method} {target} HTTP/1.1", *kept, "Connection: close", "", ""]).encode(
        "latin-1"
    )


async def _connect(
    name: str, port: int, allowed: frozenset[int]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = await resolve(name, port, allowed)
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            return await asyncio.open_connection(address, port)
    except OSError as error:
        log.info("no connection to %s port %d: %s", name, port, error)
        raise Refused("502 Bad Gateway") from error


async def resolve(name: str, port: int, allowed: frozenset[int]) -> str:
    """The address to connect to. Raises Refused for those that a node is not to reach."""
    if name == HOST_ALIAS:
        if port not in allowed:
            raise Refused("403 Forbidden")
        return "127.0.0.1"
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        log.info("no address for %s: %s", name, error)
        raise Refused("502 Bad Gateway") from error
    address = str(found[0][4][0])
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified:
        raise Refused("403 Forbidden")
    return address


async def _both_ways(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
) -> None:
    """Copy until both sides have said all."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_copy(reader, far_writer))
        group.create_task(_copy(far_reader, writer))


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()
        if target.can_write_eof():
            target.write_eof()
    except ConnectionError:
        target.close()  # the other direction ends with it
