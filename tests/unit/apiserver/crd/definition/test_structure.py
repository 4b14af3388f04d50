"""Which schemas are structural."""

from __future__ import annotations

import pytest

from kubepy.apiserver.crd.definition.structure import violations

TEXT = {"type": "string"}


def spec(**inner):
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": inner}}}


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param(spec(a=TEXT), id="plain"),
        pytest.param(spec(a={"x-kubernetes-preserve-unknown-fields": True}), id="anything"),
        pytest.param(
            spec(
                a={
                    "x-kubernetes-int-or-string": True,
                    "anyOf": [{"type": "integer"}, {"type": "string"}],
                }
            ),
            id="int-or-string with its alternatives",
        ),
        pytest.param(
            spec(
                a={
                    "x-kubernetes-int-or-string": True,
                    "allOf": [
                        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                        {"pattern": "^a"},
                    ],
                }
            ),
            id="the same and more",
        ),
        pytest.param(
            {
                **spec(),
                "properties": {"metadata": {"type": "object", "properties": {"name": TEXT}}},
            },
            id="a rule for the name",
        ),
    ],
)
def test_structural(schema):
    assert violations(schema, "s") == []


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        pytest.param({}, ["s.type: Required value: must not be empty at the root"], id="no type"),
        pytest.param(
            {"type": "array", "items": TEXT},
            ['s.type: Invalid value: "array": must be object at the root'],
            id="a list as the root",
        ),
        pytest.param(
            spec(a={}),
            [
                "s.properties[spec].properties[a].type: Required value: must not be empty for "
                "specified object fields"
            ],
            id="a field without a type",
        ),
        pytest.param(
            spec(a={"type": "array", "items": {}}),
            [
                "s.properties[spec].properties[a].items.type: Required value: must not be empty "
                "for specified array items"
            ],
            id="items without a type",
        ),
        pytest.param(
            {"type": "object", "anyOf": [{"properties": {"a": {"minimum": 1}}}]},
            ["s.properties[a]: Required value: because it is defined in s.anyOf[0].properties[a]"],
            id="a field that only a combination knows",
        ),
        pytest.param(
            spec(a={**TEXT, "not": {"nullable": True, "default": "x"}}),
            [
                "s.properties[spec].properties[a].not.default: Forbidden: must be undefined to be "
                "structural",
                "s.properties[spec].properties[a].not.nullable: Forbidden: must be false to be "
                "structural",
            ],
            id="structure inside of a combination",
        ),
        pytest.param(
            spec(a={**TEXT, "pattern": "a("}),
            [
                's.properties[spec].properties[a].pattern: Invalid value: "a(": must be a valid '
                "regular expression, but isn't: error parsing regexp: missing closing ): `a(`"
            ],
            id="a bad pattern",
        ),
        pytest.param(
            {**spec(), "properties": {"metadata": {"type": "object", "properties": {"uid": TEXT}}}},
            [
                "s.properties[metadata]: Forbidden: must not specify anything other than name and "
                "generateName, but metadata is implicitly specified"
            ],
            id="more of the metadata",
        ),
        pytest.param(
            spec(a={"type": "object", "x-kubernetes-embedded-resource": True}),
            [
                "s.properties[spec].properties[a].properties: Required value: must not be empty "
                "if x-kubernetes-embedded-resource is true without "
                "x-kubernetes-preserve-unknown-fields"
            ],
            id="an embedded object of nothing",
        ),
    ],
)
def test_not_structural(schema, found):
    assert [str(each) for each in violations(schema, "s")] == found
