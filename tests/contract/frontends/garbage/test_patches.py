"""Patches and applies of every form that do not fit, or fit oddly."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api import scheme
from kubepy.api.scheme import Resource

from .bench import APPLY, JSON_PATCH, MERGE, STRATEGIC, Bench, as_json, examples
from .documents import JUNK, STRINGS, grown, texts
from .samples import collection, sample

KINDS = (
    ("", "v1", "pods"), ("", "v1", "services"), ("", "v1", "configmaps"), ("", "v1", "nodes"),
    ("apps", "v1", "deployments"), ("networking.k8s.io", "v1", "ingresses"),
    ("rbac.authorization.k8s.io", "v1", "roles"), ("autoscaling", "v1", "horizontalpodautoscalers"),
    ("apiextensions.k8s.io", "v1", "customresourcedefinitions"),
)  # fmt: skip
RESOURCES = [scheme.by_plural(*kind) for kind in KINDS]
INDEXES = ("0", "1", "-", "-1", "00", "99", "1e3", "9" * 30, "٣", "~0", "~1", "~2", "~", "")


def named(resource: Resource) -> str:
    return f"{resource.plural}.{resource.version}"


def places(document: Any) -> list[str]:
    """The pointers to all that is in a document."""
    found = [""]
    items: Any = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    for key, inner in items:
        part = str(key).replace("~", "~0").replace("/", "~1")
        found += [f"/{part}{place}" for place in places(inner)]
    return found


def pointers(document: Any) -> st.SearchStrategy[str]:
    there = st.sampled_from(places(document))
    odd = st.builds("{}/{}".format, there, st.sampled_from((*INDEXES, *STRINGS)))
    return there | odd | st.sampled_from(("a", "/" * 50, "//", "/-/-", "/metadata/-/-"))


@st.composite
def operations(draw: Any, document: Any) -> Any:
    pointer = pointers(document)
    op = st.sampled_from(("add", "remove", "replace", "move", "copy", "test", "", "ADD", None, 1))
    value = JUNK | texts
    step = st.fixed_dictionaries(
        {"op": op, "path": pointer}, optional={"from": pointer, "value": value}
    )
    steps = draw(st.lists(step | step | step | JUNK, max_size=4))
    return draw(st.just(steps) | JUNK) if draw(st.integers(0, 20)) == 0 else steps


DIRECTIVES = st.sampled_from(
    (
        ("$patch", "delete"), ("$patch", "replace"), ("$patch", "merge"), ("$patch", "odd"),
        ("$patch", None), ("$patch", 1), ("$patch", []), ("$patch", {}),
        ("$retainKeys", ["name"]), ("$retainKeys", []), ("$retainKeys", [None]),
        ("$retainKeys", [{}]), ("$retainKeys", "a"), ("$retainKeys", None), ("$retainKeys", {}),
        *((f"$deleteFromPrimitiveList/{name}", value) for name in ("finalizers", "args",
        "containers", "labels", "", "odd", "a/b") for value in (["a"], [], None, "a", [{}], [None],
        [[]], {})),
        *((f"$setElementOrder/{name}", value) for name in ("finalizers", "containers", "ports",
        "env", "labels", "", "odd") for value in ([{"name": "c"}], [], None, "a", [{}], [None],
        [[]], {}, [{"name": None}], [{"name": []}], [{"name": "c"}, {"name": "c"}], [1],
        ["a", "b"])),
        ("$deleteFromPrimitiveList", ["a"]), ("$setElementOrder", []), ("$odd", 1),
    )
)  # fmt: skip


@st.composite
def directed(draw: Any, document: Any) -> Any:
    """A strategic merge patch: a document with directives somewhere in it."""
    objects: list[dict] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            objects.append(value)
        for inner in (
            value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        ):
            collect(inner)

    collect(document)
    for _ in range(draw(st.integers(1, 3))):
        key, value = draw(DIRECTIVES)
        draw(st.sampled_from(objects))[key] = copy.deepcopy(value)
    return document


FIELDS = st.recursive(
    st.sampled_from(({}, {".": {}}, None, [], 1, "a")),
    lambda inner: st.dictionaries(
        st.sampled_from(
            (
                "f:metadata",
                "f:spec",
                "f:data",
                "f:k",
                ".",
                "f:",
                "k:",
                "v:",
                "i:",
                "i:0",
                "i:-1",
                "i:99999999999999999999",
                "k:{}",
                'k:{"name":"c"}',
                'k:{"name":null}',
                "k:[",
                "v:1",
                'v:"a"',
                "v:{",
                "x:a",
                "",
                "f",
                "f:\ud800",
                "f:containers",
                'k:{"containerPort":1e99,"protocol":{}}',
            )
        ),
        inner,
        max_size=3,
    ),
    max_leaves=6,
)
ENTRIES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "manager": texts | JUNK,
            "operation": st.sampled_from(("Apply", "Update", "", "Odd", None, 1)),
            "apiVersion": st.sampled_from(("v1", "apps/v1", "", "odd", "a/b/c", "v9", None)),
            "fieldsType": st.sampled_from(("FieldsV1", "", "FieldsV2", None)),
            "fieldsV1": FIELDS,
            "subresource": st.sampled_from(("", "status", "scale", "odd", "\x00")),
            "time": st.sampled_from(("2026-01-01T00:00:00Z", None, "x")),
        },
    ),
    max_size=3,
)


@pytest.fixture(scope="module", params=RESOURCES, ids=named)
def kept(bench: Bench, request: pytest.FixtureRequest) -> Any:
    """An object to patch: its resource, its path, and how it reads."""
    resource = request.param
    path = collection(resource)
    created = bench.ask("POST", path, sample(resource))
    assert created.status == 201, created.raw
    place = f"{path}/{created.json['metadata']['name']}"
    yield resource, place
    bench.remove(place)


def send(bench: Bench, place: str, raw: bytes, media_type: str, options: str = "") -> None:
    answer = bench.ask("PATCH", place + options, raw, media_type)
    if answer.status < 300:
        bench.check_kept(place.rpartition("/")[0], place)


@examples(12)
@given(data=st.data())
def test_json_patch(bench: Bench, kept: Any, data: st.DataObject) -> None:
    resource, place = kept
    steps = data.draw(operations(sample(resource)))
    send(bench, place, as_json(steps), JSON_PATCH)


@examples(12)
@given(data=st.data())
def test_merge_patch(bench: Bench, kept: Any, data: st.DataObject) -> None:
    resource, place = kept
    base = data.draw(st.sampled_from(({}, sample(resource))))
    send(bench, place, as_json(data.draw(grown(resource.type, base) | JUNK)), MERGE)


@examples(12)
@given(data=st.data())
def test_strategic_patch(bench: Bench, kept: Any, data: st.DataObject) -> None:
    resource, place = kept
    base = data.draw(st.sampled_from(({}, sample(resource))))
    document = data.draw(grown(resource.type, base))
    send(bench, place, as_json(data.draw(directed(document))), STRATEGIC)


@examples(12)
@given(data=st.data())
def test_apply(bench: Bench, kept: Any, data: st.DataObject) -> None:
    resource, place = kept
    document = data.draw(grown(resource.type, sample(resource)))
    options = data.draw(
        st.sampled_from(
            (
                "?fieldManager=m",
                "?fieldManager=m&force=true",
                "",
                "?fieldManager=%00",
                "?fieldManager=n&force=1&fieldValidation=Strict",
            )
        )
    )
    send(bench, place, as_json(document), APPLY, options)


@examples(12)
@given(entries=ENTRIES)
def test_managed_fields(bench: Bench, kept: Any, entries: Any) -> None:
    resource, place = kept
    send(bench, place, as_json({"metadata": {"managedFields": entries}}), MERGE)
    body = sample(resource)
    send(bench, place, as_json(body), APPLY, "?fieldManager=m&force=true")
    body["metadata"]["managedFields"] = entries
    send(bench, place, as_json(body), "application/merge-patch+json", "?fieldManager=x")
