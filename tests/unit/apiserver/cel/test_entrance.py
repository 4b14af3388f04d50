"""Whatever somebody writes as an expression: it is taken, or there is a complaint."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.apiserver.cel import devices
from kubepy.apiserver.cel.admission import Compiler
from kubepy.apiserver.crd.definition.schemas import validate
from kubepy.apiserver.crd.rules import Found, Rules
from kubepy.apiserver.crd.structural import compile_schema
from kubepy.meta.errors import FieldError

VALUE = {"n": 1, "s": "a", "l": ["x"], "m": {"k": 1}}
FIELDS = {
    "n": {"type": "integer"},
    "s": {"type": "string", "maxLength": 9},
    "l": {"type": "array", "maxItems": 9, "items": {"type": "string", "maxLength": 9}},
    "m": {"type": "object", "maxProperties": 9, "additionalProperties": {"type": "integer"}},
}
HOSTILE = [
    pytest.param("(" * 10_000, id="brackets"),
    pytest.param("(" * 10_000 + "1" + ")" * 10_000, id="matching brackets"),
    pytest.param("[" * 500 + "]" * 500, id="lists in lists"),
    pytest.param("1" + "+1" * 20_000, id="a long sum"),
    pytest.param("self" + ".a" * 20_000, id="a long path"),
    pytest.param("!" * 20_001 + "true", id="negations"),
    pytest.param("true ? 1 : " * 5_000 + "1", id="branches"),
    pytest.param("true" + " && true" * 5_000, id="a long conjunction"),
    pytest.param("[1].map(a, " * 30 + "1" + ")" * 30, id="macros in macros"),
    pytest.param("cel.bind(a, [1], " * 60 + "a" + ")" * 60, id="bindings in bindings"),
    pytest.param("'" + "a" * 1_000_000 + "' == ''", id="a long text"),
    pytest.param("'\ud800' == ''", id="half a character"),
    pytest.param("'\0' == ''", id="nothing as a character"),
    pytest.param("1" * 10_000 + " == 1", id="a huge number"),
    pytest.param("1" * 400 + ".0 == 1e999999", id="a huge double"),
    pytest.param("'a'.matches('" + "(a{1000}){1000}" * 10 + "')", id="a huge pattern"),
    pytest.param("'a'.matches('" + "(" * 5_000 + "')", id="a bad pattern"),
    pytest.param("self.l.all()", id="a macro of nothing"),
    pytest.param("self.l.all(1, 2, 3, 4)", id="a macro of too much"),
    pytest.param("has()", id="has of nothing"),
    pytest.param("cel.bind()", id="bind of nothing"),
    pytest.param("timestamp('x') == timestamp(9223372036854775807)", id="no time"),
    pytest.param("duration('99999999999999h') == duration('')", id="no duration"),
    pytest.param("'%.999999999f'.format([1.0]) == ''", id="a precise number"),
    pytest.param("google.protobuf.Duration{seconds: 1} == duration('1s')", id="a message"),
    pytest.param("self.__proto__.x == b'\\xff'", id="names with underscores"),
]
VOCABULARY = r"""
self oldSelf object request params variables authorizer has all exists map filter cel bind true
false null in 1 2u 1.5 1e400 'a' "b" b'c' r'\d' ( ) [ ] { } . , : ? ?. [? ! - + * / % < <= == != &&
|| size matches quantity ip cidr url format optional of n s l m x y @result self.n self.s self.l
self.m self.l.all(x, self.l.exists_one(y, Object JSONPatch
"""
WORDS = st.sampled_from(VOCABULARY.split())
grammatical = st.lists(WORDS, max_size=14).map(" ".join)


def written_as_rule(text: str) -> tuple[list[FieldError], Found | None]:
    """What is wrong with a definition that has the rule; if nothing, what it says of an object."""
    rule = {"rule": text, "messageExpression": text}
    field = {"type": "object", "properties": FIELDS, "x-kubernetes-validations": [rule]}
    schema = {"type": "object", "properties": {"v": field}}
    errors = validate(schema, "s", has_status=False, structural=True, known_rules=frozenset())
    compiled = compile_schema(schema)
    found = Rules(compiled).check({"v": VALUE}, {"v": {"n": 2}})
    return list(errors), found


def written_everywhere(text: str) -> None:
    errors, _ = written_as_rule(text)
    assert all(str(each) for each in errors)
    policy = Compiler(params=True)
    for why in (
        policy.define("x", text),
        policy.complaint(text, ("bool",)),
        policy.complaint(text, ("list(JSONPatch)",)),
        policy.complaint(text, ("Object",)),
        devices.complaint(text),
    ):
        assert why is None or why.startswith(("compilation failed: ", "must evaluate to "))
    if devices.complaint(text) is None:
        assert devices.is_too_expensive(text) in (True, False)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_expressions(text: str) -> None:
    written_everywhere(text)


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    written_everywhere(text)


@given(grammatical)
def test_any_words(text: str) -> None:
    written_everywhere(text)
