"""A port-forward over a WebSocket of the older protocol is the runtime's: the kubelet is a pipe."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from kubepy.base.clock import SystemClock
from kubepy.kubelet.server.server import Server

V4 = "v4.channel.k8s.io"
Client = TestClient[web.Request, web.Application]


class Node:
    """A node whose runtime upper-cases what is sent to a port."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, list[int]]] = []
        self.runtime = TestServer(web.Application())
        self.runtime.app.router.add_get("/portforward/token", self._serve)

    async def port_forward_url(self, namespace: str, pod: str, ports: Sequence[int]) -> str:
        self.asked.append((namespace, pod, list(ports)))
        return str(self.runtime.make_url("/portforward/token"))

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=(V4,))
        await socket.prepare(request)
        async for message in socket:
            await socket.send_bytes(message.data.upper())
        return socket

    def ailment(self) -> str:
        return ""


@pytest.fixture
async def node() -> AsyncIterator[Node]:
    node = Node()
    async with node.runtime:
        yield node


@pytest.fixture
async def kubelet(node: Node) -> AsyncIterator[Client]:
    served: Any = node
    application = Server(served, None, SystemClock(), anonymous=True).application()
    async with TestClient(TestServer(application)) as client:
        yield client


async def test_ports_are_forwarded_by_the_runtime(node: Node, kubelet: Client) -> None:
    path = "/portForward/default/p?port=80&port=443"
    async with kubelet.ws_connect(path, protocols=(V4,)) as socket:
        assert socket.protocol == V4
        await socket.send_bytes(b"\x00hello")
        assert await socket.receive_bytes() == b"\x00HELLO"
    assert node.asked == [("default", "p", [80, 443])]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param("", 'query parameter "port" is required\n', id="no port"),
        pytest.param("?port=0", 'port "0" must be > 0\n', id="port 0"),
    ],
)
async def test_ports_that_are_none(node: Node, kubelet: Client, query: str, message: str) -> None:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Protocol": V4}
    answer = await kubelet.get(f"/portForward/default/p{query}", headers=headers)
    assert (answer.status, await answer.text()) == (400, message)
    assert node.asked == []
