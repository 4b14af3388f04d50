"""The proxy between a node and the world, with real connections on loopback."""

import asyncio
import contextlib
import socket

import pytest

from kubepy.cluster import egress
from kubepy.cluster.containerd import HOST_ALIAS
from kubepy.cluster.egress import Refused


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def proxy(mirror_ports):
    port = free_port()
    task = asyncio.create_task(egress.serve("127.0.0.1", port, mirror_ports=mirror_ports))
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        except ConnectionRefusedError:
            await asyncio.sleep(0)
    try:
        yield port
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def mirror(received):
    """Answers every connection with what it got, and ends it."""

    async def accepted(reader, writer):
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(accepted, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def ask(port, *texts):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for text in texts:
        writer.write(text.encode())
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def test_plain_requests_reach_a_mirror_on_loopback():
    received = []
    async with mirror(received) as port, proxy([port]) as through:
        answer = await ask(
            through,
            f"GET http://{HOST_ALIAS}:{port}/v2/?a=b HTTP/1.1\r\nHost: {HOST_ALIAS}:{port}\r\n"
            "Proxy-Authorization: x\r\nAccept: */*\r\n\r\n",
        )
    assert answer.startswith("HTTP/1.1 200 OK") and answer.endswith("hi")
    head = received[0].decode()
    assert head.startswith("GET /v2/?a=b HTTP/1.1\r\n") and "Connection: close" in head
    assert "Proxy-" not in head and "Accept: */*" in head


async def test_connect_is_a_pipe():
    received = []
    async with mirror(received) as port, proxy([port]) as through:
        answer = await ask(
            through,
            f"CONNECT {HOST_ALIAS}:{port} HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nX: y\r\n\r\n",
        )
    assert answer.startswith("HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK")
    assert received == [b"GET / HTTP/1.1\r\nX: y\r\n\r\n"]


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (f"CONNECT {HOST_ALIAS}:1 HTTP/1.1", "403 Forbidden"),
        ("CONNECT 127.0.0.1:22 HTTP/1.1", "403 Forbidden"),
        ("CONNECT localhost:22 HTTP/1.1", "403 Forbidden"),
        ("CONNECT 169.254.169.254:80 HTTP/1.1", "403 Forbidden"),
        ("CONNECT 0.0.0.0:80 HTTP/1.1", "403 Forbidden"),
        ("CONNECT x:99999 HTTP/1.1", "400 Bad Request"),
        ("nonsense", "400 Bad Request"),
    ],
)
async def test_what_a_node_is_not_to_reach(request_line, status):
    async with proxy([]) as port:
        assert (await ask(port, f"{request_line}\r\n\r\n")).startswith(f"HTTP/1.1 {status}")


async def test_a_mirror_that_is_down_is_a_bad_gateway():
    port = free_port()
    async with proxy([port]) as through:
        answer = await ask(through, f"CONNECT {HOST_ALIAS}:{port} HTTP/1.1\r\n\r\n")
    assert answer.startswith("HTTP/1.1 502 Bad Gateway")


async def test_addresses_of_others_are_let_through():
    assert await egress.resolve("192.0.2.7", 443, frozenset()) == "192.0.2.7"
    with pytest.raises(Refused):
        await egress.resolve("::1", 443, frozenset())
