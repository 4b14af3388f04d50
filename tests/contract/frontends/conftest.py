"""A whole apiserver behind real sockets, on a store in memory."""

from __future__ import annotations

import base64
import json
import logging
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import grpc
import pytest

from kubepy.apiserver.config import Config
from kubepy.apiserver.run import Apiserver, serving
from kubepy.base import tls
from kubepy.base.clock import SystemClock
from kubepy.storage import sqlite
from kubepy.storage.store import Store

ISSUER = "https://kubernetes.default.svc"
TOKENS = "admin-token,root,1,system:masters\nbob-token,bob,2\n"


@pytest.fixture(scope="session")
def pki(tmp_path_factory) -> Path:
    """A cluster's certificates and keys."""
    folder = tmp_path_factory.mktemp("pki")
    now = time.time()
    authority = tls.new_authority("kubernetes", now=now)
    tls.write_pair(authority, folder / "ca.crt", folder / "ca.key")

    def issue(file: str, name: str, **more: Any) -> None:
        pair = tls.issue(authority, name, now=now, **more)
        tls.write_pair(pair, folder / f"{file}.crt", folder / f"{file}.key")

    issue("apiserver", "kube-apiserver", names=["127.0.0.1", "localhost"], usages=[tls.SERVER])
    issue("admin", "kubernetes-admin", organizations=["system:masters"])
    issue("kubelet", "kubelet", names=["127.0.0.1"], usages=[tls.SERVER])
    issue("converter", "converter", names=["converter.default.svc"], usages=[tls.SERVER])
    issue("kubelet-client", "kube-apiserver-kubelet-client", organizations=["system:masters"])
    private, public = tls.new_signing_key()
    (folder / "sa.key").write_bytes(private)
    (folder / "sa.pub").write_bytes(public)
    (folder / "tokens.csv").write_text(TOKENS)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def apiserver_of(
    pki: Path, *, store: Store | None = None, **changes: Any
) -> AsyncIterator[Apiserver]:
    settings = {
        "bind_address": "127.0.0.1",
        "secure_port": 0,
        "grpc_port": free_port(),
        "grpc_token_port": free_port(),
        "tls_cert_file": str(pki / "apiserver.crt"),
        "tls_private_key_file": str(pki / "apiserver.key"),
        "client_ca_file": str(pki / "ca.crt"),
        "token_auth_file": str(pki / "tokens.csv"),
        "service_account_issuer": (ISSUER,),
        "service_account_key_file": (str(pki / "sa.pub"),),
        "service_account_signing_key_file": str(pki / "sa.key"),
        "service_cluster_ip_range": "10.96.0.0/16",
        "kubelet_client_certificate": str(pki / "kubelet-client.crt"),
        "kubelet_client_key": str(pki / "kubelet-client.key"),
        "kubelet_certificate_authority": str(pki / "ca.crt"),
        **changes,
    }
    clock = SystemClock()
    store = store or await sqlite.open(clock=clock)
    config = Config(**settings)
    async with serving(config, clock=clock, random=Random(1), store=store) as running:
        yield running


@pytest.fixture
async def apiserver(pki) -> AsyncIterator[Apiserver]:
    async with apiserver_of(pki) as running:
        yield running


class Rest:
    """A bare HTTPS client."""

    def __init__(self, session: aiohttp.ClientSession, port: int) -> None:
        self.session = session
        self.base = f"https://127.0.0.1:{port}"
        self.port = port

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.session.request(
            method, self.base + path, data=data, headers=sent, skip_auto_headers=["Content-Type"]
        ) as response:
            return Answer(response.status, response.headers, await response.read())


class Answer:
    def __init__(self, status: int, headers: Any, raw: bytes) -> None:
        self.status = status
        self.headers = headers
        self.raw = raw

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


def client_tls(pki: Path, certificate: str = "") -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=pki / "ca.crt")
    if certificate:
        context.load_cert_chain(pki / f"{certificate}.crt", pki / f"{certificate}.key")
    return context


@asynccontextmanager
async def client(pki: Path, port: int, certificate: str) -> AsyncIterator[Rest]:
    connector = aiohttp.TCPConnector(ssl=client_tls(pki, certificate))
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Rest(session, port)


@pytest.fixture
async def admin(pki, apiserver) -> AsyncIterator[Rest]:
    async with client(pki, apiserver.ports.https, "admin") as rest:
        yield rest


@pytest.fixture
async def nobody(pki, apiserver) -> AsyncIterator[Rest]:
    """Without a certificate; may show a token."""
    async with client(pki, apiserver.ports.https, "") as rest:
        yield rest


def credentials(pki: Path) -> Any:
    """The admin's, for gRPC."""
    key, certificate = (pki / "admin.key").read_bytes(), (pki / "admin.crt").read_bytes()
    return grpc.ssl_channel_credentials((pki / "ca.crt").read_bytes(), key, certificate)


@pytest.fixture
async def mtls(pki, apiserver):
    """A channel to the port for certificates, as the admin."""
    target = f"127.0.0.1:{apiserver.ports.grpc}"
    async with grpc.aio.secure_channel(target, credentials(pki)) as channel:
        yield channel


@pytest.fixture
async def tokens(pki, apiserver):
    """A channel to the port for tokens, as nobody yet."""
    trusted = grpc.ssl_channel_credentials((pki / "ca.crt").read_bytes())
    target = f"127.0.0.1:{apiserver.ports.grpc_token}"
    async with grpc.aio.secure_channel(target, trusted) as channel:
        yield channel


@pytest.fixture
def no_errors(caplog):
    """The server logs none: whatever was sent, no mistake was the server's."""
    yield
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.fixture
async def kubelet(pki, admin):
    """A node whose kubelet this is, and a pod on it."""
    from .kubelets import Kubelet  # it needs what is above

    found = Kubelet(pki)
    await found.start()
    node = {
        "metadata": {"name": "n1"},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": found.port}},
        },
    }
    assert (await admin("POST", "/api/v1/nodes", node)).status == 201
    merge = "application/merge-patch+json"
    patched = await admin(
        "PATCH", "/api/v1/nodes/n1/status", {"status": node["status"]}, Content_Type=merge
    )
    assert patched.status == 200
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    await admin("POST", accounts, {"metadata": {"name": "default"}})
    pods = "/api/v1/namespaces/default/pods"
    for name, spec in (("p", {"nodeName": "n1"}), ("unbound", {})):
        spec = {**spec, "containers": [{"name": "c", "image": "x"}]}
        created = await admin("POST", pods, {"metadata": {"name": name}, "spec": spec})
        assert created.status == 201
    yield found
    found.server.close()


def jwt_claims(token: str) -> Any:
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
