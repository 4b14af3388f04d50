"""Streams that live on nodes: logs, exec, attach, port-forward, proxies.

Logs and proxies are requests of our own, copied through. An upgrade is handed over instead: the
client's request goes to the kubelet as it came, and after its `101` both connections are one pipe
of bytes. What is spoken in it (SPDY, WebSocket) is the client's and the kubelet's business.

    client ══ request ══► apiserver ══ same request, our certificate ══► kubelet
           ◄══ 101 ══════            ◄══ 101 ══════════════════════════
           ◄────────────── bytes, both ways, untouched ─────────────────►
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from kubepy.api.core.v1 import Endpoints, Service
from kubepy.api.scheme import Resource
from kubepy.apiserver.authn.serviceaccounts import Lookup
from kubepy.apiserver.rest.exchange import Exchange
from kubepy.apiserver.rest.front import Asked
from kubepy.apiserver.rest.routes import Route
from kubepy.apiserver.streaming import kubelets, locations
from kubepy.apiserver.streaming.kubelets import OK, Kubelets
from kubepy.apiserver.streaming.locations import Address
from kubepy.base import upgrade
from kubepy.meta import errors
from kubepy.meta.calls import Call, Connection, Handler

HEAD_SECONDS = 30.0  # for a kubelet to answer an upgrade
SWITCHING, NO_CONTENT = 101, 204
TEXT = "text/plain"

HOP = frozenset(  # headers of one connection, not of what it carries
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
     "transfer-encoding", "upgrade")
)  # fmt: skip
OURS = frozenset(("authorization", "host", "expect", "content-length"))  # never the backend's
ANSWER_OURS = frozenset(("content-length", "date"))
IMPERSONATE = "impersonate-"


class Nodes:
    """Carries streams between clients and the kubelets (or pods) that have them."""

    def __init__(self, handler: Handler, lookup: Lookup, backends: Kubelets) -> None:
        self._handler = handler
        self._lookup = lookup
        self._kubelets = backends

    async def stream(self, asked: Asked, route: Route) -> None:
        """Answer a request for a streaming subresource."""
        assert asked.user is not None
        name = route.name
        if route.subresource == "proxy":
            name = locations.endpoint_of(name).name
        call = Call(route.verb, route.resource, route.namespace, name, route.subresource)
        connection = await self._handler.connect(call, asked.user)
        obj = connection.object
        match route.subresource:
            case "log":
                await self._log(asked, connection, route.resource)
            case "exec":
                await self._enter(asked, connection, locations.exec_path(obj, asked.query))
            case "attach":
                await self._enter(asked, connection, locations.attach_path(obj, asked.query))
            case "portforward":
                path = locations.port_forward_path(obj, asked.query)
                await self._enter(asked, connection, path)
            case _:
                await self._proxy(asked, connection, route)

    async def _log(self, asked: Asked, connection: Connection, resource: Resource) -> None:
        pod = connection.object
        path = locations.log_path(pod, asked.query)
        if not pod.spec.nodeName:
            asked.exchange.respond_empty(NO_CONTENT, asked.headers())
            return
        url = self._kubelets.url(self._kubelets.address_of(connection), path)
        async with self._kubelets.request("GET", url) as answer:
            if answer.status not in OK:
                what = f"{resource.plural} {pod.metadata.name}"
                raise await kubelets.refusal(answer, what)
            await _copy(asked.exchange, answer, 200, [("Content-Type", TEXT), *asked.headers()])

    async def _enter(self, asked: Asked, connection: Connection, path: str) -> None:
        await self._upgrade(asked, self._kubelets.address_of(connection), path)

    async def _proxy(self, asked: Asked, connection: Connection, route: Route) -> None:
        exchange = asked.exchange
        path = locations.proxied_path(route.rest, exchange.target.partition("?")[2])
        url = await self._backend(connection, route) + path
        if is_upgrade(exchange):
            parts = URL(url, encoded=True)
            address = Address(parts.host or "", parts.port or 0)
            await self._upgrade(asked, address, path, secure=parts.scheme == "https")
            return
        body = await exchange.body()
        request = self._kubelets.request(
            exchange.method, url, headers=forwarded(exchange), data=body
        )
        async with request as answer:
            kept = [
                (name, value)
                for name, value in answer.headers.items()
                if name.lower() not in HOP and name.lower() not in ANSWER_OURS
            ]
            await _copy(exchange, answer, answer.status, [*kept, *asked.headers()])

    async def _backend(self, connection: Connection, route: Route) -> str:
        """Scheme and authority of what a proxied path leads to."""
        obj = connection.object
        if route.resource.plural == "nodes":
            return self._kubelets.url(self._kubelets.address_of(connection), "")
        endpoints = None
        if isinstance(obj, Service):
            endpoints = await self._lookup(Endpoints, route.namespace, obj.metadata.name)
        return locations.backend_of(route.name, obj, endpoints)

    async def _upgrade(
        self, asked: Asked, address: Address, path: str, *, secure: bool = True
    ) -> None:
        exchange = asked.exchange
        if not is_upgrade(exchange):
            raise errors.BadRequest.of("Upgrade request required")
        reader, writer = await self._kubelets.dial(address, secure=secure)
        try:
            writer.write(upgrade_head(exchange, address, path))
            async with asyncio.timeout(HEAD_SECONDS):
                status, head = await upgrade.read_head(reader)
            if status != SWITCHING:
                await _relay_refusal(asked, reader, status, head)
                return
            exchange.write_raw(head, SWITCHING)
            try:
                await upgrade.pipe(exchange.take_over(), (reader, writer))
            finally:
                exchange.forget()
        except (TimeoutError, EOFError, asyncio.LimitOverrunError) as problem:
            raise kubelets.unreachable(problem) from problem
        finally:
            writer.close()


def is_upgrade(exchange: Exchange) -> bool:
    return bool(exchange.header("Upgrade")) and "upgrade" in exchange.header("Connection").lower()


def upgrade_head(exchange: Exchange, address: Address, path: str) -> bytes:
    """The client's request for the backend: its own words, our authority."""
    lines = [f"{exchange.method} {path} HTTP/1.1", f"Host: {address.host}:{address.port}"]
    for name, value in exchange.header_items():
        lowered = name.lower()
        if lowered not in OURS and not lowered.startswith(IMPERSONATE):
            lines.append(f"{name}: {value}")
    if exchange.method == "POST":
        lines.append("Content-Length: 0")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


def forwarded(exchange: Exchange) -> Mapping[str, str]:
    """A request's headers without those of its connection and its credentials."""
    kept: CIMultiDict[str] = CIMultiDict()
    for name, value in exchange.header_items():
        lowered = name.lower()
        if lowered not in HOP and lowered not in OURS and not lowered.startswith(IMPERSONATE):
            kept.add(name, value)
    return kept


async def _copy(
    exchange: Exchange,
    answer: aiohttp.ClientResponse,
    code: int,
    headers: Sequence[tuple[str, str]],
) -> None:
    """An answer's body to the client as it arrives."""
    exchange.begin(code, headers)
    try:
        while piece := await answer.content.readany():
            exchange.write_chunk(piece)
            await exchange.drain()
    except aiohttp.ClientError as problem:
        raise ConnectionResetError("the backend broke off") from problem
    exchange.end()


async def _relay_refusal(
    asked: Asked, reader: asyncio.StreamReader, status: int, head: bytes
) -> None:
    """What a kubelet says instead of upgrading, with its own code and text."""
    headers = _parse_headers(head)
    length = headers.get("content-length", "")
    limit = kubelets.MAX_REFUSAL_BYTES
    size = min(int(length), limit) if length.isdigit() else limit
    try:
        async with asyncio.timeout(HEAD_SECONDS):
            body = await reader.readexactly(size)
    except asyncio.IncompleteReadError as partial:
        body = partial.partial
    content_type = headers.get("content-type", TEXT)
    asked.exchange.respond(status, [("Content-Type", content_type), *asked.headers()], body)


def _parse_headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
