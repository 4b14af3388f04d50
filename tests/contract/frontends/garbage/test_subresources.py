"""Doors to the same object, answers that are forgotten, and the options of a delete."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api import scheme
from kubepy.api.meta.v1 import DeleteOptions

from .bench import APPLY, JSON_PATCH, MERGE, PROTOBUF, STRATEGIC, Bench, as_json, examples
from .documents import JUNK, grown, struct
from .samples import collection, name_of, sample

STREAMS = {"attach", "exec", "log", "portforward", "proxy"}  # no documents go in
TYPES = {  # of subresources whose kind lives in another group
    "Scale": "kubepy.api.autoscaling.v1",
    "Eviction": "kubepy.api.policy.v1",
    "TokenRequest": "kubepy.api.authentication.v1",
    "Binding": "kubepy.api.core.v1",
}


def doors() -> list[Any]:
    return [
        pytest.param(resource, sub, id=f"{resource.group_resource}/{resource.version}/{sub.name}")
        for resource in scheme.resources()
        for sub in resource.subresources
        if sub.name not in STREAMS
    ]


def type_of(resource: Any, sub: Any) -> Any:
    module = TYPES.get(sub.kind, resource.module)
    return getattr(__import__(module, fromlist=[sub.kind]), sub.kind)


@pytest.mark.parametrize(("resource", "sub"), doors())
@examples(3)
@given(data=st.data())
def test_doors(bench: Bench, resource: Any, sub: Any, data: st.DataObject) -> None:
    type_ = type_of(resource, sub)
    name = name_of(resource)
    base = {**sample(resource), "status": {}} if sub.kind == resource.kind else {}
    document = data.draw(grown(type_, {**base, "metadata": {"name": name}}))
    junk = data.draw(JUNK)
    path = collection(resource)
    created = bench.ask("POST", path, sample(resource))
    assert created.status == 201, created.raw
    try:
        knock(
            bench, f"{path}/{name}/{sub.name}", sub.kind, scheme.api_version(type_), document, junk
        )
        if bench.ask("GET", f"{path}/{name}").status == 200:
            bench.check_readable(path, f"{path}/{name}")
    finally:
        bench.remove(f"{path}/{name}")


def knock(bench: Bench, door: str, kind: str, version: str, document: Any, junk: Any) -> None:
    """Everything that can be sent to a door."""
    for method in ("GET", "PUT", "POST"):
        bench.ask(method, door, None if method == "GET" else as_json(document))
        bench.ask(method, door, None if method == "GET" else as_json(junk))
    for media_type in (MERGE, STRATEGIC):
        bench.ask("PATCH", door, as_json(document), media_type)
    bench.ask("PATCH", door, as_json([{"op": "add", "path": "/status", "value": junk}]), JSON_PATCH)
    applied = as_json({**document, "kind": kind, "apiVersion": version})
    bench.ask("PATCH", f"{door}?fieldManager=m&force=1", applied, APPLY)
    bench.ask("POST", door, b"k8s\x00\x0a\x00\x12\x04\x0a\x02\xff\xff", PROTOBUF)


@examples(3)
@given(data=st.data())
def test_delete_options(bench: Bench, data: st.DataObject) -> None:
    path = "/api/v1/namespaces/default/pods"
    pods = scheme.by_plural("", "v1", "pods")
    options = data.draw(
        struct(DeleteOptions) | grown(DeleteOptions, {"gracePeriodSeconds": 0}) | JUNK
    )
    assert bench.ask("POST", path, sample(pods)).status == 201
    for media_type in ("application/json", "application/yaml"):
        bench.ask("DELETE", f"{path}/a", as_json(options), media_type)
        bench.ask("DELETE", f"{path}?labelSelector=x%3Dy", as_json(options), media_type)
    if bench.ask("GET", f"{path}/a").status == 200:
        bench.check_kept(path, f"{path}/a")
    bench.remove(f"{path}/a")
