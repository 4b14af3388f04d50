"""A small HTTPS server for what a component says about itself: /healthz, /metrics, /configz.

Small on purpose: GET and HEAD, one answer in one piece, no uploads. Whoever serves an API takes
a real server.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from msgspec import Struct

log = logging.getLogger(__name__)

MAX_HEAD = 16 * 1024  # bytes of request line and headers
IDLE = 60.0  # seconds that a connection may say nothing
MAX_CONNECTIONS = 256

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 431: "Request Header Fields Too Large",
           500: "Internal Server Error", 503: "Service Unavailable"}  # fmt: skip


class Request(Struct, frozen=True):
    """`headers` have lower-case names; `certificate` is the client's, DER, if it showed one."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    certificate: bytes = b""


class Response(Struct, frozen=True):
    body: bytes | str = b""
    status: int = 200
    content_type: str = TEXT


Handler = Callable[[Request], Awaitable[Response]]
Check = Callable[[], str]  # empty, or what is wrong


def health(checks: Mapping[str, Check]) -> Handler:
    """Answers `/healthz`, `/healthz?verbose` and `/healthz/<check>` as Kubernetes does."""

    async def answer(request: Request) -> Response:
        one = request.path.strip("/").partition("/")[2]
        chosen = {one: checks[one]} if one in checks else dict(checks)
        if one and one not in checks:
            return Response("404 page not found\n", 404)
        excluded = request.query.get("exclude", "")
        results = {name: check() for name, check in chosen.items() if name != excluded}
        lines = [
            f"[-]{name} failed: {problem}" if problem else f"[+]{name} ok"
            for name, problem in results.items()
        ]
        place = request.path.strip("/").partition("/")[0]
        if any(results.values()):
            return Response("\n".join([*lines, f"{place} check failed", ""]), 500)
        if "verbose" in request.query:
            return Response("\n".join([*lines, f"{place} check passed", ""]))
        return Response("ok")

    return answer


def metrics(registry: Any = None) -> Handler:
    """Answers with the metrics of a prometheus_client registry, the process's own by default."""

    async def answer(request: Request) -> Response:
        from prometheus_client import REGISTRY, exposition

        text = exposition.generate_latest(registry or REGISTRY)
        return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")

    return answer


def component_routes(
    *, checks: Mapping[str, Check] | None = None, config: bytes = b"{}", registry: Any = None
) -> dict[str, Handler]:
    """What every component serves; `config` is the JSON that /configz shows."""

    async def configz(request: Request) -> Response:
        return Response(config, content_type=JSON)

    checked = health({"ping": lambda: "", **(checks or {})})
    return {
        "/healthz": checked, "/livez": checked, "/readyz": checked,
        "/metrics": metrics(registry), "/configz": configz,
    }  # fmt: skip


ALWAYS_ALLOWED = ("/healthz", "/livez", "/readyz")


def trusted_only(request: Request) -> bool:
    """Health for everybody, the rest for who shows a certificate of the client CA."""
    return request.path.startswith(ALWAYS_ALLOWED) or bool(request.certificate)


async def serve(
    routes: Mapping[str, Handler],
    *,
    host: str,
    port: int,
    tls: ssl.SSLContext | None = None,
    allow: Callable[[Request], bool] = lambda request: True,
    started: Callable[[int], None] = lambda port: None,
) -> None:
    """Serve until cancelled. `started` gets the port, which the kernel chooses if it is 0.

    A route answers its path and everything below it. Raises OSError if it cannot listen.
    """
    connections: set[asyncio.Task[None]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        if len(connections) >= MAX_CONNECTIONS:
            writer.close()
            return
        connections.add(task)
        try:
            await _connection(reader, writer, routes, allow)
        except (ConnectionError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError):
            pass  # the peer is gone
        finally:
            connections.discard(task)
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                writer.close()

    server = await asyncio.start_server(
        accepted, host or None, port, ssl=tls, limit=MAX_HEAD, family=_family(host)
    )
    started(server.sockets[0].getsockname()[1])
    try:
        await asyncio.get_running_loop().create_future()  # until cancelled
    finally:
        server.close()
        for task in list(connections):
            task.cancel()


def _family(host: str) -> int:
    return socket.AF_INET if host == "0.0.0.0" else socket.AF_UNSPEC


async def _connection(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    routes: Mapping[str, Handler],
    allow: Callable[[Request], bool],
) -> None:
    tls = writer.get_extra_info("ssl_object")
    certificate = (tls.getpeercert(binary_form=True) or b"") if tls else b""
    while True:
        try:
            async with asyncio.timeout(IDLE):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await _send(writer, Response("request header too large\n", 431), close=True)
            return
        request = _parse(head, certificate)
        if request is None:
            await _send(writer, Response("bad request\n", 400), close=True)
            return
        close = request.headers.get("connection", "").lower() == "close"
        close = close or "content-length" in request.headers  # a body is never read
        answer = await _answer(request, routes, allow)
        await _send(writer, answer, close=close, body=request.method != "HEAD")
        if close:
            return


def _parse(head: bytes, certificate: bytes) -> Request | None:
    try:
        first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = dict(_header(line) for line in lines)
    except ValueError:
        return None
    url = urlsplit(target)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Request(method, unquote(url.path) or "/", query, headers, certificate)


def _header(line: str) -> tuple[str, str]:
    name, value = line.split(":", 1)
    return name.strip().lower(), value.strip()


async def _answer(
    request: Request, routes: Mapping[str, Handler], allow: Callable[[Request], bool]
) -> Response:
    if request.method not in ("GET", "HEAD"):
        return Response("method not allowed\n", 405)
    if not allow(request):
        return Response("forbidden\n", 403)
    handler = next(_matching(request.path, routes), None)
    if handler is None:
        return Response("404 page not found\n", 404)
    try:
        return await handler(request)
    except Exception:
        log.exception("%s failed", request.path)
        return Response("internal error\n", 500)


def _matching(path: str, routes: Mapping[str, Handler]) -> Iterator[Handler]:
    for place in sorted(routes, key=len, reverse=True):
        if path == place or path.startswith(place.rstrip("/") + "/"):
            yield routes[place]


async def _send(
    writer: asyncio.StreamWriter, response: Response, *, close: bool, body: bool = True
) -> None:
    content = response.body.encode() if isinstance(response.body, str) else response.body
    head = (
        f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}\r\n"
        f"Content-Type: {response.content_type}\r\n"
        f"Content-Length: {len(content)}\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        f"Connection: {'close' if close else 'keep-alive'}\r\n\r\n"
    )
    writer.write(head.encode() + (content if body else b""))
    await writer.drain()
