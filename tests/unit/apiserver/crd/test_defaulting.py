"""Defaults fill what is not there."""

from __future__ import annotations

import pytest

from kubepy.apiserver.crd.defaulting import fill
from kubepy.apiserver.crd.structural import compile_schema

SEVEN = {"type": "integer", "default": 7}
DEEP = {"type": "object", "default": {}, "properties": {"x": SEVEN}}


@pytest.mark.parametrize(
    ("schema", "value", "filled"),
    [
        pytest.param({"properties": {"a": SEVEN}}, {}, {"a": 7}, id="absent"),
        pytest.param({"properties": {"a": SEVEN}}, {"a": 0}, {"a": 0}, id="there"),
        pytest.param({"properties": {"a": DEEP}}, {}, {"a": {"x": 7}}, id="a default has defaults"),
        pytest.param(
            {"properties": {"a": {"type": "object", "properties": {"x": SEVEN}}}},
            {},
            {},
            id="nothing below what is absent",
        ),
        pytest.param(
            {"properties": {"l": {"type": "array", "items": DEEP}}},
            {"l": [{}, {"x": 1}]},
            {"l": [{"x": 7}, {"x": 1}]},
            id="in a list",
        ),
        pytest.param(
            {"additionalProperties": DEEP}, {"k": {}}, {"k": {"x": 7}}, id="in a map's values"
        ),
        pytest.param({"properties": {"a": DEEP}}, {"a": 5}, {"a": 5}, id="of another type"),
    ],
)
def test_fill(schema, value, filled):
    assert fill(value, compile_schema({"type": "object", **schema})) == filled


def test_a_default_is_never_changed_by_what_is_made_of_it():
    schema = compile_schema({"type": "object", "properties": {"a": DEEP}})
    assert fill({}, schema) == {"a": {"x": 7}}
    assert schema.properties["a"].default == {}
