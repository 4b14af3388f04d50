"""What a server that serves says of itself: it is an endpoint, and has a lease."""

from __future__ import annotations

import asyncio
import socket

from kubepy.apiserver.checks import State, checks
from kubepy.apiserver.config import Config
from kubepy.apiserver.identitylease import name_of
from kubepy.apiserver.server import build, running
from kubepy.storage import sqlite

from .conftest import apiserver_of, client, free_port

ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes"
LEASE = (
    f"/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/{name_of(socket.gethostname())}"
)


async def test_a_server_says_where_it_is(pki):
    port = free_port()
    settings = {"advertise_address": "192.0.2.7", "secure_port": port}
    async with (
        apiserver_of(pki, **settings) as apiserver,
        client(pki, apiserver.ports.https, "admin") as send,
        asyncio.timeout(20),
    ):
        for path in (ENDPOINTS, LEASE):
            while (found := await send("GET", path)).status == 404:
                pass
            assert found.status == 200
        [subset] = (await send("GET", ENDPOINTS)).json["subsets"]
        assert subset["addresses"] == [{"ip": "192.0.2.7"}]
        assert [each["port"] for each in subset["ports"]] == [port]


async def test_a_server_that_is_no_endpoint(pki):
    settings = {
        "advertise_address": "192.0.2.7",
        "secure_port": free_port(),
        "endpoint_reconciler_type": "none",
    }
    async with (
        apiserver_of(pki, **settings) as apiserver,
        client(pki, apiserver.ports.https, "admin") as send,
        asyncio.timeout(20),
    ):
        while (await send("GET", LEASE)).status == 404:
            pass
        assert (await send("GET", ENDPOINTS)).status == 404


async def test_a_server_is_not_ready_before_its_apis_are_registered():
    server = build(await sqlite.open())
    for place, named in checks(State(), server, Config()).items():
        found = await named["autoregister-completion"]()
        assert found.startswith("missing APIService: [v1. v1.admissionregistration.k8s.io "), place
    async with running(server):
        named = checks(State(), server, Config())["readyz"]
        assert await named["autoregister-completion"]() == ""


async def test_the_checks_of_a_server(admin):
    verbose = (await admin("GET", "/readyz?verbose")).raw.decode().splitlines()
    assert verbose[:6] == [
        "[+]ping ok",
        "[+]log ok",
        "[+]etcd ok",
        "[+]etcd-readiness ok",
        "[+]informer-sync ok",
        "[+]poststarthook/generic-apiserver-start-informers ok",
    ]
    assert "[+]autoregister-completion ok" in verbose
    assert verbose[-2:] == ["[+]shutdown ok", "readyz check passed"]
    for name in ("autoregister-completion", "poststarthook/bootstrap-controller"):
        for place in ("healthz", "livez", "readyz"):
            assert (await admin("GET", f"/{place}/{name}")).raw == b"ok"
    assert "/readyz/poststarthook/bootstrap-controller" in (await admin("GET", "/")).json["paths"]
    page = (await admin("GET", "/metrics")).raw.decode()
    assert 'aggregator_unavailable_apiservice{name="v1.apps"} 0.0' in page
