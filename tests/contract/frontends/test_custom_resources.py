"""Custom resources over REST: from the definition to the last object."""

from __future__ import annotations

import asyncio
import copy
import json

import pytest

from kubepy.api import scheme
from kubepy.api.meta.v1 import ListOptions
from kubepy.apiserver.server import ADMIN
from kubepy.meta.calls import Call

from .conftest import apiserver_of, client

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"
RESOURCE = scheme.by_plural("apiextensions.k8s.io", "v1", "customresourcedefinitions")
MERGE = "application/merge-patch+json"
NAME = "widgets.example.com"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"

SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer", "maximum": 9},
                "color": {"type": "string", "default": "red"},
            },
        },
        "status": {"type": "object", "properties": {"ready": {"type": "boolean"}}},
    },
}


def definition(plural="widgets", kind="Widget", schema=SCHEMA, **changes):
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": schema},
        **changes.pop("version", {}),
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind, "shortNames": ["wd"]},
            "versions": [version],
            **changes,
        },
    }


def widget(name, **spec):
    return {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": name},
        "spec": spec,
    }


class Api:
    """A server with a REST client, and a view of its definitions."""

    def __init__(self, apiserver, send):
        self.apiserver = apiserver
        self.send = send

    async def until(self, name, holds):
        """Wait for a definition to be as wanted; None: for it to be gone."""
        call = Call("watch", RESOURCE, options=ListOptions(fieldSelector=f"metadata.name={name}"))
        watch = await self.apiserver.handler.watch(call, ADMIN)
        async with asyncio.timeout(10):
            while True:
                for event in await watch.batch():
                    found = None if event.type == "DELETED" else event.object
                    if holds(found):
                        watch.close()
                        return found

    async def define(self, body, established=True):
        answer = await self.send("POST", DEFINITIONS, body)
        assert answer.status == 201, answer.json
        wanted = "True" if established else "False"
        return await self.until(
            body["metadata"]["name"],
            lambda found: condition(found, "Established") == wanted,
        )

    async def change(self, name, patch):
        answer = await self.send("PATCH", f"{DEFINITIONS}/{name}", patch, Content_Type=MERGE)
        assert answer.status == 200, answer.json
        return answer.json


def condition(found, type_):
    conditions = (found.status.conditions or ()) if found else ()
    return next((each.status for each in conditions if each.type == type_), "")


@pytest.fixture
async def api(pki):
    async with apiserver_of(pki) as apiserver, client(pki, apiserver.ports.https, "admin") as send:
        yield Api(apiserver, send)


async def test_a_kind_is_in_discovery_and_openapi_once_it_is_established(api):
    await api.define(definition())
    listed = (await api.send("GET", "/apis/example.com/v1")).json["resources"]
    assert [each["name"] for each in listed] == ["widgets", "widgets/status"]
    groups = (await api.send("GET", "/apis")).json["groups"]
    assert groups[-1]["name"] == "example.com"
    document = (await api.send("GET", "/openapi/v3/apis/example.com/v1")).json
    shown = document["components"]["schemas"]["com.example.v1.Widget"]["properties"]
    assert set(shown) == {"apiVersion", "kind", "metadata", "spec", "status"}
    old = (await api.send("GET", "/openapi/v2")).json
    assert "com.example.v1.Widget" in old["definitions"]
    assert "/apis/example.com/v1/widgets" in old["paths"]


async def test_an_object_is_pruned_filled_in_and_judged(api):
    await api.define(definition())
    created = await api.send("POST", WIDGETS, widget("a", size=3, nope=1))
    assert created.status == 201
    assert created.json["spec"] == {"size": 3, "color": "red"}
    assert created.headers["Warning"] == '299 - "unknown field \\"spec.nope\\""'
    refused = await api.send("POST", WIDGETS, widget("b", size=30))
    assert refused.status == 422
    assert refused.json["details"]["causes"][0]["field"] == "spec.size"
    strict = await api.send("POST", f"{WIDGETS}?fieldValidation=Strict", widget("b", nope=1))
    assert strict.status == 400
    twice = json.dumps(widget("t", size=1)).replace('"size": 1', '"size": 1, "size": 2').encode()
    doubled = await api.send("POST", WIDGETS, twice)
    assert doubled.json["spec"]["size"] == 2
    assert doubled.headers["Warning"] == '299 - "duplicate field \\"spec.size\\""'


async def test_status_is_a_door_of_its_own(api):
    await api.define(definition())
    created = (await api.send("POST", WIDGETS, {**widget("a"), "status": {"ready": True}})).json
    assert "status" not in created
    patch = {"status": {"ready": True}, "spec": {"size": 5}}
    shown = await api.send("PATCH", f"{WIDGETS}/a/status", patch, Content_Type=MERGE)
    assert (shown.json["status"], shown.json["spec"]) == ({"ready": True}, {"color": "red"})
    assert shown.json["metadata"]["generation"] == 1
    changed = await api.send("PATCH", f"{WIDGETS}/a", {"spec": {"size": 5}}, Content_Type=MERGE)
    assert changed.json["metadata"]["generation"] == 2


async def test_a_kind_can_be_cluster_wide(api):
    body = definition(scope="Cluster")
    await api.define(body)
    assert (await api.send("POST", "/apis/example.com/v1/widgets", widget("a"))).status == 201
    assert (await api.send("GET", WIDGETS)).status == 404


async def test_columns_and_selectable_fields(api):
    version = {
        "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
        "selectableFields": [{"jsonPath": ".spec.color"}],
    }
    await api.define(definition(version=version))
    await api.send("POST", WIDGETS, widget("a", size=3))
    await api.send("POST", WIDGETS, widget("b", color="blue"))
    table = (await api.send("GET", WIDGETS, Accept=TABLE)).json
    assert [row["cells"] for row in table["rows"]] == [["a", 3], ["b", None]]
    found = (await api.send("GET", f"{WIDGETS}?fieldSelector=spec.color%3Dblue")).json
    assert [item["metadata"]["name"] for item in found["items"]] == ["b"]
    refused = await api.send("GET", f"{WIDGETS}?fieldSelector=spec.size%3D3")
    assert refused.json["message"] == "field label not supported: spec.size"


async def test_a_stricter_schema_lets_old_values_be(api):
    await api.define(definition())
    await api.send("POST", WIDGETS, widget("a", size=9))
    stricter = copy.deepcopy(SCHEMA)
    stricter["properties"]["spec"]["properties"]["size"]["maximum"] = 5
    await redefine(api, stricter)
    kept = await api.send("PATCH", f"{WIDGETS}/a", {"spec": {"color": "x"}}, Content_Type=MERGE)
    assert (kept.status, kept.json["spec"]) == (200, {"size": 9, "color": "x"})
    refused = await api.send("PATCH", f"{WIDGETS}/a", {"spec": {"size": 8}}, Content_Type=MERGE)
    assert refused.status == 422


async def redefine(api, schema):
    """Give the kind another schema, and wait until that is what new objects are judged by."""
    versions = definition(schema=schema)["spec"]["versions"]
    before = api.apiserver.server.pipeline.catalog.known
    await api.change(NAME, {"spec": {"versions": versions}})
    async with asyncio.timeout(10):
        while api.apiserver.server.pipeline.catalog.known is before:
            await api.send("GET", WIDGETS)


async def test_a_new_default_shows_in_what_is_stored_and_watches_begin_anew(api):
    await api.define(definition())
    await api.send("POST", WIDGETS, widget("a"))
    watch = await api.apiserver.handler.watch(
        Call("watch", api.apiserver.server.pipeline.store("widgets", "example.com").resource),
        ADMIN,
    )
    await watch.batch()
    changed = copy.deepcopy(SCHEMA)
    changed["properties"]["spec"]["properties"]["shape"] = {"type": "string", "default": "round"}
    await redefine(api, changed)
    shown = (await api.send("GET", f"{WIDGETS}/a")).json
    assert shown["spec"] == {"color": "red", "shape": "round"}
    assert list(await watch.batch()) == []


async def test_versions_show_the_same_object(api):
    old = {
        "name": "v1beta1",
        "served": True,
        "storage": False,
        "deprecated": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {
            "type": "object", "properties": {"size": {"type": "integer"}}}}}},
    }  # fmt: skip
    body = definition()
    body["spec"]["versions"].append(old)
    await api.define(body)
    await api.send("POST", WIDGETS, widget("a", size=3))
    shown = await api.send("GET", WIDGETS.replace("v1", "v1beta1", 1) + "/a")
    assert shown.json["apiVersion"] == "example.com/v1beta1"
    assert shown.json["spec"] == {"size": 3}
    assert shown.headers["Warning"] == '299 - "example.com/v1beta1 Widget is deprecated"'
    group = (await api.send("GET", "/apis/example.com")).json
    assert [each["version"] for each in group["versions"]] == ["v1", "v1beta1"]


async def test_names_are_given_once(api):
    await api.define(definition())
    second = definition("gadgets", "Widget")
    second["spec"]["names"]["shortNames"] = []
    found = await api.define(second, established=False)
    assert condition(found, "NamesAccepted") == "False"
    assert (await api.send("GET", WIDGETS.replace("widgets", "gadgets"))).status == 404
    await api.send("DELETE", f"{DEFINITIONS}/{NAME}")
    await api.until("gadgets.example.com", lambda found: condition(found, "Established") == "True")


async def test_a_deleted_definition_waits_for_its_objects(api):
    await api.define(definition())
    await api.send("POST", WIDGETS, widget("a"))
    held = widget("b")
    held["metadata"]["finalizers"] = ["example.com/f"]
    await api.send("POST", WIDGETS, held)
    await api.send("DELETE", f"{DEFINITIONS}/{NAME}")
    await api.until(
        NAME,
        lambda found: any(
            each.reason == "InstanceDeletionInProgress" for each in found.status.conditions
        ),
    )
    refused = await api.send("POST", WIDGETS, widget("c"))
    assert refused.status == 403
    freed = {"metadata": {"finalizers": None}}
    assert (await api.send("PATCH", f"{WIDGETS}/b", freed, Content_Type=MERGE)).status == 200
    async with asyncio.timeout(10):
        while (await api.send("GET", f"{DEFINITIONS}/{NAME}")).status != 404:
            pass
        while (await api.send("GET", WIDGETS)).status != 404:
            pass
    assert (await api.send("GET", "/apis/example.com")).raw == b"404 page not found\n"


async def test_kinds_are_there_again_after_a_restart(pki, tmp_path):
    from kubepy.base.clock import SystemClock
    from kubepy.storage import sqlite

    path = str(tmp_path / "store.db")
    for start in range(2):
        store = await sqlite.open(path, clock=SystemClock())
        async with (
            apiserver_of(pki, store=store) as apiserver,
            client(pki, apiserver.ports.https, "admin") as send,
        ):
            if start == 0:
                await Api(apiserver, send).define(definition())
                assert (await send("POST", WIDGETS, widget("a", size=3))).status == 201
            shown = await send("GET", f"{WIDGETS}/a")
            assert shown.json["spec"] == {"size": 3, "color": "red"}


async def test_a_stored_object_of_another_server_is_read_as_it_should_be(api):
    await api.define(definition())
    foreign = {**widget("a", nope=1), "metadata": {"name": "a", "namespace": "default"}}
    await api.apiserver.server.store.write(
        "/registry/example.com/widgets/default/a", json.dumps(foreign).encode(), expect=0
    )
    async with asyncio.timeout(10):
        while (shown := await api.send("GET", f"{WIDGETS}/a")).status != 200:
            pass
    assert shown.json["spec"] == {"color": "red"}


async def test_an_expensive_rule_holds_nobody_up(api):
    """Its evaluation takes hundreds of times as long as a request, and ends in time."""
    rule = "self.spec.sizes.all(x, self.spec.sizes.all(y, x + y >= 0))"
    sizes = {"type": "array", "maxItems": 1000, "items": {"type": "integer"}}
    schema = {
        "type": "object",
        "x-kubernetes-validations": [{"rule": rule}],
        "properties": {"spec": {"type": "object", "properties": {"sizes": sizes}}},
    }
    await api.define(definition(schema=schema))
    body = widget("a", sizes=list(range(1000)))
    expensive = asyncio.create_task(api.send("POST", WIDGETS, body))
    for _ in range(3):
        assert (await api.send("GET", WIDGETS)).json["items"] == []
    assert not expensive.done()
    answer = await expensive
    assert answer.status == 422
    assert "call cost exceeds limit for rule" in answer.json["message"]
