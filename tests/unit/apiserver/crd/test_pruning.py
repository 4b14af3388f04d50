"""Pruning takes away what a schema does not know, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.apiserver.crd.defaulting import fill
from kubepy.apiserver.crd.pruning import prune
from kubepy.apiserver.crd.structural import compile_schema

TEXT = {"type": "string"}
PRESERVED = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def objects(**properties):
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("schema", "value", "pruned", "unknown"),
    [
        pytest.param(objects(a=TEXT), {"a": "1", "x": 2}, {"a": "1"}, ["x"], id="a field"),
        pytest.param(
            objects(a=objects(b=TEXT)),
            {"a": {"b": "1", "x": 2}},
            {"a": {"b": "1"}},
            ["a.x"],
            id="a field further below",
        ),
        pytest.param(
            objects(a={"type": "array", "items": objects(b=TEXT)}),
            {"a": [{"b": "1"}, {"x": 1}]},
            {"a": [{"b": "1"}, {}]},
            ["a[1].x"],
            id="in a list",
        ),
        pytest.param(
            objects(a={"type": "object", "additionalProperties": objects(b=TEXT)}),
            {"a": {"k": {"b": "1", "x": 1}}},
            {"a": {"k": {"b": "1"}}},
            ["a.k.x"],
            id="in a map's values",
        ),
        pytest.param(
            objects(a={**PRESERVED, "properties": {"b": objects(c=TEXT)}}),
            {"a": {"x": {"y": [None]}, "b": {"c": "1", "z": 2}}},
            {"a": {"x": {"y": [None]}, "b": {"c": "1"}}},
            ["a.b.z"],
            id="kept where it is preserved, but not in what is known there",
        ),
        pytest.param(
            objects(a={**PRESERVED, "x-kubernetes-embedded-resource": True}),
            {"a": {"kind": "X", "metadata": {"name": "n", "x": 1}, "data": 1}},
            {"a": {"kind": "X", "metadata": {"name": "n"}, "data": 1}},
            ["a.metadata.x"],
            id="metadata of an embedded object",
        ),
        pytest.param(objects(a=TEXT), {"a": None}, {}, [], id="a null that is not allowed"),
        pytest.param(
            objects(a={**TEXT, "nullable": True}), {"a": None}, {"a": None}, [], id="one that is"
        ),
        pytest.param(objects(a={"type": "integer"}), {"a": 2.0}, {"a": 2}, [], id="a whole number"),
        pytest.param(objects(a={"type": "number"}), {"a": 2.5}, {"a": 2.5}, [], id="another one"),
        pytest.param(objects(a=TEXT), {"a": {"x": 1}}, {"a": {}}, ["a.x"], id="of another type"),
    ],
)
def test_prune(schema, value, pruned, unknown):
    assert prune(value, compile_schema(schema)) == (pruned, unknown)


def test_what_does_not_change_is_shared():
    value = {"a": {"b": "1"}, "c": {"x": 1}}
    pruned, _ = prune(value, compile_schema(objects(a=objects(b=TEXT), c=objects())))
    assert pruned["a"] is value["a"]
    assert value == {"a": {"b": "1"}, "c": {"x": 1}}


names = st.sampled_from(["a", "b", "c"])
schemas = st.recursive(
    st.sampled_from(
        [TEXT, {"type": "integer", "default": 1}, {"type": "string", "nullable": True}, PRESERVED]
    ),
    lambda inner: st.one_of(
        st.dictionaries(names, inner, max_size=3).map(lambda found: objects(**found)),
        inner.map(lambda items: {"type": "array", "items": items}),
        inner.map(lambda values: {"type": "object", "additionalProperties": values}),
        st.dictionaries(names, inner, max_size=2).map(
            lambda found: {**PRESERVED, "properties": found, "default": {}}
        ),
    ),
    max_leaves=6,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("xy", max_size=2) | st.just(1.5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)


@given(schemas, json_values)
def test_pruning_and_filling_twice_changes_nothing_more(raw, value):
    schema = compile_schema(raw)
    once, _ = prune(value, schema)
    assert prune(once, schema) == (once, [])
    filled = fill(once, schema)
    assert fill(filled, schema) == filled


@given(schemas, json_values)
def test_arguments_stay_as_they_are(raw, value):
    schema = compile_schema(raw)
    before = repr(value)
    fill(prune(value, schema)[0], schema)
    assert repr(value) == before
