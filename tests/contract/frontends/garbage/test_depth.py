"""Documents as deep as they come: refused, or kept and readable in every form."""

from __future__ import annotations

import pytest

from kubepy.api import scheme

from .bench import APPLY, JSON_PATCH, MERGE, STRATEGIC, Bench, as_json
from .samples import sample

MAPS = "/api/v1/namespaces/default/configmaps"
REVISIONS = "/apis/apps/v1/namespaces/default/controllerrevisions"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
DEPTHS = (30, 90, 100, 150, 180, 195, 196, 197, 198, 199, 200, 201, 330, 990, 100_000)


def lists(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def objects(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


def schemas(depth: int) -> bytes:
    properties = (
        b'{"type":"object","properties":{"a":' * depth + b'{"type":"string"}' + b"}}" * depth
    )
    return properties


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("shape", [lists, objects])
def test_any_json(bench: Bench, shape, depth: int) -> None:
    deep = shape(depth)
    body = b'{"metadata":{"name":"a"},"revision":1,"data":%b}' % deep
    bench.create(REVISIONS, body)
    bench.create(REVISIONS, body, "application/yaml")
    bench.create(MAPS, b'{"metadata":{"name":"a"},"data":%b}' % deep)
    bench.create(MAPS, deep)
    bench.create(MAPS, b'{"metadata":{"name":"a"},"odd":%b}' % deep)


@pytest.mark.parametrize("depth", DEPTHS)
def test_patches(bench: Bench, depth: int) -> None:
    bench.ask("POST", REVISIONS, {"metadata": {"name": "p"}, "revision": 1, "data": {}})
    place = f"{REVISIONS}/p"
    deep = objects(depth)
    bench.ask("PATCH", place, b'{"data":%b}' % deep, MERGE)
    bench.ask("PATCH", place, b'{"data":%b}' % deep, STRATEGIC)
    bench.ask("PATCH", place, b'{"metadata":{"labels":%b}}' % deep, STRATEGIC)
    bench.ask("PATCH", place, b'[{"op":"add","path":"/data","value":%b}]' % deep, JSON_PATCH)
    bench.ask("PATCH", place, b'[{"op":"test","path":"/data","value":%b}]' % deep, JSON_PATCH)
    applied = (
        b'{"kind":"ControllerRevision","apiVersion":"apps/v1","metadata":{"name":"p"},'
        b'"revision":1,"data":%b}'
    )
    bench.ask("PATCH", place + "?fieldManager=m&force=1", applied % deep, APPLY)
    bench.ask(
        "PATCH",
        f"{REVISIONS}/q?fieldManager=m&force=1",
        applied.replace(b'"p"', b'"q"') % deep,
        APPLY,
    )
    entry = (
        b'{"metadata":{"managedFields":[{"manager":"m","operation":"Apply","apiVersion":"apps/v1",'
        b'"fieldsType":"FieldsV1","fieldsV1":%b}]}}'
    )
    bench.ask("PATCH", place, entry % (b'{"f:a":' * depth + b"{}" + b"}" * depth), MERGE)
    bench.check_kept(REVISIONS, place)
    bench.remove(place)
    if bench.ask("GET", f"{REVISIONS}/q").status == 200:
        bench.check_kept(REVISIONS, f"{REVISIONS}/q")
        bench.remove(f"{REVISIONS}/q")


@pytest.mark.parametrize("depth", DEPTHS)
def test_schemas(bench: Bench, depth: int) -> None:
    definition = scheme.by_plural("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    body = sample(definition)
    body["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = 1234567
    bench.create(DEFINITIONS, as_json(body).replace(b"1234567", schemas(depth)))


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("shape", [lists, objects])
def test_custom(bench: Bench, shape, depth: int) -> None:
    definition = scheme.by_plural("apiextensions.k8s.io", "v1", "customresourcedefinitions")
    body = sample(definition)
    schema = body["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    body["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = {
        **schema,
        "x-kubernetes-preserve-unknown-fields": True,
    }
    if bench.ask("GET", f"{DEFINITIONS}/ws.g.example.com").status == 404:
        bench.ask("POST", DEFINITIONS, body)
    path = "/apis/g.example.com/v1/namespaces/default/ws"
    head = b'{"kind":"W","apiVersion":"g.example.com/v1","metadata":{"name":"a"},"x":%b}'
    deep = shape(depth)
    for form in ("application/json", "application/yaml"):
        created = bench.ask("POST", path, head % deep, form)
        if created.status == 201:
            for accept in (
                "application/json",
                "application/yaml",
                "application/json;as=Table;g=meta.k8s.io;v=v1",
            ):
                assert bench.ask("GET", path, Accept=accept).status == 200
                assert bench.ask("GET", path + "/a", Accept=accept).status == 200
            again = bench.ask("PUT", path + "/a", bench.ask("GET", path + "/a").raw)
            assert again.status == 200, again.raw
            bench.ask("PATCH", path + "/a", b'{"y":%b}' % deep, MERGE)
            bench.ask(
                "PATCH", path + "/a", b'[{"op":"add","path":"/z","value":%b}]' % deep, JSON_PATCH
            )
            bench.ask("PATCH", path + "/a?fieldManager=m&force=1", head % deep, APPLY)
            assert bench.ask("GET", path + "/a", Accept="application/yaml").status == 200
            bench.remove(path + "/a")
