"""Sets of fields: their JSON, their order, their algebra."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.meta.managed import fieldset
from kubepy.meta.managed.fieldset import (
    ANY,
    Malformed,
    difference,
    dump,
    intersection,
    is_member,
    matching,
    of,
    parse,
    paths,
    union,
    without,
)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        pytest.param(b"", "{}", id="nothing"),
        pytest.param(b"null", "{}", id="null"),
        pytest.param(b'{"f:b":{},"f:a":{}}', '{"f:a":{},"f:b":{}}', id="fields by name"),
        pytest.param(
            b'{"f:a":{"f:c":{},".":{}}}', '{"f:a":{".":{},"f:c":{}}}', id="the element first"
        ),
        pytest.param(
            b'{"k:{\\"port\\":443}":{},"k:{\\"port\\":80}":{}}',
            '{"k:{\\"port\\":80}":{},"k:{\\"port\\":443}":{}}',
            id="keys by their numbers",
        ),
        pytest.param(
            b'{"k:{\\"b\\":1, \\"a\\":2}":{}}', '{"k:{\\"a\\":2,\\"b\\":1}":{}}', id="keys sorted"
        ),
        pytest.param(
            b'{"v:\\"b\\"":{},"v:3":{},"v:10":{},"v:true":{}}',
            '{"v:3":{},"v:10":{},"v:\\"b\\"":{},"v:true":{}}',
            id="values by kind",
        ),
        pytest.param(b'{"i:10":{},"i:9":{},"f:a":{}}', '{"f:a":{},"i:9":{},"i:10":{}}', id="index"),
        pytest.param(b'{"x:future":{"f:a":{}},"f:a":{}}', '{"f:a":{}}', id="a later kind"),
        pytest.param(b'{"f:a":{"x:future":{}}}', '{"f:a":{}}', id="only a later kind below"),
        pytest.param(b'{"v:1.0":{}}', '{"v:1":{}}', id="whole numbers"),
    ],
)
def test_parsed_and_printed(raw, canonical):
    assert dump(parse(raw)).decode() == canonical


@pytest.mark.parametrize(
    "raw",
    [b"[]", b"{", b'{"f":{}}', b'{"field":{}}', b'{"f:a":1}', b'{"k:[1]":{}}', b'{"i:x":{}}',
     b'{"v:":{}}', b'{"i:1.5":{}}'],
)  # fmt: skip
def test_no_set(raw):
    with pytest.raises(Malformed):
        parse(raw)


def test_paths_name_a_level_before_what_is_below_it():
    fields = parse(
        json.dumps(
            {
                "f:spec": {
                    "f:containers": {
                        'k:{"name":"a","port":80}': {".": {}, "f:image": {}},
                    },
                    "f:replicas": {},
                },
                "f:metadata": {"f:finalizers": {'v:"x/y"': {}}},
                "f:list": {"i:3": {}},
            }
        ).encode()
    )
    assert list(paths(fields)) == [
        ".list[3]",
        '.metadata.finalizers[="x/y"]',
        ".spec.replicas",
        '.spec.containers[name="a",port=80]',
        '.spec.containers[name="a",port=80].image',
    ]


A, AB, ABC = of("f:a"), of("f:a", "f:b"), of("f:a", "f:b", "f:c")


@pytest.mark.parametrize(
    ("operation", "one", "other", "result"),
    [
        pytest.param(union, A, AB, {"f:a": {".": {}, "f:b": {}}}, id="member and below"),
        pytest.param(union, AB, A, {"f:a": {".": {}, "f:b": {}}}, id="below and member"),
        pytest.param(union, AB, ABC, {"f:a": {"f:b": {".": {}, "f:c": {}}}}, id="deep"),
        pytest.param(difference, union(A, AB), A, AB, id="what is below stays"),
        pytest.param(difference, AB, A, AB, id="a parent takes no child"),
        pytest.param(difference, A, AB, A, id="a child takes no parent"),
        pytest.param(difference, ABC, ABC, {}, id="all"),
        pytest.param(without, union(A, ABC), AB, A, id="with all below"),
        pytest.param(without, ABC, A, {}, id="with all below the top"),
        pytest.param(without, A, AB, A, id="nothing below"),
        pytest.param(intersection, union(A, AB), A, A, id="the member"),
        pytest.param(intersection, AB, A, {}, id="not its parent"),
    ],
)
def test_algebra(operation, one, other, result):
    assert operation(one, other) == result


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [
        pytest.param({}, ABC, id="everything"),
        pytest.param({"f:a": {}}, ABC, id="below an end"),
        pytest.param({"f:a": {ANY: {"f:c": {}}}}, ABC, id="any element"),
        pytest.param({"f:a": {"f:x": {}}}, {}, id="another"),
    ],
)
def test_matching(pattern, kept):
    assert matching(ABC, pattern) == kept


# ---- laws

elements = st.sampled_from(
    ["f:a", "f:b", 'k:{"p":80}', 'k:{"p":443}', 'k:{"p":"x"}', "v:1", 'v:"1"', "v:true", "i:2"]
)
sets = st.lists(st.lists(elements, min_size=1, max_size=4), max_size=8).map(
    lambda found: _union_of_all(found)
)


def _union_of_all(found):
    together = {}
    for path in found:
        together = union(together, of(*path))
    return together


def _members(fields):
    return set(paths(fields))


@given(sets, sets)
def test_operations_are_those_of_sets_of_paths(one, other):
    assert _members(union(one, other)) == _members(one) | _members(other)
    assert _members(intersection(one, other)) == _members(one) & _members(other)
    assert _members(difference(one, other)) == _members(one) - _members(other)
    assert _members(without(one, other)) <= _members(difference(one, other))


@given(sets, sets)
def test_results_are_canonical(one, other):
    for fields in (one, union(one, other), intersection(one, other), difference(one, other)):
        again = parse(dump(fields))
        assert again == fields
        assert dump(again) == dump(fields)


@given(sets, sets)
def test_arguments_stay(one, other):
    before = dump(one), dump(other)
    for operation in (union, intersection, difference, without):
        operation(one, other)
    assert (dump(one), dump(other)) == before


@given(sets, st.lists(elements, min_size=1, max_size=4))
def test_membership(fields, path):
    shown = "".join(map(fieldset.shown, path))
    assert is_member(fields, *path) == (shown in _members(fields))
