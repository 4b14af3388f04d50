"""The kubelet's HTTPS server. What it serves, a `Node` answers; nothing here decides about pods."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from msgspec import Struct

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, PodList
from kubepy.base import httpserver
from kubepy.base.clock import Clock
from kubepy.kubelet.server import logs, streams
from kubepy.kubelet.server.auth import Caller, Gate
from kubepy.meta.errors import ApiError
from kubepy.meta.ports import forwarded

log = logging.getLogger(__name__)

MAX_BODY = 1024 * 1024  # bytes


class Unavailable(Exception):
    """What is asked for does not exist (404) or is not ready (400); the message is for people."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class ContainerView(Struct, frozen=True):
    """A container to read from or to enter."""

    id: str
    log_path: Path
    running: Callable[[], bool]


class Node(Protocol):
    """What the server needs of the kubelet; raises Unavailable."""

    def pods(self) -> Sequence[Pod]:
        """The pods of this node with the status as it is now."""

    def running_pods(self) -> Sequence[Pod]:
        """What the runtime runs, whoever wanted it."""

    def container(self, namespace: str, pod: str, name: str, previous: bool) -> ContainerView: ...

    async def exec_url(self, container: str, command: Sequence[str], wanted: streams.Wanted) -> str:
        """Where the runtime serves this command's streams."""

    async def attach_url(self, container: str, wanted: streams.Wanted) -> str: ...

    async def port_forward_url(self, namespace: str, pod: str, ports: Sequence[int]) -> str: ...

    def metrics(self) -> bytes: ...

    def ailment(self) -> str:
        """What keeps this kubelet from looking after its pods; empty: nothing."""

    def config(self) -> bytes:
        """The configuration in force, as JSON."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """`gate` None: everybody whose certificate the CA signed may do everything."""

    def __init__(
        self, node: Node, gate: Gate | None, clock: Clock, *, anonymous: bool = False
    ) -> None:
        self.node = node
        self.gate = gate
        self.clock = clock
        self.anonymous = anonymous
        fine = {"ping": lambda: "", "log": lambda: ""}
        self._health = httpserver.health({**fine, "syncloop": node.ailment})

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_BODY)
        add = app.router.add_route
        add("GET", "/healthz", self._healthz)
        add("GET", "/healthz/{check}", self._healthz)
        add("GET", "/pods", self._pods)
        add("GET", "/pods/", self._pods)
        add("GET", "/runningpods/", self._running_pods)
        add("GET", "/metrics", self._metrics)
        add("GET", "/configz", self._configz)
        add("GET", "/containerLogs/{namespace}/{pod}/{container}", self._logs)
        for method in ("GET", "POST"):
            add(method, "/exec/{namespace}/{pod}/{container}", self._exec)
            add(method, "/exec/{namespace}/{pod}/{uid}/{container}", self._exec)
            add(method, "/attach/{namespace}/{pod}/{container}", self._attach)
            add(method, "/attach/{namespace}/{pod}/{uid}/{container}", self._attach)
            add(method, "/portForward/{namespace}/{pod}", self._port_forward)
            add(method, "/portForward/{namespace}/{pod}/{uid}", self._port_forward)
        return app

    async def run(self, address: str, port: int, context: ssl.SSLContext | None) -> None:
        """Serve until cancelled."""
        runner = web.AppRunner(self.application(), access_log=None, handle_signals=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, address, port, ssl_context=context).start()
            log.info("serving at %s:%d", address, port)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            refusal = await self._refusal(request)
            return refusal or await handler(request)
        except Unavailable as error:
            return web.Response(status=error.status, text=f"{error}\n")
        except streams.StreamFailure as error:
            return web.Response(status=502, text=f"{error}\n")
        except ApiError as error:
            return web.Response(status=500, text=f"asking the apiserver: {error}\n")
        except (ConnectionError, OSError) as error:
            return web.Response(status=500, text=f"{error}\n")

    async def _refusal(self, request: web.Request) -> web.Response | None:
        caller = await self._caller(request)
        if caller is None:
            return web.Response(status=401, text="Unauthorized")
        if self.gate and not await self.gate.authorize(caller, request.method, request.path):
            verb = f"verb={request.method.lower()}, resource=nodes, subresource=proxy"
            text = f"Forbidden (user={caller.name}, {verb})"
            return web.Response(status=403, text=text)
        return None

    async def _caller(self, request: web.Request) -> Caller | None:
        transport: Any = request.transport
        certificate = transport.get_extra_info("peercert") if transport else None
        if certificate:
            return _subject(certificate)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if self.gate and scheme.lower() == "bearer" and token.strip():
            return await self.gate.authenticate(token.strip())
        if self.anonymous:
            return Caller("system:anonymous", ("system:unauthenticated",))
        return None

    async def _healthz(self, request: web.Request) -> web.Response:
        asked = httpserver.Request(request.method, request.path, dict(request.query), {})
        answer = await self._health(asked)
        return web.Response(status=answer.status, text=str(answer.body))

    async def _pods(self, request: web.Request) -> web.Response:
        return _pod_list(self.node.pods())

    async def _running_pods(self, request: web.Request) -> web.Response:
        return _pod_list(self.node.running_pods())

    async def _metrics(self, request: web.Request) -> web.Response:
        content_type = "text/plain; version=0.0.4; charset=utf-8"
        return web.Response(body=self.node.metrics(), headers={"Content-Type": content_type})

    async def _configz(self, request: web.Request) -> web.Response:
        return web.Response(body=self.node.config(), content_type="application/json")

    async def _logs(self, request: web.Request) -> web.StreamResponse:
        where = request.match_info
        query = request.query
        previous = query.get("previous") in ("1", "true")
        view = self.node.container(where["namespace"], where["pod"], where["container"], previous)
        if not view.log_path.exists():
            raise Unavailable(f"the log of {where['container']} is gone from this node", 404)
        options = log_options(query, self.clock)
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        async for piece in logs.read(view.log_path, options, self.clock, view.running):
            await response.write(piece)
        await response.write_eof()
        return response

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        view = self._entered(request)
        wanted = streams.Wanted.of(request.query)
        url = await self.node.exec_url(view.id, request.query.getall("command", []), wanted)
        return await streams.serve_command(request, url, wanted)

    async def _attach(self, request: web.Request) -> web.StreamResponse:
        view = self._entered(request)
        wanted = streams.Wanted.of(request.query)
        url = await self.node.attach_url(view.id, wanted)
        return await streams.serve_command(request, url, wanted)

    def _entered(self, request: web.Request) -> ContainerView:
        where = request.match_info
        view = self.node.container(where["namespace"], where["pod"], where["container"], False)
        if not view.running():
            name = f"{where['pod']}_{where['namespace']}/{where['container']}"
            raise Unavailable(f'container not running: "{name}"', 404)
        return view

    async def _port_forward(self, request: web.Request) -> web.StreamResponse:
        where = request.match_info
        ports: list[int] = []
        if streams.names_ports(request):
            try:
                ports = forwarded(request.query.getall("port", []))
            except ValueError as problem:
                raise Unavailable(str(problem)) from None
        url = await self.node.port_forward_url(where["namespace"], where["pod"], ports)
        return await streams.serve_ports(request, url)


def _subject(certificate: dict[str, Any]) -> Caller:
    """The user of a client certificate: its common name, and its organizations as groups."""
    pairs = [pair for part in certificate.get("subject", ()) for pair in part]
    name = next((value for key, value in pairs if key == "commonName"), "")
    return Caller(name, tuple(value for key, value in pairs if key == "organizationName"))


def _pod_list(pods: Sequence[Pod]) -> web.Response:
    body = codec.encode_typed(PodList(items=tuple(pods)))
    return web.Response(body=body, content_type="application/json")


def log_options(query: Any, clock: Clock) -> logs.LogOptions:
    """The options of a log request; Unavailable names a value that is no number."""

    def number(name: str) -> int:
        text = query.get(name, "")
        if not text:
            return -1
        if not text.isdigit():
            raise Unavailable(f"{name} must be a whole number: {text!r}")
        return int(text)

    since = query.get("sinceTime", "")
    if (seconds := number("sinceSeconds")) >= 0:
        from kubepy.api.types import Time

        since = str(Time.from_unix(clock.now() - seconds))
    truths = ("1", "true")
    return logs.LogOptions(
        follow=query.get("follow") in truths,
        timestamps=query.get("timestamps") in truths,
        tail_lines=number("tailLines"),
        limit_bytes=number("limitBytes"),
        since=since,
        stream=query.get("stream", "All"),
    )
