"""Sets and maps hold nothing twice."""

from __future__ import annotations

import pytest

from kubepy.apiserver.crd.listtypes import duplicates
from kubepy.apiserver.crd.structural import compile_schema

SET = {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}
MAP = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name", "port"],
    "items": {"type": "object", "properties": {"name": {}, "port": {}, "tags": SET}},
}


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        pytest.param(SET, ["a", "b"], [], id="all different"),
        pytest.param(SET, ["a", "b", "a", "a"], ['v[2]: Duplicate value: "a"'], id="told once"),
        pytest.param(
            MAP,
            [{"name": "x", "port": 1, "z": 1}, {"name": "x", "port": 1}],
            ['v[1]: Duplicate value: {"name":"x","port":1}'],
            id="equal keys",
        ),
        pytest.param(MAP, [{"name": "x"}, {"name": "x", "port": 1}], [], id="other keys"),
        pytest.param(
            MAP,
            [{"name": "x", "tags": ["a", "a"]}],
            ['v[0].tags[1]: Duplicate value: "a"'],
            id="a set in a map",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": SET},
            {"k": ["a", "a"]},
            ['v[k][1]: Duplicate value: "a"'],
            id="a set among a map's values",
        ),
        pytest.param(SET, "no list", [], id="of another type"),
    ],
)
def test_duplicates(schema, value, found):
    wrapped = compile_schema({"type": "object", "properties": {"v": schema}})
    assert [str(each) for each in duplicates({"v": value}, wrapped)] == found
