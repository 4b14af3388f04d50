"""What a server that serves says of itself: it is an endpoint, and has a lease."""

from __future__ import annotations

import asyncio
import socket

from kubepy.apiserver.identitylease import name_of

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
