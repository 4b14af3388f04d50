"""Requests over HTTPS and JSON, as any Kubernetes apiserver takes them."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, AsyncIterator
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from msgspec import Raw, Struct
from yarl import URL

from kubepy.api import codec
from kubepy.api.meta.v1 import DeleteOptions, Status
from kubepy.base.clock import Clock
from kubepy.client.kubeconfig import Access, ssl_context
from kubepy.client.tokens import TokenSource
from kubepy.client.transport import Event, Listing
from kubepy.meta import errors
from kubepy.meta.calls import ERROR, JSON, Body, Call

T = TypeVar("T")

USER_AGENT = "kubepy"
CONNECT_TIMEOUT = 10.0  # seconds
REQUEST_TIMEOUT = 65.0  # seconds; a little more than the apiserver itself allows
WATCH_GRACE = 30.0  # seconds that a watch may outlive the end that it asked for
DEAD_PEER_TIMEOUT = 30_000  # milliseconds without an acknowledgement until a connection is given up
MAX_RETRIES = 10  # times that Retry-After is obeyed
METHODS = {
    "get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT",
    "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE",
}  # fmt: skip
RETRYABLE = (429, 500, 503, 504)


class _Frame(Struct):
    type: str
    object: Raw


_frames = msgspec.json.Decoder(_Frame)


class RestTransport:
    """One connection pool to one server."""

    def __init__(self, access: Access, clock: Clock, *, user_agent: str = USER_AGENT) -> None:
        self._access = access
        self._clock = clock
        self._user_agent = user_agent
        self._session: aiohttp.ClientSession | None = None
        self._tokens = TokenSource(access, clock)

    async def send(self, call: Call, answer: type[T]) -> T:
        raw = await self._request(call)
        if answer is Status or raw.startswith(b'{"kind":"Status"'):
            return answer()
        return _bare(codec.decode(answer, raw))

    async def list(self, call: Call) -> Listing[Any]:
        assert call.resource.list_type is not None
        answer: Any = codec.decode(call.resource.list_type, await self._request(call))
        items = tuple(_bare(item) for item in answer.items)
        return Listing(items, answer.metadata.resourceVersion, answer.metadata.continue_)

    async def watch(self, call: Call) -> AsyncGenerator[Event[Any], None]:
        query = _query(call.options)
        wanted = float(query.get("timeoutSeconds", 0))
        timeout = aiohttp.ClientTimeout(
            sock_connect=CONNECT_TIMEOUT, total=wanted + WATCH_GRACE if wanted else None
        )
        try:
            async with self._open().get(
                self._url(call),
                params=query,
                headers=await self._headers(""),
                timeout=timeout,
                server_hostname=self._access.server_name or None,
            ) as response:
                if response.status >= HTTPStatus.BAD_REQUEST:
                    raise errors.from_status(_status(response.status, await response.read()))
                async for line in _lines(response):
                    frame = _frames.decode(line)
                    if frame.type == ERROR:
                        raise errors.from_status(_bare(codec.decode(Status, frame.object)))
                    yield Event(frame.type, _bare(codec.decode(call.resource.type, frame.object)))
        except TimeoutError:
            return  # the end that was asked for, only that the server did not make it
        except (aiohttp.ClientError, OSError) as error:
            raise _unreachable(self._access.server, error) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        """The session, made when the first request needs it: it belongs to the running loop."""
        if self._session is None:
            secure = self._access.server.startswith("https://")
            connector = aiohttp.TCPConnector(
                limit=0,
                ssl=ssl_context(self._access) if secure else False,
                socket_factory=_socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                auto_decompress=True,
                headers={"User-Agent": self._user_agent},
                timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT, sock_connect=CONNECT_TIMEOUT),
            )
        return self._session

    async def _request(self, call: Call) -> bytes:
        """The body of a successful answer; waits as long as the server's Retry-After says."""
        for attempt in range(MAX_RETRIES + 1):
            try:
                status, after, raw = await self._round_trip(call)
            except (aiohttp.ClientError, OSError) as error:
                raise _unreachable(self._access.server, error) from error
            if status < HTTPStatus.BAD_REQUEST:
                return raw
            if status not in RETRYABLE or after is None or attempt == MAX_RETRIES:
                raise errors.from_status(_status(status, raw))
            await self._clock.sleep(after)
        raise AssertionError("unreachable")

    async def _round_trip(self, call: Call) -> tuple[int, float | None, bytes]:
        query, body, content_type = _query(call.options), call.body, JSON
        if isinstance(call.options, DeleteOptions):
            query, body = _query(call.selection), call.options
        data: bytes | None = None
        if isinstance(body, Body):
            content_type, data = body.content_type, body.raw
        elif body is not None:
            data = codec.encode_typed(body)
        async with self._open().request(
            METHODS[call.verb],
            self._url(call),
            params=query,
            data=data,
            headers=await self._headers(content_type if data is not None else ""),
            server_hostname=self._access.server_name or None,
        ) as response:
            after = response.headers.get("Retry-After", "")
            return response.status, float(after) if after.isdigit() else None, await response.read()

    def _url(self, call: Call) -> URL:
        resource = call.resource
        parts = ["apis" if resource.group else "api", resource.group_version]
        if call.namespace and resource.namespaced:
            parts += ["namespaces", quote(call.namespace, safe="")]
        parts.append(resource.plural)
        if call.name:
            parts.append(quote(call.name, safe=""))
        if call.subresource:
            parts.append(call.subresource)
        return URL("/".join((self._access.server, *parts)), encoded=True)

    async def _headers(self, content_type: str) -> dict[str, str]:
        headers = {"Accept": JSON}
        if content_type:
            headers["Content-Type"] = content_type
        if token := await self._tokens.current():
            headers["Authorization"] = f"Bearer {token}"
        return headers


def _socket(address: Any) -> socket.socket:
    """A socket that notices when its peer is gone; a watch sends nothing and would never know."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for option, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_TIMEOUT)
    return made


async def _lines(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """The lines of a body, of any length (aiohttp's own reader has a limit)."""
    rest: list[bytes] = []
    async for chunk in response.content.iter_any():
        if b"\n" not in chunk:
            rest.append(chunk)
            continue
        *lines, last = (b"".join(rest) + chunk).split(b"\n")
        rest = [last] if last else []
        for line in lines:
            if line:
                yield line


def _query(options: Any) -> dict[str, str]:
    """The options as a URL's query has them."""
    given = {} if options is None else codec.to_builtins(options)
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _bare(obj: T) -> T:
    """As objects are held in memory: kind and apiVersion empty."""
    return codec.untyped(obj) if getattr(obj, "kind", "") else obj


def _status(code: int, raw: bytes) -> Status:
    """The server's Status, or one made of an answer that is none (a proxy's page)."""
    try:
        status = codec.decode(Status, raw)
        if status.code:
            return status
    except (codec.DecodeError, msgspec.MsgspecError):
        pass
    text = raw[:1024].decode("utf-8", "replace").strip()
    return Status(
        status="Failure", code=code, message=text or f"the server answered with status {code}"
    )


def _unreachable(server: str, error: Exception) -> ConnectionError:
    if isinstance(error, TimeoutError):
        return ConnectionError(f"{server}: no answer in time")
    return ConnectionError(f"{server}: {error}")
