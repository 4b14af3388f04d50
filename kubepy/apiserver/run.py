"""kube-apiserver as a whole: the store, the server over it, and its front ends.

async with serving(config, clock=clock, random=random) as apiserver:
    client.direct(apiserver.handler, user)      # whoever shares the process
    apiserver.ports.https                       # everybody else
"""

from __future__ import annotations

import gc
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

from msgspec import Struct
from prometheus_client import REGISTRY, CollectorRegistry, exposition

from kubepy.apiserver import identity
from kubepy.apiserver.aggregation.aggregator import Aggregator
from kubepy.apiserver.aggregation.metrics import Availabilities
from kubepy.apiserver.aggregation.servers import Servers
from kubepy.apiserver.authn import tokenfile
from kubepy.apiserver.authn.authenticator import Authenticator
from kubepy.apiserver.authn.keys import BadKey, VerifyingKey, signing_key, verifying_keys
from kubepy.apiserver.authn.requestheader import FrontProxies
from kubepy.apiserver.authn.tokenrequests import TokenRequests
from kubepy.apiserver.authn.tokens import Signer, Verifier
from kubepy.apiserver.authz import components
from kubepy.apiserver.checks import State, checks
from kubepy.apiserver.config import Config
from kubepy.apiserver.identitylease import IdentityLease
from kubepy.apiserver.load import Load
from kubepy.apiserver.masterleases import MasterEndpoints, MasterLeases
from kubepy.apiserver.rest.front import Front
from kubepy.apiserver.rest.nodes import Nodes
from kubepy.apiserver.rest.paths import Paths, TokenIssuer
from kubepy.apiserver.rest.server import RestServer
from kubepy.apiserver.rest.watches import Watches
from kubepy.apiserver.rpc.server import Rpc, certificate_credentials, token_credentials
from kubepy.apiserver.rpc.streams import Streams
from kubepy.apiserver.server import LOOPBACK, Server, build, running
from kubepy.apiserver.settings import Settings
from kubepy.apiserver.streaming.kubelets import Kubelets
from kubepy.base import netns, tls
from kubepy.base.clock import Clock, SystemClock
from kubepy.base.tasks import Failure
from kubepy.meta.calls import Authorizer, Handler
from kubepy.storage import sqlite
from kubepy.storage.etcd import store as etcd
from kubepy.storage.etcd.connection import Access
from kubepy.storage.store import StorageError, Store

log = logging.getLogger(__name__)

ALPN = ("http/1.1",)
SOMEWHERE = "192.0.2.1"  # no machine's (RFC 5737): only asks which of our addresses leads out
DISCARD_PORT = 9
YOUNG, OLDER, OLDEST = 50_000, 20, 50  # allocations and rounds between garbage collections


class Ports(Struct, frozen=True):
    """What is listened on; 0: nothing."""

    https: int
    grpc: int = 0
    grpc_token: int = 0


class Apiserver(Struct, frozen=True):
    """A server that serves."""

    handler: Handler
    server: Server
    ports: Ports


class Keys(Struct, frozen=True):
    """What tokens are signed and verified with."""

    signer: Signer | None
    verifier: Verifier | None
    audiences: tuple[str, ...]

    @property
    def public(self) -> tuple[VerifyingKey, ...]:
        return self.verifier.keys if self.verifier else ()


async def main(config: Config) -> None:
    """The binary."""
    await run(config, clock=SystemClock(), random=Random())


async def run(config: Config, *, clock: Clock, random: Random) -> None:
    """Serve until cancelled. Raises Failure for what the operator can mend."""
    try:
        async with serving(config, clock=clock, random=random) as apiserver:
            log.info("serving REST at %s:%d", config.bind_address, apiserver.ports.https)
            settle()
            await apiserver.server.run()
            raise Failure("the store has closed")
    except (StorageError, BadKey, tokenfile.BadTokenFile) as problem:
        raise Failure(str(problem)) from problem


@asynccontextmanager
async def serving(
    config: Config, *, clock: Clock, random: Random, store: Store | None = None
) -> AsyncIterator[Apiserver]:
    """A running apiserver; leaving ends it in order. Without a `store` it opens its own."""
    keys = read_keys(config)
    secure = serving_tls(config, clock)
    store = store or await open_store(config, clock, random)
    parts = Parts(config, keys, store, clock=clock, random=random)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(parts.server))
        stack.push_async_callback(parts.kubelets.close)
        parts.aggregator.start()
        parts.server.go_on(parts.aggregator.run(), "aggregator")
        rest, rpc = RestServer(parts.front().serve), parts.rpc()
        stack.push_async_callback(rpc.close)
        stack.push_async_callback(rest.close)
        stack.callback(parts.watches.end_all)
        ports = Ports(
            https=[
                await rest.listen(address, config.secure_port, secure)
                for address in config.bind_addresses
            ][0],
            grpc=await listen_with_certificates(rpc, config),
            grpc_token=await listen_with_tokens(rpc, config),
        )
        stack.push_async_callback(parts.state.leave, config.shutdown_delay_duration, clock)
        stack.callback(rpc.leave)
        if (endpoints := master_endpoints(config, parts.server)) is not None:
            stack.push_async_callback(endpoints.leave)
            parts.server.go_on(endpoints.run(), "kubernetes service")
        lease = IdentityLease(parts.server.pipeline, LOOPBACK, socket.gethostname())
        parts.server.go_on(lease.run(), "identity lease")
        yield Apiserver(parts.server.pipeline, parts.server, ports)


class Parts:
    """What both front ends share, wired once."""

    def __init__(
        self, config: Config, keys: Keys, store: Store, *, clock: Clock, random: Random
    ) -> None:
        self.config, self.keys, self.clock, self.random = config, keys, clock, random
        self.state = State()
        self.registry = CollectorRegistry()
        self.authorize = authorizer(config)
        self.authenticator = Authenticator(
            clock=clock,
            lookup=self.lookup,
            verifier=keys.verifier,
            audiences=keys.audiences,
            static_tokens=static_tokens(config),
            anonymous=config.anonymous_auth,
            proxies=front_proxies(config),
        )
        tokens = None
        if keys.signer is not None:
            tokens = TokenRequests(
                keys.signer, self.lookup, keys.audiences, clock=clock, random=random
            )
        self.server = build(
            store,
            clock=clock,
            random=random,
            authorize=self.authorize,
            settings=settings(config),
            actions=identity.actions(
                self.authenticator, self.authorize, components.rules_of, tokens, clock
            ),
        )
        self.kubelets = Kubelets(
            tls=kubelet_tls(config),
            preferred=config.kubelet_preferred_address_types,
            make_socket=netns.maker(config.backend_network_namespace),
        )
        directory = self.server.directory
        servers = Servers(
            directory,
            self.kubelets,
            certificate=config.proxy_client_cert_file,
            key=config.proxy_client_key_file,
            follow_redirects=not config.aggregator_reject_forwarding_redirect,
        )
        self.aggregator = Aggregator(
            self.server.pipeline, directory, servers, LOOPBACK, Availabilities(self.registry)
        )
        self.watches = Watches(clock)
        self.load = Load(
            self.registry,
            reading=config.max_requests_inflight,
            mutating=config.max_mutating_requests_inflight,
            timeout_seconds=config.request_timeout,
        )

    async def lookup(self, type_: type[Any], namespace: str, name: str) -> Any:
        """Authentication asks the server, which asks authentication about reviews."""
        return await self.server.pipeline.lookup(type_, namespace, name)

    def front(self) -> Front:
        """The REST front end."""
        config = self.config
        pipeline = self.server.pipeline
        paths = Paths(
            catalog=pipeline.catalog,
            checks=checks(self.state, self.server, config),
            metrics=self.metrics,
            address=f"{own_name(config)}:{config.secure_port}",
            tokens=token_issuer(config, self.keys),
            aggregator=self.aggregator,
        )
        return Front(
            handler=pipeline,
            catalog=pipeline.catalog,
            authenticator=self.authenticator,
            authorize=self.authorize,
            paths=paths.serve,
            stream=Nodes(pipeline, self.server.directory, self.kubelets).stream,
            elsewhere=self.aggregator.elsewhere,
            clock=self.clock,
            random=self.random,
            load=self.load,
            watches=self.watches,
        )

    def rpc(self) -> Rpc:
        """The gRPC front end."""
        pipeline = self.server.pipeline
        return Rpc(
            handler=pipeline,
            known=pipeline.catalog.by_plural,
            elsewhere=self.aggregator.elsewhere,
            authenticator=self.authenticator,
            authorize=self.authorize,
            streams=Streams(pipeline, self.kubelets),
            load=self.load,
            clock=self.clock,
            random=self.random,
        )

    def metrics(self) -> bytes:
        """The server's own metrics, then the process's."""
        return exposition.generate_latest(self.registry) + exposition.generate_latest(REGISTRY)


async def open_store(config: Config, clock: Clock, random: Random) -> Store:
    """The etcd that is named, otherwise the file. Raises StorageError."""
    if config.etcd_servers:
        access = Access(
            servers=config.etcd_servers,
            ca_file=config.etcd_cafile,
            certificate_file=config.etcd_certfile,
            key_file=config.etcd_keyfile,
        )
        return await etcd.open(access, clock=clock, random=random)
    path = Path(config.store_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    store = await sqlite.open(str(path), clock=clock)
    log.info("everything is kept in %s", path)
    return store


def master_endpoints(config: Config, server: Server) -> MasterEndpoints | None:
    """What makes this server an endpoint of the Service `kubernetes`; None: nothing does."""
    where = server.settings.advertise
    if where is None or config.endpoint_reconciler_type == "none":
        return None
    store = server.store
    leases = MasterLeases(store, server.settings.registry) if store.shared else None
    return MasterEndpoints(server.pipeline, LOOPBACK, where, leases)


def settings(config: Config) -> Settings:
    address = advertised(config)
    ports = config.service_node_port_range
    return Settings(
        service_cidr=config.service_cluster_ip_range,
        node_ports=(ports.first, ports.last),
        enabled_plugins=config.enable_admission_plugins,
        disabled_plugins=config.disable_admission_plugins,
        allow_privileged=config.allow_privileged,
        not_ready_toleration_seconds=config.default_not_ready_toleration_seconds,
        unreachable_toleration_seconds=config.default_unreachable_toleration_seconds,
        event_seconds=int(config.event_ttl),
        registry=f"/{config.etcd_prefix.strip('/')}",
        history_seconds=config.etcd_compaction_interval,
        backend_network=config.backend_network_namespace,
        route_to_endpoints=config.enable_aggregator_routing,
        client_ca=Path(config.client_ca_file).read_text() if config.client_ca_file else "",
        front_proxies=front_proxies(config),
        advertise=(address, config.secure_port) if address and config.secure_port else None,
    )


def advertised(config: Config) -> str:
    """The address that others reach this server at; empty if there is none but loopback."""
    chosen = config.advertise_address or config.bind_addresses[0]
    address = ip_address(chosen)
    if not (address.is_unspecified or address.is_loopback):
        return chosen
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((SOMEWHERE, DISCARD_PORT))  # sends nothing: it only looks up the route
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def authorizer(config: Config) -> Authorizer:
    modes = config.authorization_mode
    if "AlwaysAllow" in modes:
        return components.allow_all
    if modes == ("AlwaysDeny",):
        return components.deny_all
    return components.authorize


def front_proxies(config: Config) -> FrontProxies | None:
    """Who may name users; None: nobody."""
    if not config.requestheader_client_ca_file:
        return None
    clients = config.client_ca_file
    return FrontProxies(
        authority=Path(config.requestheader_client_ca_file).read_bytes(),
        client_authority=Path(clients).read_bytes() if clients else b"",
        names=config.requestheader_allowed_names,
        username_headers=config.requestheader_username_headers,
        uid_headers=config.requestheader_uid_headers,
        group_headers=config.requestheader_group_headers,
        extra_prefixes=config.requestheader_extra_headers_prefix,
    )


def static_tokens(config: Config) -> Mapping[str, Any]:
    if not config.token_auth_file:
        return {}
    try:
        return tokenfile.parse(Path(config.token_auth_file).read_text())
    except (ValueError, OSError) as problem:
        raise Failure(f"{config.token_auth_file}: {problem}") from problem


def read_keys(config: Config) -> Keys:
    """Raises Failure."""
    issuers = config.service_account_issuer
    audiences = config.api_audiences or issuers[:1]
    signer = None
    public: list[VerifyingKey] = []
    if config.service_account_signing_key_file:
        pem = _read(config.service_account_signing_key_file, signing_key)
        signer = Signer(
            issuers[0],
            pem,
            extend=config.service_account_extend_token_expiration,
            longest_seconds=int(config.service_account_max_token_expiration),
        )
    paths = config.service_account_key_file or tuple(
        filter(None, (config.service_account_signing_key_file,))
    )
    for path in paths:
        public += _read(path, verifying_keys)
    verifier = Verifier(issuers, tuple(public)) if public and issuers else None
    return Keys(signer, verifier, audiences)


def _read(path: str, parse: Any) -> Any:
    try:
        return parse(Path(path).read_bytes())
    except (BadKey, OSError) as problem:
        raise Failure(f"{path}: {problem}") from problem


def own_name(config: Config) -> str:
    """What the server calls itself in what it answers."""
    return config.external_hostname or advertised(config) or config.bind_addresses[0]


def token_issuer(config: Config, keys: Keys) -> TokenIssuer | None:
    if not keys.public:
        return None
    uri = config.service_account_jwks_uri
    uri = uri or f"https://{own_name(config)}:{config.secure_port}/openid/v1/jwks"
    return TokenIssuer(config.service_account_issuer[0], uri, keys.public)


def serving_files(config: Config) -> tuple[str, str]:
    """The listeners' certificate and key."""
    if config.tls_cert_file:
        return config.tls_cert_file, config.tls_private_key_file
    folder = Path(config.cert_dir)
    return str(folder / "apiserver.crt"), str(folder / "apiserver.key")


def serving_tls(config: Config, clock: Clock) -> ssl.SSLContext:
    """REST's TLS; where no certificate is given, one is made that nobody can verify."""
    certificate, key = serving_files(config)
    if not config.tls_cert_file and not (Path(certificate).exists() and Path(key).exists()):
        names = ["localhost", "127.0.0.1", "kubernetes", "kubernetes.default"]
        names += filter(None, (advertised(config), config.external_hostname))
        pair = tls.self_signed("kube-apiserver", names, now=clock.now())
        tls.write_pair(pair, Path(certificate), Path(key))
    context = tls.server_context(certificate, key, client_ca_file=config.client_ca_file)
    if proxies := config.requestheader_client_ca_file:
        with tls.naming(proxies):
            context.load_verify_locations(proxies)
        context.verify_mode = ssl.CERT_OPTIONAL
    context.set_alpn_protocols(list(ALPN))
    return context


async def listen_with_certificates(rpc: Rpc, config: Config) -> int:
    """Open gRPC's mTLS port; 0 if it is not wanted, or there is no CA to check clients with."""
    if not (config.grpc_port and config.client_ca_file):
        return 0
    certificate, key = serving_files(config)
    credentials = certificate_credentials(Path(certificate), Path(key), Path(config.client_ca_file))
    return await _listen(rpc, config, config.grpc_port, credentials)


async def listen_with_tokens(rpc: Rpc, config: Config) -> int:
    """Open gRPC's port for bearer tokens; 0 if it is not wanted."""
    if not config.grpc_token_port:
        return 0
    certificate, key = serving_files(config)
    credentials = token_credentials(Path(certificate), Path(key))
    return await _listen(rpc, config, config.grpc_token_port, credentials)


async def _listen(rpc: Rpc, config: Config, port: int, credentials: Any) -> int:
    addresses = [
        f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host in config.bind_addresses
    ]
    return await rpc.listen(addresses, credentials)


def kubelet_tls(config: Config) -> ssl.SSLContext:
    """How we show ourselves to kubelets; without a CA theirs is not checked, as in Kubernetes."""
    context = tls.unverified_context()
    if authority := config.kubelet_certificate_authority:
        with tls.naming(authority):
            context = ssl.create_default_context(cafile=authority)
    if certificate := config.kubelet_client_certificate:
        with tls.naming(certificate, config.kubelet_client_key):
            context.load_cert_chain(certificate, config.kubelet_client_key)
    return context


def settle() -> None:
    """After start: what is there now stays, and full collections, which stall all, become rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDEST)
