"""What does not fit a schema is told in Kubernetes' words."""

from __future__ import annotations

import pytest

from kubepy.apiserver.crd.structural import compile_schema
from kubepy.apiserver.crd.values import validate

TEXT, NUMBER, INTEGER = {"type": "string"}, {"type": "number"}, {"type": "integer"}
REQUIRES_A, REQUIRES_B = {"required": ["a"]}, {"required": ["b"]}
FOREIGN = 'must be of type integer: "string"'


def complaints(schema, value, **more):
    wrapped = compile_schema({"type": "object", "properties": {"v": schema}})
    return [f"{each.field}: {each.body}" for each in validate({"v": value}, wrapped, **more)]


@pytest.mark.parametrize(
    ("schema", "value", "complaint"),
    [
        pytest.param(INTEGER, "x", f'Invalid value: "string": v in body {FOREIGN}', id="type"),
        pytest.param(
            INTEGER, True, 'Invalid value: "boolean": v in body must be of type integer: "boolean"',
            id="a boolean is no number",
        ),
        pytest.param(
            {"x-kubernetes-int-or-string": True}, 1.5,
            'Invalid value: "number": v in body must be of type integer,string: "number"',
            id="neither integer nor string",
        ),
        pytest.param(
            {**TEXT, "format": "date-time"}, 5,
            'Invalid value: "int64": v in body must be of type date-time: "int64"',
            id="a number where a format is",
        ),
        pytest.param(
            {**TEXT, "format": "date"}, "x",
            'Invalid value: "x": v in body must be of type date: "x"', id="format",
        ),
        pytest.param(
            {**TEXT, "pattern": "^a+$"}, "b",
            "Invalid value: \"b\": v in body should match '^a+$'", id="pattern",
        ),
        pytest.param(
            {**TEXT, "maxLength": 2}, "abc", "Too long: may not be more than 2 bytes", id="long"
        ),
        pytest.param(
            {**TEXT, "minLength": 2}, "a",
            'Invalid value: "a": v in body should be at least 2 chars long', id="short",
        ),
        pytest.param(
            {**INTEGER, "maximum": 9.0}, 10,
            "Invalid value: 10: v in body should be less than or equal to 9", id="maximum",
        ),
        pytest.param(
            {**NUMBER, "maximum": 2, "exclusiveMaximum": True}, 2,
            "Invalid value: 2: v in body should be less than 2", id="exclusive maximum",
        ),
        pytest.param(
            {**NUMBER, "minimum": 0.5, "exclusiveMinimum": True}, 0.5,
            "Invalid value: 0.5: v in body should be greater than 0.5", id="exclusive minimum",
        ),
        pytest.param(
            {**NUMBER, "multipleOf": 0.5}, 0.3,
            "Invalid value: 0.3: v in body should be a multiple of 0.5", id="multiple",
        ),
        pytest.param(
            {**INTEGER, "multipleOf": 2}, 3,
            "Invalid value: 3: v in body should be a multiple of 2", id="multiple of an integer",
        ),
        pytest.param(
            {"type": "array", "items": TEXT, "maxItems": 1}, ["a", "b"],
            "Too many: 2: must have at most 1 item", id="items",
        ),
        pytest.param(
            {"type": "array", "items": TEXT, "minItems": 1}, [],
            "Invalid value: 0: v in body should have at least 1 items", id="too few items",
        ),
        pytest.param(
            {"type": "object", "minProperties": 1}, {},
            "Invalid value: 0: v in body should have at least 1 properties", id="too few fields",
        ),
        pytest.param(
            {**TEXT, "enum": ["a", "b"]}, "c",
            'Unsupported value: "c": supported values: "a", "b"', id="enumeration",
        ),
        pytest.param(
            {**INTEGER, "enum": [1]}, 2, 'Unsupported value: 2: supported values: "1"',
            id="enumeration of numbers",
        ),
    ],
)  # fmt: skip
def test_one_complaint(schema, value, complaint):
    assert complaints(schema, value) == [f"v: {complaint}"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        pytest.param(INTEGER, 2.0, id="a whole number is an integer"),
        pytest.param(NUMBER, 2, id="an integer is a number"),
        pytest.param({**TEXT, "nullable": True}, None, id="null where it may be"),
        pytest.param({"enum": [1]}, 1, id="enumeration"),
        pytest.param({**TEXT, "format": "no-such"}, "x", id="a format that nobody knows"),
        pytest.param({"anyOf": [REQUIRES_A, REQUIRES_B]}, {"b": 1}, id="one alternative"),
        pytest.param({"not": {"enum": ["x"]}}, "y", id="not"),
        pytest.param({}, [{"any": None}], id="no type at all"),
        pytest.param({**TEXT, "maxLength": 1}, "ä", id="length counts characters"),
    ],
)
def test_fits(schema, value):
    assert complaints(schema, value) == []


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        pytest.param(
            {"anyOf": [REQUIRES_A, REQUIRES_B]}, {},
            ['"v" must validate at least one schema (anyOf)', "v.a: Required value"],
            id="no alternative, and what the best one lacks",
        ),
        pytest.param(
            {"oneOf": [REQUIRES_A, REQUIRES_B]}, {"a": 1, "b": 1},
            ['"v" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
            id="both alternatives",
        ),
        pytest.param(
            {"oneOf": [REQUIRES_A, REQUIRES_B]}, {},
            ['"v" must validate one and only one schema (oneOf). Found none valid',
             "v.a: Required value"],
            id="neither alternative",
        ),
        pytest.param(
            {"allOf": [REQUIRES_A]}, {},
            ["v.a: Required value", '"v" must validate all the schemas (allOf). None validated'],
            id="all of none",
        ),
        pytest.param(
            {"not": REQUIRES_A}, {"a": 1}, ['"v" must not validate the schema (not)'], id="not",
        ),
    ],
)  # fmt: skip
def test_combinations(schema, value, expected):
    found = complaints(schema, value)
    assert [each.removeprefix('<nil>: Invalid value: "": ') for each in found] == expected


def test_the_root_is_left_out_of_messages():
    schema = compile_schema({"type": "object", "properties": {"phase": TEXT}})
    (error,) = validate({"phase": 7}, schema, "status")
    assert error.field == "status.phase"
    assert error.detail == 'phase in body must be of type string: "integer"'


LIMITED = {**INTEGER, "maximum": 5}
KEYED = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "items": {"type": "object", "properties": {"name": TEXT, "n": LIMITED}},
}


@pytest.mark.parametrize(
    ("schema", "old", "new", "wrong"),
    [
        pytest.param(LIMITED, 9, 9, [], id="as it was"),
        pytest.param(LIMITED, 9, 8, ["v"], id="changed, and still wrong"),
        pytest.param(
            {"type": "object", "properties": {"a": LIMITED, "b": LIMITED}},
            {"a": 9, "b": 1},
            {"a": 9, "b": 9},
            ["v.b"],
            id="only what has changed",
        ),
        pytest.param(
            KEYED,
            [{"name": "x", "n": 9}],
            [{"name": "y", "n": 9}, {"name": "x", "n": 9}],
            ["v[0].n"],
            id="elements are found by their keys",
        ),
        pytest.param(
            {"type": "array", "items": LIMITED}, [9], [9, 1], ["v[0]"], id="other elements are not"
        ),
        pytest.param({"allOf": [LIMITED], **INTEGER}, 9, 9, [], id="all of a value that is equal"),
    ],
)
def test_ratcheting(schema, old, new, wrong):
    wrapped = compile_schema({"type": "object", "properties": {"v": schema}})
    found = validate({"v": new}, wrapped, old={"v": old})
    assert [each.field for each in found] == wrong
