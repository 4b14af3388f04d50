"""The other servers: where they are, how they are spoken to, and requests carried to them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import aiohttp
from msgspec import Struct
from yarl import URL

from kubepy.api.apiregistration.v1 import APIService, ServiceReference
from kubepy.apiserver.aggregation import availability, delegation
from kubepy.apiserver.aggregation.delegation import AGGREGATOR
from kubepy.apiserver.registry.apiregistration.apiservice import HTTPS_PORT
from kubepy.apiserver.rest import proxying
from kubepy.apiserver.rest.front import Asked
from kubepy.apiserver.rest.proxying import Way
from kubepy.apiserver.rest.sending import send_text
from kubepy.apiserver.streaming import kubelets
from kubepy.apiserver.streaming.endpoints import Directory
from kubepy.apiserver.streaming.kubelets import Kubelets
from kubepy.apiserver.streaming.locations import Address
from kubepy.apiserver.streaming.rewriting import Mount
from kubepy.base import tls
from kubepy.meta.errors import ApiError

ASK_SECONDS = 5.0  # for an answer to a question of our own
KNOWN_AUTHORITIES = 64  # TLS contexts kept

UNAVAILABLE = "service unavailable\n"
BAD_BUNDLE = "unable to load root certificates: unable to parse bytes as PEM block\n"


class Reply(Struct, frozen=True):
    """What a server said to a question of our own."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Unreachable(Exception):
    """A server does not answer as it should: where, and why."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"failing or missing response from {url}: {why}")


class Servers:
    """`certificate` and `key` are files that show them who we are; empty: nothing does."""

    def __init__(
        self,
        directory: Directory,
        backends: Kubelets,
        *,
        certificate: str = "",
        key: str = "",
        follow_redirects: bool = False,
    ) -> None:
        self._directory = directory
        self._backends = backends
        self._identity = (certificate, key)
        self._redirects = follow_redirects
        self._unverified = self._shown(tls.unverified_context())
        self._verified: dict[bytes, ssl.SSLContext] = {}

    async def forward(self, asked: Asked, service: APIService) -> None:
        """Answer a request with the other server's answer; what keeps it away is told as text."""
        assert asked.user is not None and asked.info is not None
        exchange = asked.exchange
        if not availability.is_available(service):
            send_text(exchange, 503, UNAVAILABLE, asked.headers())
            return
        try:
            address = self.address_of(service)
        except ApiError:
            send_text(exchange, 503, UNAVAILABLE, asked.headers())
            return
        authority = kubelets.authority(address)
        try:
            way = Way(
                address,
                asked.info.path,
                exchange.target.partition("?")[2],
                self.tls_of(service),
                Mount("", "https", authority),
                host=authority,
                server_name=server_name(service),
                headers=delegation.identity(asked.user),
                redirects=self._redirects,
            )
            await proxying.carry(asked, way, self._backends)
        except ssl.SSLError:
            send_text(exchange, 500, BAD_BUNDLE, asked.headers())
        except ApiError as problem:
            if exchange.code:
                raise
            send_text(exchange, 503, f"{problem.message}\n", asked.headers())

    async def ask(
        self, service: APIService, path: str, headers: Mapping[str, str], *, verify: bool = True
    ) -> Reply:
        """GET something for ourselves. Raises Unreachable, ApiError."""
        address = self.address_of(service)
        url = url_of(address, path)
        identity = dict(delegation.identity(AGGREGATOR))
        try:
            context = self.tls_of(service) if verify else self._unverified
            async with (
                asyncio.timeout(ASK_SECONDS),
                self._backends.session.get(
                    URL(url, encoded=True),
                    headers={**identity, **headers},
                    allow_redirects=False,
                    ssl=context,
                    server_hostname=server_name(service),
                ) as answer,
            ):
                return Reply(url, answer.status, answer.headers, await answer.read())
        except TimeoutError:
            why = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
            raise Unreachable(url, f'Get "{url}": {why}') from None
        except (aiohttp.ClientError, OSError) as problem:
            why = f'Get "{url}": {kubelets.reason(problem, address)}'
            raise Unreachable(url, why) from problem

    def address_of(self, service: APIService) -> Address:
        """Raises NotFound, ServiceUnavailable, Unknown."""
        reference = reference_of(service)
        port = reference.port or HTTPS_PORT
        return self._directory.address(reference.namespace, reference.name, port)

    def tls_of(self, service: APIService) -> ssl.SSLContext:
        """How its server is checked. Raises SSLError for a bundle that holds no certificates."""
        if service.spec.insecureSkipTLSVerify:
            return self._unverified
        bundle = service.spec.caBundle
        found = self._verified.get(bundle)
        if found is None:
            text = bundle.decode("ascii", "replace")
            found = self._shown(ssl.create_default_context(cadata=text or None))
            if len(self._verified) >= KNOWN_AUTHORITIES:
                self._verified.clear()
            self._verified[bundle] = found
        return found

    def _shown(self, context: ssl.SSLContext) -> ssl.SSLContext:
        certificate, key = self._identity
        if certificate:
            with tls.naming(certificate, key):
                context.load_cert_chain(certificate, key)
        return context


def url_of(address: Address, path: str) -> str:
    return f"https://{kubelets.authority(address)}{path}"


def reference_of(service: APIService) -> ServiceReference:
    assert service.spec.service is not None
    return service.spec.service


def server_name(service: APIService) -> str:
    """The name that its certificate has to bear."""
    reference = reference_of(service)
    return f"{reference.name}.{reference.namespace}.svc"
