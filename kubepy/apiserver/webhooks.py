"""Webhooks, as the apiserver calls them: one POST of JSON over TLS, by a URL or by a Service."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import Any

import aiohttp
from msgspec import Struct
from yarl import URL

from kubepy.apiserver.streaming import kubelets
from kubepy.apiserver.streaming.locations import Address
from kubepy.base.netns import Maker
from kubepy.meta.errors import ApiError

HTTPS_PORT = 443
TIMEOUT_SECONDS = 30
MAX_ANSWER_BYTES = 3 * 1024 * 1024
_OK = range(200, 300)


class WebhookError(Exception):
    """The webhook gave no answer; the text is what Go's client would say."""


class Service(Struct, frozen=True):
    namespace: str
    name: str
    port: int = HTTPS_PORT
    path: str = ""

    @property
    def host(self) -> str:
        """The name that its certificate has to bear."""
        return f"{self.name}.{self.namespace}.svc"


Resolve = Callable[[str, str, int], Address]
"""Where a namespace's Service is reached that is asked for at a port. Raises ApiError."""


class Webhooks:
    """How webhooks are reached: Services by `resolve`, all of them by sockets of `make_socket`."""

    def __init__(self, resolve: Resolve, make_socket: Maker) -> None:
        self._resolve = resolve
        self._make_socket = make_socket

    def open(self, target: str | Service, ca_bundle: bytes) -> Webhook:
        return Webhook(target, ca_bundle, self._resolve, self._make_socket)


class Webhook:
    """One webhook, called again and again over the same connections. Close it."""

    def __init__(
        self, target: str | Service, ca_bundle: bytes, resolve: Resolve, make_socket: Maker
    ) -> None:
        self._target = target
        self._ca_bundle = ca_bundle
        self._resolve = resolve
        self._make_socket = make_socket
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """As messages name it."""
        query = f"?timeout={TIMEOUT_SECONDS}s"
        if isinstance(self._target, str):
            return self._target + query
        service = self._target
        path = "/" + service.path.lstrip("/")
        return f"https://{service.host}:{service.port}{path}{query}"

    async def post(self, body: bytes) -> bytes:
        """The answer's body. Raises WebhookError."""
        try:
            address, more = self._where()
            url = URL(self.url, encoded=True).with_host(address.host).with_port(address.port)
            async with self._open().post(url, data=body, **more) as answer:
                content = await _read(answer.content)
        except (WebhookError, ApiError) as problem:
            raise WebhookError(f'Post "{self.url}": {problem}') from problem
        except TimeoutError as problem:
            raise WebhookError(f'Post "{self.url}": context deadline exceeded') from problem
        except (aiohttp.ClientError, OSError) as problem:
            why = kubelets.reason(problem, address)
            raise WebhookError(f'Post "{self.url}": {why}') from problem
        if answer.status not in _OK:
            raise WebhookError(_refusal(answer.status, content))
        if len(content) > MAX_ANSWER_BYTES:
            raise WebhookError("the webhook's answer is too large")
        return content

    def _where(self) -> tuple[Address, dict[str, Any]]:
        """Where to dial, and what else aiohttp is to know of the request. Raises ApiError."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if isinstance(self._target, str):
            url = URL(self._target)
            return Address(url.host or "", url.port or HTTPS_PORT), {"headers": headers}
        service = self._target
        address = self._resolve(service.namespace, service.name, service.port)
        headers["Host"] = f"{service.host}:{service.port}"
        return address, {"headers": headers, "server_hostname": service.host}

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls(), socket_factory=self._make_socket),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session

    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(
                cadata=self._ca_bundle.decode("ascii") if self._ca_bundle else None
            )
        except (ssl.SSLError, UnicodeDecodeError) as problem:
            why = "unable to load root certificates: unable to parse bytes as PEM block"
            raise WebhookError(why) from problem

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _read(content: aiohttp.StreamReader) -> bytes:
    """All of it, or a little more than anybody may send."""
    found = bytearray()
    while len(found) <= MAX_ANSWER_BYTES and (piece := await content.readany()):
        found += piece
    return bytes(found)


def _refusal(status: int, content: bytes) -> str:
    if status == 404:
        return "the server could not find the requested resource"
    text = content[:2048].decode("utf-8", "replace").strip() or "unknown"
    return f'an error on the server ("{text}") has prevented the request from succeeding'
