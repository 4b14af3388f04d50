"""The HTTPS listener: aiohttp's low-level server, and nothing of its framework."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp.web_protocol import RequestHandler
from aiohttp.web_request import BaseRequest
from aiohttp.web_server import Server

from kubepy.apiserver.rest.exchange import Exchange

logger = logging.getLogger(__name__)

MAX_LINE_BYTES = 256 * 1024  # of a request line: long label selectors travel there
MAX_FIELD_BYTES = 64 * 1024  # of one header
KEEPALIVE_SECONDS = 3630.0
HEAD_SECONDS = 32.0  # until a new connection has sent its first request's head, as in Kubernetes
BACKLOG = 1024
SHUTDOWN_SECONDS = 10.0  # for requests under way, once no new ones are let in

Serve = Callable[[Exchange], Awaitable[None]]


class Connection(RequestHandler):
    """aiohttp's connection, which remembers whose it is, and does not wait for ever."""

    __slots__ = ("_impatience", "certificate")
    certificate: bytes | None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        secure = transport.get_extra_info("ssl_object")  # has verified the client by now
        self.certificate = secure.getpeercert(binary_form=True) if secure is not None else None
        listener: Any = self._manager
        self._impatience = self._loop.call_later(listener.head_seconds, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._impatience.cancel()
        super().connection_lost(exc)

    def spoke(self) -> None:
        """A whole head has come: from here on it is a connection that is used, or idle."""
        self._impatience.cancel()


class Listener(Server):
    """aiohttp's server, with our connections."""

    head_seconds: float

    def __call__(self) -> Connection:
        return Connection(self, loop=self._loop, **self._kwargs)


class RestServer:
    """Listens until it is closed; every request goes to `serve` as an Exchange."""

    def __init__(self, serve: Serve, head_seconds: float = HEAD_SECONDS) -> None:
        self._serve = serve
        self._head_seconds = head_seconds
        self._http: Listener | None = None
        self._listeners: list[asyncio.Server] = []

    async def listen(self, host: str, port: int, tls: ssl.SSLContext | None) -> int:
        """Open a port; answers which (0 lets the system choose). May be called for several."""
        loop = asyncio.get_running_loop()
        if self._http is None:
            self._http = Listener(
                self._handle,
                handler_cancellation=True,  # a client that goes away ends its watch
                access_log=None,  # type: ignore[arg-type]  # None is how it is switched off
                auto_decompress=False,  # what is carried to another server goes as it came
                keepalive_timeout=KEEPALIVE_SECONDS,
                max_line_size=MAX_LINE_BYTES,
                max_field_size=MAX_FIELD_BYTES,
                logger=_quiet,
            )
            self._http.head_seconds = self._head_seconds
        listener = await loop.create_server(self._http, host, port, ssl=tls, backlog=BACKLOG)
        self._listeners.append(listener)
        return int(listener.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, let requests under way end, cut the rest."""
        for listener in self._listeners:
            listener.close()
        if self._http is not None:
            self._http.pre_shutdown()
            await self._http.shutdown(SHUTDOWN_SECONDS)
        self._listeners.clear()

    async def _handle(self, request: BaseRequest) -> Any:
        connection: Any = request._protocol
        connection.spoke()
        exchange = Exchange(request, connection.certificate)
        await self._serve(exchange)
        return exchange.finished()


_quiet = logging.getLogger("aiohttp.server")  # scanners and half-open connections are no errors
_quiet.setLevel(logging.CRITICAL)
