"""CEL rules over objects: what they see, what they say, and what they let be."""

from __future__ import annotations

import pytest

from kubepy.apiserver.crd.rules import Rules
from kubepy.apiserver.crd.structural import compile_schema

TEXT, INTEGER = {"type": "string"}, {"type": "integer"}


def judged(field, new, old=None):
    schema = {"type": "object", "properties": {"v": field}}
    before = None if old is None else {"v": old}
    return Rules(compile_schema(schema)).check({"v": new}, before)


def ruled(schema, rule, **more):
    return {**schema, "x-kubernetes-validations": [{"rule": rule, **more}]}


def objects(**properties):
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        pytest.param(
            ruled(INTEGER, "self < 5"), 7, "v: Invalid value: 7: failed rule: self < 5", id="number"
        ),
        pytest.param(
            ruled(objects(a=INTEGER), "self.a < 5", message="too much"),
            {"a": 7},
            "v: Invalid value: too much",
            id="an object is not shown",
        ),
        pytest.param(
            ruled(objects(a=INTEGER), "self.a < 5", reason="FieldValueForbidden", fieldPath=".a"),
            {"a": 7},
            "v.a: Forbidden: failed rule: self.a < 5",
            id="reason and path",
        ),
        pytest.param(
            ruled(objects(a=INTEGER), "self.a < 5", messageExpression="'is ' + string(self.a)"),
            {"a": 7},
            "v: Invalid value: is 7",
            id="a message made of the value",
        ),
        pytest.param(
            ruled(objects(a=INTEGER), "self.a < 5", messageExpression="self.b", message="plain"),
            {"a": 7},
            "v: Invalid value: plain",
            id="a message that cannot be made",
        ),
        pytest.param(
            ruled(objects(a=INTEGER), "self.a < 5"),
            {},
            'v: Invalid value: "object": no such key: a evaluating rule: self.a < 5',
            id="what is not there",
        ),
        pytest.param(
            ruled({"x-kubernetes-int-or-string": True}, "self > 1"),
            "x",
            "v: Invalid value: \"\": 'no such overload': call arguments did not match a supported "
            "operator, function or macro signature for rule: self > 1",
            id="what cannot be compared",
        ),
        pytest.param(
            {"type": "array", "items": ruled(TEXT, "self != 'x'")},
            ["a", "x"],
            "v[1]: Invalid value: \"x\": failed rule: self != 'x'",
            id="in a list",
        ),
        pytest.param(
            {"type": "object", "additionalProperties": ruled(TEXT, "self != 'x'")},
            {"k": "x"},
            "v[k]: Invalid value: \"x\": failed rule: self != 'x'",
            id="in a map",
        ),
    ],
)
def test_refused(field, value, error):
    assert [str(each) for each in judged(field, value).errors] == [error]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(ruled(INTEGER, "self < 5"), None, id="null is judged from outside"),
        pytest.param(
            ruled(objects(d={**TEXT, "format": "date-time"}), "self.d.getFullYear() == 2020"),
            {"d": "2020-01-02T03:04:05Z"},
            id="a time",
        ),
        pytest.param(
            ruled(objects(d={**TEXT, "format": "duration"}), "self.d > duration('1m')"),
            {"d": "1h"},
            id="a duration",
        ),
        pytest.param(
            ruled(objects(d={**TEXT, "format": "byte"}), "self.d == b'abc'"),
            {"d": "YWJj"},
            id="bytes",
        ),
        pytest.param(
            ruled(objects(n={"type": "number"}), "self.n == 2.0"), {"n": 2}, id="a whole number"
        ),
        pytest.param(
            ruled({"type": "object", "properties": {"a-b": TEXT}}, "self.a__dash__b == 'x'"),
            {"a-b": "x"},
            id="an escaped name",
        ),
        pytest.param(ruled(objects(a=INTEGER), "self.a == oldSelf.a"), {"a": 1}, id="no old value"),
        pytest.param(
            ruled(objects(a=INTEGER), "!oldSelf.hasValue()", optionalOldSelf=True),
            {"a": 1},
            id="no old value, and the rule knows",
        ),
    ],
)
def test_let_through(field, value):
    assert judged(field, value).errors == []


def test_transitions():
    field = ruled(objects(a=INTEGER), "self.a >= oldSelf.a", message="never back")
    assert judged(field, {"a": 2}, {"a": 1}).errors == []
    (error,) = judged(field, {"a": 1}, {"a": 2}).errors
    assert error.detail == "never back"


def test_elements_of_a_map_are_compared_by_key():
    item = ruled(objects(name=TEXT, n=INTEGER), "self.n >= oldSelf.n")
    field = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "items": item,
    }
    old = [{"name": "a", "n": 1}, {"name": "b", "n": 9}]
    new = [{"name": "b", "n": 9}, {"name": "a", "n": 0}]
    assert [each.field for each in judged(field, new, old).errors] == ["v[1]"]


def test_what_is_as_it_was_only_warns():
    field = objects(a=ruled(INTEGER, "self < 5"), b=ruled(INTEGER, "self < 5"))
    found = judged(field, {"a": 7, "b": 8}, {"a": 7, "b": 1})
    assert [each.field for each in found.errors] == ["v.b"]
    assert [each.field for each in found.warnings] == ["v.a"]


# ---- budgets

NUMBERS = {"type": "array", "items": INTEGER}
NESTED = "self.all(x, self.all(y, x + y >= 0))"
STOPPED = "operation cancelled: actual cost limit exceeded"


def test_a_rule_that_costs_too_much():
    field = objects(a=ruled(NUMBERS, NESTED), b=ruled(INTEGER, "false"))
    found = judged(field, {"a": list(range(500)), "b": 1})
    assert [str(each) for each in found.errors] == [
        f"v.a: Invalid value: \"array\": '{STOPPED}': no further validation rules will be run due "
        f"to call cost exceeds limit for rule: {NESTED}"
    ]


def test_rules_that_cost_too_much_together():
    each = f"!self.matches('{'x' * 320}')"  # 800,080 over 100,000 characters
    found = judged({"type": "array", "items": ruled(TEXT, each)}, ["a" * 100_000] * 20)
    assert [str(each) for each in found.errors] == [
        'v[12]: Invalid value: "string": validation failed due to running out of cost budget, no '
        "further validation rules will be run"
    ]


def test_a_message_that_costs_too_much():
    message = f"{NESTED} ? 'a' : 'b'"
    field = objects(a=ruled(NUMBERS, "false", messageExpression=message), b=ruled(INTEGER, "false"))
    found = judged(field, {"a": list(range(500)), "b": 1})
    assert [str(each) for each in found.errors] == [
        'v.a: Invalid value: "array": no further validation rules will be run due to call cost '
        f'exceeds limit for messageExpression: "{message}"'
    ]
