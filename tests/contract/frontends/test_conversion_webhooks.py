"""A kind whose versions a webhook converts, over REST, with a webhook that does it."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import ssl
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from tests.unit.proxy.netns import Namespace

from .conftest import apiserver_of, client
from .test_custom_resources import DEFINITIONS, MERGE, Api, definition

V1 = "/apis/example.com/v1/namespaces/default/widgets"
V2 = "/apis/example.com/v2/namespaces/default/widgets"
NAME = "widgets.example.com"
SERVICES = "/api/v1/namespaces/default/services"
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
FORMS = {
    "v1": {"size": {"type": "string"}},  # 3Gi
    "v2": {"gi": {"type": "integer"}},
}


class Converter:
    """Answers reviews; `refuse` is what it says instead, and while it `hangs` it says nothing."""

    def __init__(self):
        self.refuse = None
        self.hangs = False
        self.left = asyncio.Event()  # who asked did not wait
        self.asked = []

    async def convert(self, request):
        review = await request.json()
        if self.hangs:
            try:
                await asyncio.Event().wait()
            finally:
                self.left.set()
        self.asked.append(review["request"]["desiredAPIVersion"])
        if self.refuse is not None:
            result = {"status": "Failure", "message": self.refuse}
            objects = []
        else:
            result = {"status": "Success"}
            wanted = review["request"]["desiredAPIVersion"]
            objects = [self.changed(each, wanted) for each in review["request"]["objects"]]
        response = {
            "uid": review["request"]["uid"],
            "result": result,
            "convertedObjects": objects,
        }
        return web.json_response({**review, "request": None, "response": response})

    def changed(self, obj, wanted):
        spec = obj["spec"]
        if wanted.endswith("v2"):
            spec = {"gi": int(spec["size"].removesuffix("Gi"))}
        else:
            spec = {"size": f"{spec['gi']}Gi"}
        return {**obj, "apiVersion": wanted, "spec": spec}


@asynccontextmanager
async def webhook(pki, listener=None, certificate="kubelet"):
    """`listener`: where it listens; None: somewhere on our own loopback."""
    converter = Converter()
    listener = listener or socket.create_server(("127.0.0.1", 0))
    app = web.Application()
    app.router.add_post("/convert", converter.convert)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pki / f"{certificate}.crt", pki / f"{certificate}.key")
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.SockSite(runner, listener, ssl_context=context).start()
    converter.port = runner.addresses[0][1]
    try:
        yield converter
    finally:
        await runner.cleanup()


def both_versions(pki, port):
    body = definition()
    body["spec"]["versions"] = [
        {
            "name": name,
            "served": True,
            "storage": name == "v2",
            "schema": {
                "openAPIV3Schema": {
                    "type": "object",
                    "properties": {"spec": {"type": "object", "properties": properties}},
                }
            },
        }
        for name, properties in FORMS.items()
    ]
    body["spec"]["conversion"] = {
        "strategy": "Webhook",
        "webhook": {
            "conversionReviewVersions": ["v1"],
            "clientConfig": {
                "url": f"https://127.0.0.1:{port}/convert",
                "caBundle": base64.b64encode((pki / "ca.crt").read_bytes()).decode(),
            },
        },
    }
    return body


def widget(version, name, **spec):
    return {
        "apiVersion": f"example.com/{version}",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": spec,
    }


@pytest.fixture
async def api(pki):
    async with apiserver_of(pki) as apiserver, client(pki, apiserver.ports.https, "admin") as send:
        yield Api(apiserver, send)


async def test_each_version_is_shown_in_its_own_form(api, pki):
    async with webhook(pki) as converter:
        await api.define(both_versions(pki, converter.port))
        made = await api.send("POST", V1, widget("v1", "a", size="3Gi"))
        assert made.status == 201, made.json
        assert made.json["spec"] == {"size": "3Gi"}
        await api.send("POST", V2, widget("v2", "b", gi=5))
        found = await api.send("GET", f"{V2}/a")
        assert found.json["spec"] == {"gi": 3}
        assert found.json["apiVersion"] == "example.com/v2"
        assert found.json["metadata"] == made.json["metadata"]
        listed = (await api.send("GET", V1)).json["items"]
        assert [each["spec"] for each in listed] == [{"size": "3Gi"}, {"size": "5Gi"}]
        patched = await api.send("PATCH", f"{V1}/b", {"spec": {"size": "7Gi"}}, Content_Type=MERGE)
        assert patched.json["spec"] == {"size": "7Gi"}
        assert (await api.send("GET", f"{V2}/b")).json["spec"] == {"gi": 7}
        assert (await api.send("DELETE", f"{V1}/a")).status == 200
        assert (await api.send("GET", f"{V2}/a")).status == 404


async def test_a_watch_sees_its_own_version(api, pki):
    async with webhook(pki) as converter:
        await api.define(both_versions(pki, converter.port))
        await api.send("POST", V2, widget("v2", "a", gi=1))
        await api.send("DELETE", f"{V2}/a")
        listed = await api.send("GET", f"{V1}?watch=true&resourceVersion=1&timeoutSeconds=1")
        events = [json.loads(line) for line in listed.raw.splitlines()]
        seen = [(each["type"], each["object"]["spec"]) for each in events]
        assert seen == [("ADDED", {"size": "1Gi"}), ("DELETED", {"size": "1Gi"})]


async def test_what_the_webhook_refuses_is_told_until_it_does_not(api, pki):
    async with webhook(pki) as converter:
        await api.define(both_versions(pki, converter.port))
        converter.refuse = "not today"
        failed = await api.send("POST", V1, widget("v1", "a", size="3Gi"))
        assert failed.status == 500
        assert failed.json["message"] == (
            "conversion webhook for example.com/v1, Kind=Widget failed: not today"
        )
        assert (await api.send("POST", V2, widget("v2", "b", gi=5))).status == 201
        assert (await api.send("GET", f"{V2}/b")).json["spec"] == {"gi": 5}
        for path in (f"{V1}/b", V1, f"{V1}?resourceVersion=0", f"{V1}?watch=true"):
            found = await api.send("GET", path)
            if path.endswith("=0"):
                assert (found.status, found.json["items"]) == (200, [])  # as it was before
                continue
            assert found.status == 500, path
            assert found.json["message"] == (
                "conversion webhook for example.com/v2, Kind=Widget failed: not today"
            )
        converter.refuse = None
        assert (await api.send("GET", f"{V1}/b")).json["spec"] == {"size": "5Gi"}


async def test_a_webhook_that_is_not_there(api, pki):
    async with webhook(pki) as converter:
        port = converter.port
        await api.define(both_versions(pki, port))
        await api.send("POST", V2, widget("v2", "b", gi=5))
    failed = await api.send("POST", V1, widget("v1", "a", size="3Gi"))
    assert failed.json["message"] == (
        "conversion webhook for example.com/v1, Kind=Widget failed: "
        f'Post "https://127.0.0.1:{port}/convert?timeout=30s": '
        f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    )
    # The storage version needs nobody, and the definition can go.
    assert (await api.send("GET", f"{V2}/b")).json["spec"] == {"gi": 5}
    assert (await api.send("DELETE", f"{DEFINITIONS}/{NAME}")).status == 200
    await api.until(NAME, lambda found: found is None)


def behind_a_service(pki):
    body = both_versions(pki, 1)
    config = body["spec"]["conversion"]["webhook"]["clientConfig"]
    del config["url"]
    config["service"] = {"namespace": "default", "name": "converter", "path": "/convert"}
    return body


@pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")
@pytest.mark.parametrize(
    ("by_endpoints", "host", "port"),
    [
        pytest.param(False, "10.96.0.77", 443, id="by its cluster IP"),
        pytest.param(True, "10.244.0.7", 8443, id="by an endpoint"),
    ],
)
async def test_a_webhook_in_another_network(pki, by_endpoints, host, port):
    """The namespace stands for a node: addresses of Services and pods are there alone."""
    node = Namespace("node")
    node.run(f"ip address add {host}/32 dev lo")
    listener = node.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind((host, port))
    settings = {
        "backend_network_namespace": f"/proc/{os.getpid()}/fd/{node.fd}",
        "enable_aggregator_routing": by_endpoints,
    }
    service = {"clusterIP": "10.96.0.77", "ports": [{"name": "https", "port": 443}]}
    endpoints = {
        "metadata": {"name": "c", "labels": {"kubernetes.io/service-name": "converter"}},
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": ["10.244.0.6"], "conditions": {"ready": False}},
            {"addresses": ["10.244.0.7"]},
        ],
        "ports": [{"name": "https", "port": 8443}],
    }
    meta = {"name": "converter"}
    async with (
        webhook(pki, listener, "converter"),
        apiserver_of(pki, **settings) as apiserver,
        client(pki, apiserver.ports.https, "admin") as send,
    ):
        await send("POST", SERVICES, {"metadata": meta, "spec": service})
        assert (await send("POST", SLICES, endpoints)).status == 201
        await Api(apiserver, send).define(behind_a_service(pki))
        made = await send("POST", V1, widget("v1", "a", size="3Gi"))
        assert made.status == 201, made.json
        assert (await send("GET", f"{V2}/a")).json["spec"] == {"gi": 3}
    node.close()


async def test_a_webhook_behind_a_service_that_there_is_not(api, pki):
    await api.define(behind_a_service(pki))
    failed = await api.send("POST", V1, widget("v1", "a", size="3Gi"))
    assert failed.json["message"] == (
        "conversion webhook for example.com/v1, Kind=Widget failed: "
        'Post "https://converter.default.svc:443/convert?timeout=30s": '
        'service "converter" not found'
    )


async def test_objects_of_a_former_storage_version_are_read_through_the_webhook(api, pki):
    async with webhook(pki) as converter:
        body = both_versions(pki, converter.port)
        body["spec"]["versions"][0]["storage"] = True
        body["spec"]["versions"][1]["storage"] = False
        await api.define(body)
        await api.send("POST", V1, widget("v1", "a", size="3Gi"))
        turned = [dict(each) for each in body["spec"]["versions"]]
        turned[0]["storage"], turned[1]["storage"] = False, True
        before = api.apiserver.server.pipeline.catalog.known
        await api.change(NAME, {"spec": {"versions": turned}})
        async with asyncio.timeout(10):
            while api.apiserver.server.pipeline.catalog.known is before:
                await api.send("GET", V2)
        assert (await api.send("GET", f"{V2}/a")).json["spec"] == {"gi": 3}
        assert (await api.send("GET", f"{V1}/a")).json["spec"] == {"size": "3Gi"}
