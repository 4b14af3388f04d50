"""What schemas may not say, and CEL rules that do not compile."""

from __future__ import annotations

import pytest

from kubepy.apiserver.crd.definition.schemas import validate
from kubepy.apiserver.crd.definition.structure import violations

TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}


def found(field, **root):
    schema = {"type": "object", "properties": {"f": field}, **root}
    assert violations(schema, "s") == []
    errors = validate(schema, "s", has_status=False, structural=True, known_rules=frozenset())
    return [f"{each.field.removeprefix('s.properties[f]')}: {each.body}" for each in errors]


def map_of(*keys, **item):
    properties = {"name": TEXT, "port": {"type": "integer", "default": 1}}
    return {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": list(keys),
        "items": {"type": "object", "required": ["name"], "properties": properties, **item},
    }


@pytest.mark.parametrize(
    ("field", "complaints"),
    [
        pytest.param(map_of("name", "port"), [], id="a list with keys"),
        pytest.param(
            {**TEXT, "uniqueItems": True},
            [
                ".uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime "
                "complexity becomes quadratic"
            ],
            id="unique items",
        ),
        pytest.param(
            {"type": "object", "properties": {"a": TEXT}, "additionalProperties": TEXT},
            [
                ".additionalProperties: Forbidden: additionalProperties and properties are mutual "
                "exclusive"
            ],
            id="fields and a map at once",
        ),
        pytest.param(
            {**TEXT, "x-kubernetes-list-type": "set"},
            [
                '.type: Invalid value: "string": must be array if x-kubernetes-list-type is '
                "specified"
            ],
            id="a list type on a text",
        ),
        pytest.param(
            {**LIST, "x-kubernetes-list-type": "bag"},
            [
                '.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", '
                '"set", "map"'
            ],
            id="an unknown list type",
        ),
        pytest.param(
            map_of("name", "nope"),
            [
                '.x-kubernetes-list-map-keys: Invalid value: ["name","nope"]: entries must all be '
                "names of item properties"
            ],
            id="a key that no item has",
        ),
        pytest.param(
            map_of("name", required=[]),
            [
                ".items.properties[name].default: Required value: this property is in "
                "x-kubernetes-list-map-keys, so it must have a default or be a required property"
            ],
            id="a key that may be absent",
        ),
        pytest.param(
            {**LIST, "x-kubernetes-list-map-keys": ["a"]},
            [
                ".x-kubernetes-list-type: Required value: must be map if "
                "x-kubernetes-list-map-keys is non-empty"
            ],
            id="keys of no map",
        ),
        pytest.param(
            {**TEXT, "default": 5},
            ['.default: Invalid value: "integer": s.properties[f].default in body must be of'],
            id="a default of another type",
        ),
    ],
)
def test_keywords(field, complaints):
    if "default" in field:
        (complaint,) = found(field)
        assert complaint.startswith('.default: Invalid value: "integer"')
        return
    assert found(field) == complaints


def with_rule(text="true", schema=None, **more):
    field = schema or {"type": "object", "properties": {"a": TEXT, "n": {"type": "number"}}}
    return {**field, "x-kubernetes-validations": [{"rule": text, **more}]}


@pytest.mark.parametrize(
    ("field", "place", "complaint"),
    [
        pytest.param(with_rule("self.b == 1"), "rule", "undefined field 'b'", id="unknown field"),
        pytest.param(
            with_rule("self.a > 1"), "rule", "no matching overload for '_>_'", id="wrong types"
        ),
        pytest.param(with_rule("self.a =="), "rule", "Syntax error", id="syntax"),
        pytest.param(
            with_rule("nope(self.a)"), "rule", "undeclared reference to 'nope'", id="function"
        ),
        pytest.param(with_rule("self.a"), "rule", "must evaluate to a bool", id="not a bool"),
        pytest.param(
            with_rule(messageExpression="1"),
            "messageExpression",
            "must evaluate to a string",
            id="a message that is no text",
        ),
        pytest.param(
            with_rule(reason="FieldValueFunny"), "reason", "Unsupported value", id="reason"
        ),
        pytest.param(
            with_rule("true\n||false"), "message", "must be specified if rule contains", id="lines"
        ),
        pytest.param(
            with_rule(optionalOldSelf=True), "optionalOldSelf", "may not be set", id="no oldSelf"
        ),
    ],
)
def test_rules(field, place, complaint):
    (found_one,) = found(field)
    assert found_one.startswith(f".x-kubernetes-validations[0].{place}: ")
    assert complaint in found_one


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(with_rule("self.n > 1"), id="a number and an integer"),
        pytest.param(with_rule("self.a == oldSelf.a"), id="a transition"),
        pytest.param(
            with_rule("oldSelf.hasValue() || self.a == 'x'", optionalOldSelf=True),
            id="an optional transition",
        ),
        pytest.param(with_rule("self.?a.orValue('') != 'y'"), id="an optional field"),
        pytest.param(with_rule("quantity(self.a).isGreaterThan(quantity('1'))"), id="quantity"),
        pytest.param(with_rule("!format.dns1123Label().validate(self.a).hasValue()"), id="format"),
        pytest.param(with_rule("self.all(x, x.size() < 3)", {**LIST, "maxItems": 9}), id="a list"),
        pytest.param(
            with_rule(
                "self.__namespace__ == self.a__dash__b",
                {"type": "object", "properties": {"namespace": TEXT, "a-b": TEXT}},
            ),
            id="escaped names",
        ),
        pytest.param(
            with_rule(
                "self.d < timestamp('2020-01-01T00:00:00Z') && self.b == b'x'",
                {
                    "type": "object",
                    "properties": {
                        "d": {**TEXT, "format": "date-time"},
                        "b": {**TEXT, "format": "byte"},
                    },
                },
            ),
            id="formats are types",
        ),
        pytest.param(
            with_rule(
                "self.m.all(k, self.m[k] > 1) && self.x == 1 && self.x == 'a'",
                {
                    "type": "object",
                    "properties": {
                        "m": {
                            "type": "object",
                            "maxProperties": 5,
                            "additionalProperties": {"type": "integer"},
                        },
                        "x": {"x-kubernetes-int-or-string": True},
                    },
                },
            ),
            id="maps, and values of either type",
        ),
    ],
)
def test_rules_that_are_sound(field):
    assert found(field) == []


def test_no_old_value_where_elements_have_no_identity():
    item = with_rule("self.a == oldSelf.a")
    (complaint,) = found({"type": "array", "maxItems": 5, "items": item})
    assert "oldSelf cannot be used on the uncorrelatable portion" in complaint


@pytest.mark.parametrize(
    ("bounds", "refused"),
    [
        pytest.param({}, True, id="lists without an end"),
        pytest.param({"maxItems": 10}, False, id="short lists"),
    ],
)
def test_costs(bounds, refused):
    inner = {"type": "array", "items": {**TEXT, "maxLength": 20}, **bounds}
    schema = {"type": "array", "items": inner, **bounds}
    field = with_rule("self.all(x, self.all(y, x.all(z, y.all(w, z == w))))", schema)
    assert any("exceeds budget" in each for each in found(field)) == refused


def test_what_may_stand_at_the_root_beside_a_status():
    schema = {"type": "object", "properties": {"f": TEXT}, "maxProperties": 3}
    (error,) = validate(schema, "s", has_status=True, structural=True, known_rules=frozenset())
    assert "fields are allowed at the root of the schema" in error.detail
