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
import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from kubepy.api.core.v1 import Endpoints, Service
from kubepy.api.scheme import Resource
from kubepy.apiserver.authn.serviceaccounts import Lookup
from kubepy.apiserver.rest import locations
from kubepy.apiserver.rest.exchange import Exchange
from kubepy.apiserver.rest.front import Asked
from kubepy.apiserver.rest.locations import Address
from kubepy.apiserver.rest.routes import Route
from kubepy.base import upgrade
from kubepy.meta import errors
from kubepy.meta.calls import Call, Connection, Handler

CONNECT_SECONDS = 10.0
HEAD_SECONDS = 30.0  # for a kubelet to answer an upgrade
MAX_REFUSAL_BYTES = 64 * 1024  # of a kubelet's own error page
READ_BYTES = 64 * 1024
BAD_REQUEST, NOT_FOUND, SERVER_ERROR, SWITCHING = 400, 404, 500, 101
OK = range(200, 207)
TEXT = "text/plain"

HOP = frozenset(  # headers of one connection, not of what it carries
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
     "transfer-encoding", "upgrade")
)  # fmt: skip
OURS = frozenset(("authorization", "host", "expect", "content-length"))  # never the backend's
IMPERSONATE = "impersonate-"


class Nodes:
    """Carries streams between clients and the kubelets (or pods) that have them."""

    def __init__(
        self,
        handler: Handler,
        lookup: Lookup,
        *,
        tls: ssl.SSLContext | None,
        preferred: Sequence[str],
    ) -> None:
        self._handler = handler
        self._lookup = lookup
        self._tls = tls  # None: plain HTTP
        self._preferred = preferred
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def stream(self, asked: Asked, route: Route) -> None:
        """Answer a request for a streaming subresource."""
        assert asked.user is not None
        name = route.name
        if route.subresource == "proxy":
            name = locations.endpoint_of(name).name
        verb, subresource = route.verb, route.subresource
        call = Call(verb, route.resource, route.namespace, name, subresource)
        connection = await self._handler.connect(call, asked.user)
        match subresource:
            case "log":
                await self._log(asked, connection, route.resource)
            case "exec":
                path = locations.exec_path(connection.object, asked.query)
                await self._upgrade(asked, self._kubelet(connection), path)
            case "attach":
                path = locations.attach_path(connection.object, asked.query)
                await self._upgrade(asked, self._kubelet(connection), path)
            case "portforward":
                path = locations.port_forward_path(connection.object, asked.query)
                await self._upgrade(asked, self._kubelet(connection), path)
            case _:
                await self._proxy(asked, connection, route)

    def _kubelet(self, connection: Connection) -> Address:
        if connection.node is None:
            raise errors.NotFound.of("nodes", connection.object.spec.nodeName)
        return locations.address_of(connection.node, self._preferred)

    async def _log(self, asked: Asked, connection: Connection, resource: Resource) -> None:
        pod = connection.object
        path = locations.log_path(pod, asked.query)
        exchange = asked.exchange
        if not pod.spec.nodeName:
            exchange.respond_empty(204, asked.headers())
            return
        url = self._url(self._kubelet(connection), path)
        async with self._request("GET", url) as answer:
            if answer.status not in OK:
                raise await _refused(answer, resource, pod.metadata.name)
            headers = [("Content-Type", TEXT), *asked.headers()]
            await _copy(exchange, answer, 200, headers)

    async def _proxy(self, asked: Asked, connection: Connection, route: Route) -> None:
        exchange = asked.exchange
        raw_query = exchange.target.partition("?")[2]
        path = locations.proxied_path(route.rest, raw_query)
        obj = connection.object
        if route.resource.plural == "nodes":
            url = self._url(locations.address_of(obj, self._preferred), path)
        else:
            endpoints = None
            if isinstance(obj, Service):
                endpoints = await self._lookup(Endpoints, route.namespace, obj.metadata.name)
            url = locations.backend_of(route.name, obj, endpoints) + path
        if is_upgrade(exchange):
            parts = URL(url, encoded=True)
            address = Address(parts.host or "", parts.port or 0)
            await self._upgrade(asked, address, path, secure=parts.scheme == "https")
            return
        body = await exchange.body()
        headers = forwarded(exchange)
        async with self._request(exchange.method, url, headers=headers, data=body) as answer:
            kept = [(k, v) for k, v in answer.headers.items() if k.lower() not in HOP]
            kept = [(k, v) for k, v in kept if k.lower() not in ("content-length", "date")]
            await _copy(exchange, answer, answer.status, [*kept, *asked.headers()])

    def _url(self, address: Address, path: str) -> str:
        scheme = "https" if self._tls else "http"
        host = f"[{address.host}]" if ":" in address.host else address.host
        return f"{scheme}://{host}:{address.port}{path}"

    def _request(self, method: str, url: str, **more: Any) -> Any:
        if self._session is None:  # made late: it belongs to the running loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=self._tls or False),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return _Request(
            self._session.request(method, URL(url, encoded=True), allow_redirects=False, **more),
            url,
        )

    async def _upgrade(
        self, asked: Asked, address: Address, path: str, *, secure: bool = True
    ) -> None:
        exchange = asked.exchange
        if not is_upgrade(exchange):
            raise errors.BadRequest.of("Upgrade request required")
        reader, writer = await self._dial(address, secure=secure)
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
            raise _unreachable(problem) from problem
        finally:
            writer.close()

    async def _dial(
        self, address: Address, *, secure: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = self._tls if secure else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncio.open_connection(address.host, address.port, ssl=tls)
        except (OSError, TimeoutError) as problem:
            raise _unreachable(problem) from problem


class _Request:
    """An aiohttp request whose failure to connect is an ApiError."""

    def __init__(self, request: Any, url: str) -> None:
        self._request = request
        self._url = url

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            answer: aiohttp.ClientResponse = await self._request.__aenter__()
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise errors.Unknown.of(f'Get "{self._url}": {problem}') from problem
        return answer

    async def __aexit__(self, *problem: Any) -> None:
        await self._request.__aexit__(*problem)


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


async def _refused(
    answer: aiohttp.ClientResponse, resource: Resource, name: str
) -> errors.ApiError:
    """A kubelet's refusal to show a log, as the client's Status."""
    text = (await answer.content.read(MAX_REFUSAL_BYTES)).decode("utf-8", "replace").strip()
    match answer.status:
        case 500:
            return errors.InternalError.of(text)
        case 400:
            return errors.BadRequest.of(text)
        case 404:
            message = f"the server could not find the requested resource ({resource.plural} {name})"
            return errors.NotFound.make(message)
        case 401 | 403:
            return errors.InternalError.of(f"the node's kubelet refused: {text}")
        case _:
            return errors.Unknown.of(text or f"the node's kubelet answered {answer.status}")


async def _relay_refusal(
    asked: Asked, reader: asyncio.StreamReader, status: int, head: bytes
) -> None:
    """What a kubelet says instead of upgrading, with its own code and text."""
    headers = _parse_headers(head)
    length = headers.get("content-length", "")
    size = min(int(length), MAX_REFUSAL_BYTES) if length.isdigit() else MAX_REFUSAL_BYTES
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


def _unreachable(problem: BaseException) -> errors.ApiError:
    return errors.Unknown.of(f"error dialing backend: {problem or type(problem).__name__}")
