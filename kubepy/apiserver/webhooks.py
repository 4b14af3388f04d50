"""Webhooks, as the apiserver calls them: one POST of JSON over TLS, by a URL or by a Service."""

from __future__ import annotations

import ssl
from collections.abc import Callable

import aiohttp
from msgspec import Struct

TIMEOUT_SECONDS = 30
MAX_ANSWER_BYTES = 3 * 1024 * 1024
_OK = range(200, 300)


class WebhookError(Exception):
    """The webhook gave no answer; the text is what Go's client would say."""


class Service(Struct, frozen=True):
    namespace: str
    name: str
    port: int = 443
    path: str = ""


Resolve = Callable[[str, str], str]
"""The cluster IP of a namespace's Service. Raises WebhookError."""


class Webhook:
    """One webhook, called again and again over the same connections. Close it."""

    def __init__(self, target: str | Service, ca_bundle: bytes, resolve: Resolve) -> None:
        self._target = target
        self._ca_bundle = ca_bundle
        self._resolve = resolve
        self._session: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """As messages name it."""
        query = f"?timeout={TIMEOUT_SECONDS}s"
        if isinstance(self._target, str):
            return self._target + query
        service = self._target
        path = "/" + service.path.lstrip("/")
        return f"https://{service.name}.{service.namespace}.svc:{service.port}{path}{query}"

    async def post(self, body: bytes) -> bytes:
        """The answer's body. Raises WebhookError."""
        try:
            url, headers, host = self._where()
            sent = self._open().post(url, data=body, headers=headers, server_hostname=host)
            async with sent as answer:
                content = await _read(answer.content)
        except WebhookError as problem:
            raise WebhookError(f'Post "{self.url}": {problem}') from problem
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise WebhookError(f'Post "{self.url}": {_words(problem)}') from problem
        if answer.status not in _OK:
            raise WebhookError(_refusal(answer.status, content))
        if len(content) > MAX_ANSWER_BYTES:
            raise WebhookError("the webhook's answer is too large")
        return content

    def _where(self) -> tuple[str, dict[str, str], str | None]:
        """Where to dial, the headers, and the name that the certificate must have if it is not
        the URL's."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if isinstance(self._target, str):
            return self.url, headers, None
        service = self._target
        address = self._resolve(service.namespace, service.name)
        address = f"[{address}]" if ":" in address else address
        host = f"{service.name}.{service.namespace}.svc"
        return self.url.replace(host, address, 1), {**headers, "Host": host}, host

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls()),
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


def _words(problem: BaseException) -> str:
    """Go's words for what went wrong, where they are known."""
    if isinstance(problem, TimeoutError):
        return "context deadline exceeded"
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        return f"tls: failed to verify certificate: x509: {problem.certificate_error}"
    if isinstance(problem, aiohttp.ClientConnectorError):
        where = f"{problem.host}:{problem.port}"
        if isinstance(problem.os_error, ConnectionRefusedError):
            return f"dial tcp {where}: connect: connection refused"
        return f"dial tcp {where}: {problem.os_error}"
    if isinstance(problem, aiohttp.ServerDisconnectedError):
        return "EOF"
    return str(problem) or type(problem).__name__


def _refusal(status: int, content: bytes) -> str:
    if status == 404:
        return "the server could not find the requested resource"
    text = content[:2048].decode("utf-8", "replace").strip() or "unknown"
    return f'an error on the server ("{text}") has prevented the request from succeeding'
