"""What a server that serves says of itself: it is an endpoint, and has a lease."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack

from kubepy.apiserver.checks import State, checks
from kubepy.apiserver.config import Config
from kubepy.apiserver.identitylease import name_of
from kubepy.apiserver.server import build, running
from kubepy.storage import sqlite
from kubepy.storage.etcd import store as etcd
from tests.etcd_server import etcd_server, needs_etcd

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


@needs_etcd
async def test_who_leaves_is_no_endpoint_any_more(pki, tmp_path):
    async with asyncio.timeout(60), AsyncExitStack() as stack:
        member = stack.enter_context(etcd_server(tmp_path))

        async def started(address):
            """All at one port, as servers of several machines are: loopback has many addresses."""
            settings = {"advertise_address": f"192.0.2.{address[-1]}", "bind_address": address}
            store = await etcd.open(member.access)
            return apiserver_of(pki, store=store, secure_port=port, **settings)

        port = free_port()
        await stack.enter_async_context(await started("127.0.0.1"))
        send = await stack.enter_async_context(client(pki, port, "admin"))

        async def addresses():
            subsets = (await send("GET", ENDPOINTS)).json.get("subsets", ())
            return [each["ip"] for subset in subsets for each in subset["addresses"]]

        async with await started("127.0.0.2"):
            while await addresses() != ["192.0.2.1", "192.0.2.2"]:
                pass
        assert await addresses() == ["192.0.2.1"]


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
    assert verbose[:5] == [
        "[+]ping ok",
        "[+]log ok",
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
