"""Who owns what of a custom object, by its schema."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.apiserver.crd import shapes
from kubepy.apiserver.crd.structural import compile_schema
from kubepy.meta.managed import checks, typed

TEXT = {"type": "string"}
PAIR = {
    "type": "object",
    "properties": {"name": TEXT, "port": {"type": "integer", "default": 80}},
}
SPEC = {
    "plain": TEXT,
    "list": {"type": "array", "items": TEXT},
    "set": {"type": "array", "items": TEXT, "x-kubernetes-list-type": "set"},
    "keyed": {
        "type": "array",
        "items": PAIR,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name", "port"],
    },
    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "whole": {**PAIR, "x-kubernetes-map-type": "atomic"},
    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    "number": {"x-kubernetes-int-or-string": True},
    "inner": {"type": "object", "x-kubernetes-embedded-resource": True},
}


def shape(*, keep_all: bool = False):
    spec = {"type": "object", "properties": SPEC}
    schema = compile_schema({"type": "object", "properties": {"spec": spec}})
    return shapes.shape_of(schema, keep_all=keep_all)


def below(fields: dict[str, Any]) -> dict[str, Any]:
    """Without the values themselves, whose parts are owned."""
    return {name: below(inner) for name, inner in fields.items() if name != "."}


@pytest.mark.parametrize(
    ("spec", "owned"),
    [
        pytest.param({"plain": "a"}, {"f:plain": {}}, id="a scalar"),
        pytest.param({"list": ["a", "b"]}, {"f:list": {}}, id="a list is one value"),
        pytest.param({"set": ["a"]}, {"f:set": {'v:"a"': {}}}, id="a set by its items"),
        pytest.param(
            {"keyed": [{"name": "a"}]},
            {"f:keyed": {'k:{"name":"a","port":80}': {"f:name": {}}}},
            id="a keyed list, with the default of a key",
        ),
        pytest.param({"map": {"a": 1}}, {"f:map": {"f:a": {}}}, id="a map by its keys"),
        pytest.param({"whole": {"name": "a"}}, {"f:whole": {}}, id="an atomic map"),
        pytest.param(
            {"free": {"a": {"b": [1]}}}, {"f:free": {"f:a": {"f:b": {}}}}, id="anything goes"
        ),
        pytest.param({"number": "5%"}, {"f:number": {}}, id="a number or a string"),
        pytest.param(
            {"inner": {"kind": "A", "metadata": {"name": "a"}}},
            {"f:inner": {"f:kind": {}, "f:metadata": {"f:name": {}}}},
            id="an object inside",
        ),
    ],
)
def test_what_is_owned(spec: dict[str, Any], owned: dict[str, Any]) -> None:
    found = typed.whole(shape(), {"spec": spec})["f:spec"]
    assert below(found) == owned


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param({"kind": "A", "metadata": {"labels": {}}}, "", id="every object's own"),
        pytest.param(
            {"spec": {"nope": 1}}, ".spec.nope: field not declared in schema", id="unknown"
        ),
        pytest.param(
            {"spec": {"set": ["a", "a"]}},
            '.spec.set: duplicate entries for key [="a"]',
            id="twice in a set",
        ),
    ],
)
def test_what_does_not_fit(value: dict[str, Any], said: str) -> None:
    assert checks.complaint(shape(), value) == said


def test_where_nothing_is_pruned_anything_fits() -> None:
    assert checks.complaint(shape(keep_all=True), {"other": {"a": 1}}) == ""
