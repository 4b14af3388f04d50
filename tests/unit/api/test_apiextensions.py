"""A definition reads alike from JSON and protobuf, with schemas that contain schemas."""

from __future__ import annotations

import json

import pytest

from kubepy.api import codec, protobuf
from kubepy.api.apiextensions.v1 import CustomResourceDefinition

SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "$ref": "#/x",
    "type": "object",
    "default": {"a": [1, None]},
    "maximum": 10,
    "minimum": 0.5,
    "enum": ["a", 1],
    "items": {"type": "string"},
    "not": {"type": "string"},
    "properties": {"list": {"items": [{"type": "string"}, {"type": "integer"}]}},
    "additionalProperties": {"type": "integer"},
    "additionalItems": False,
    "dependencies": {"a": ["b"], "c": {"type": "string"}},
    "x-kubernetes-preserve-unknown-fields": True,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    "x-kubernetes-validations": [{"rule": "self.a", "optionalOldSelf": True}],
}


def definition(schema):
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "kind": "CustomResourceDefinition",
        "apiVersion": "apiextensions.k8s.io/v1",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"plural": "widgets", "kind": "Widget"},
            "scope": "Cluster",
            "versions": [version],
        },
        "status": {
            "conditions": None,
            "acceptedNames": {"plural": "", "kind": ""},
            "storedVersions": None,
        },
    }


def test_json_and_protobuf_agree():
    body = definition(SCHEMA)
    obj, problems = codec.decode_lenient(CustomResourceDefinition, json.dumps(body).encode())

    assert problems == []
    assert json.loads(codec.encode_typed(obj)) == body
    again = protobuf.decode(CustomResourceDefinition, protobuf.encode(codec.untyped(obj)))
    assert json.loads(codec.encode_typed(again)) == body


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        pytest.param({"foo": 1}, "foo", id="at the top"),
        pytest.param({"items": {"foo": 1}}, "items.foo", id="where a list might stand"),
        pytest.param({"items": [{"foo": 1}]}, "items.foo", id="inside of that list"),
        pytest.param(
            {"additionalProperties": {"foo": 1}},
            "additionalProperties.foo",
            id="where a boolean might stand",
        ),
    ],
)
def test_unknown_keywords_are_told(schema, problem):
    raw = json.dumps(definition(schema)).encode()
    path = "spec.versions[0].schema.openAPIV3Schema"
    assert codec.decode_lenient(CustomResourceDefinition, raw).problems == [
        f'unknown field "{path}.{problem}"'
    ]


def test_a_list_of_something_else_is_refused():
    raw = json.dumps(definition({"items": ["x"]})).encode()
    with pytest.raises(codec.DecodeError, match="cannot unmarshal string"):
        codec.decode_lenient(CustomResourceDefinition, raw)
