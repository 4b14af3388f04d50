"""Our side of connections to kubelets, and to pods behind proxies."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Sequence
from typing import Any

import aiohttp
from yarl import URL

from kubepy.apiserver.streaming import locations
from kubepy.apiserver.streaming.locations import Address
from kubepy.base.netns import Maker
from kubepy.meta import errors
from kubepy.meta.calls import Connection

CONNECT_SECONDS = 10.0
MAX_MESSAGE_BYTES = 32 * 1024 * 1024  # of a WebSocket
MAX_REFUSAL_BYTES = 64 * 1024  # of a kubelet's own error page
OK = range(200, 207)


class Kubelets:
    """Opens requests, connections and WebSockets; `tls` shows who we are, None is plain HTTP."""

    def __init__(
        self, *, tls: ssl.SSLContext | None, preferred: Sequence[str], make_socket: Maker
    ) -> None:
        """`make_socket` decides in which network our connections begin."""
        self.tls = tls
        self._make_socket = make_socket
        self._preferred = preferred
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def address_of(self, connection: Connection) -> Address:
        """The kubelet of a pod's node, or of a node. Raises NotFound, InternalError."""
        if connection.node is None:
            raise errors.NotFound.of("nodes", connection.object.spec.nodeName)
        return locations.address_of(connection.node, self._preferred)

    def url(self, address: Address, path: str) -> str:
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{authority(address)}{path}"

    def request(self, method: str, address: Address, path: str) -> Request:
        """An HTTP request, to be entered. Raises Unknown if nobody answers."""
        url = self.url(address, path)
        request = self.session.request(method, URL(url, encoded=True), allow_redirects=False)
        return Request(request, url, address)

    async def websocket(self, address: Address, path: str, protocol: str) -> Any:
        """A WebSocket that speaks `protocol`. Raises Unknown."""
        url = URL(self.url(address, path), encoded=True)
        try:
            return await self.session.ws_connect(
                url, protocols=(protocol,), max_msg_size=MAX_MESSAGE_BYTES
            )
        except aiohttp.WSServerHandshakeError as problem:
            raise errors.Unknown.of(f"the node's kubelet answered {problem.status}") from problem
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise unreachable(problem, address) from problem

    async def dial(
        self, address: Address, tls: ssl.SSLContext | None, server_name: str = ""
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection. Raises Unknown."""
        name = (server_name or address.host) if tls is not None else None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                connected = await self._connected(address)
                return await asyncio.open_connection(sock=connected, ssl=tls, server_hostname=name)
        except (OSError, TimeoutError) as problem:
            raise unreachable(problem, address) from problem

    async def _connected(self, address: Address) -> socket.socket:
        """To the first of a name's addresses that answers. Raises OSError."""
        loop = asyncio.get_running_loop()
        failed: list[OSError] = []
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        for info in found:
            made = self._make_socket(info)
            made.setblocking(False)
            try:
                await loop.sock_connect(made, info[4])
                return made
            except OSError as problem:
                made.close()
                failed.append(problem)
            except BaseException:  # cancelled
                made.close()
                raise
        raise failed[0]

    @property
    def session(self) -> aiohttp.ClientSession:
        """For requests to anybody; to kubelets unless `ssl` says otherwise."""
        if self._session is None:  # made late: it belongs to the running loop
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0, ssl=self.tls or False, socket_factory=self._make_socket
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


class Request:
    """An aiohttp request whose failure to connect is an ApiError."""

    def __init__(self, request: Any, url: str, address: Address) -> None:
        self._request = request
        self._url = url
        self._address = address

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            answer: aiohttp.ClientResponse = await self._request.__aenter__()
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            why = reason(problem, self._address)
            raise errors.Unknown.of(f'Get "{self._url}": {why}') from problem
        return answer

    async def __aexit__(self, *problem: Any) -> None:
        await self._request.__aexit__(*problem)


async def refusal(answer: aiohttp.ClientResponse, what: str) -> errors.ApiError:
    """A kubelet's refusal to show a log, as the client's Status."""
    text = (await answer.content.read(MAX_REFUSAL_BYTES)).decode("utf-8", "replace").strip()
    match answer.status:
        case 500:
            return errors.InternalError.of(text)
        case 400:
            return errors.BadRequest.of(text)
        case 404:
            return errors.NotFound.make(
                f"the server could not find the requested resource ({what})"
            )
        case 401 | 403:
            return errors.InternalError.of(f"the node's kubelet refused: {text}")
        case _:
            return errors.Unknown.of(text or f"the node's kubelet answered {answer.status}")


def unreachable(problem: BaseException, address: Address) -> errors.ApiError:
    return errors.Unknown.of(f"error dialing backend: {reason(problem, address)}")


def authority(address: Address) -> str:
    """`10.0.0.1:80`, `[fd00::1]:80`."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    return f"{host}:{address.port}"


def reason(problem: BaseException, address: Address) -> str:
    """Why somebody cannot be reached, in Go's words, which people look for."""
    if isinstance(problem, aiohttp.ClientConnectorDNSError | socket.gaierror):
        return f"dial tcp: lookup {address.host}: no such host"
    if isinstance(problem, aiohttp.ClientConnectorCertificateError):
        problem = problem.certificate_error
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"tls: failed to verify certificate: x509: {problem.verify_message}"
    if isinstance(problem, TimeoutError):
        return f"dial tcp {authority(address)}: i/o timeout"
    if isinstance(problem, aiohttp.ServerDisconnectedError | asyncio.IncompleteReadError):
        return "EOF"
    if isinstance(problem, OSError) and problem.errno and not isinstance(problem, ssl.SSLError):
        why = os.strerror(problem.errno).lower()
        return f"dial tcp {authority(address)}: connect: {why}"
    return str(problem) or type(problem).__name__
