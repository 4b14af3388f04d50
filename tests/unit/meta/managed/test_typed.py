"""Values beside their shapes: fields, comparison, merge, removal, complaints."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.meta.managed import checks, typed
from kubepy.meta.managed.fieldset import difference, dump, intersection, of, parse, paths, union
from kubepy.meta.managed.shapes import (
    DEDUCED,
    NUMERIC,
    STRING,
    ListShape,
    MapShape,
    Shape,
)

TEXT, NUMBER = Shape(STRING), Shape(NUMERIC)
PORT = Shape(map_=MapShape({"port": NUMBER, "protocol": TEXT, "name": TEXT}))
ROOT = Shape()
ROOT.map = MapShape(
    {
        "name": TEXT,
        "size": NUMBER,
        "labels": Shape(map_=MapShape(element=TEXT)),
        "whole": Shape(map_=MapShape(element=TEXT, atomic=True)),
        "args": Shape(list_=ListShape(TEXT)),
        "tags": Shape(list_=ListShape(TEXT, atomic=False)),
        "ports": Shape(
            list_=ListShape(
                PORT, atomic=False, keys=("port", "protocol"), defaults={"protocol": "TCP"}
            )
        ),
        "inner": ROOT,
        "any": DEDUCED,
    }
)


def shown(fields):
    return sorted(paths(fields))


HTTP = {"port": 80, "name": "http"}


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        pytest.param({"name": "a", "size": 1}, [".name", ".size"], id="scalars"),
        pytest.param({"name": None}, [".name"], id="null"),
        pytest.param({"labels": {"a": "b"}}, [".labels.a"], id="a map's keys, not the map"),
        pytest.param({"labels": {}}, [".labels"], id="an empty map"),
        pytest.param({"labels": None}, [".labels"], id="a null map"),
        pytest.param({"whole": {"a": "b"}}, [".whole"], id="an atomic map"),
        pytest.param({"args": ["a", "b"]}, [".args"], id="an atomic list"),
        pytest.param({"args": []}, [".args"], id="an empty atomic list"),
        pytest.param({"tags": ["a"]}, ['.tags[="a"]'], id="a set"),
        pytest.param({"tags": []}, [], id="an empty set says nothing"),
        pytest.param({"inner": {"tags": []}}, [], id="nor a struct of it"),
        pytest.param({"any": {"x": []}}, [".any.x"], id="without a schema"),
        pytest.param(
            {"ports": [HTTP]},
            [
                '.ports[port=80,protocol="TCP"]',
                '.ports[port=80,protocol="TCP"].name',
                '.ports[port=80,protocol="TCP"].port',
            ],
            id="an item and its fields, by keys with their default",
        ),
        pytest.param({"inner": {"inner": {"size": 1}}}, [".inner.inner.size"], id="structs"),
    ],
)
def test_fields_of_a_configuration(value, fields):
    assert shown(typed.fields_of(ROOT, value)) == fields


@pytest.mark.parametrize(
    ("old", "new", "changed", "removed"),
    [
        pytest.param({"name": "a"}, {"name": "a"}, [], [], id="equal"),
        pytest.param({}, {"name": "a"}, [".name"], [], id="added"),
        pytest.param({"name": "a"}, {"name": "b"}, [".name"], [], id="modified"),
        pytest.param({"name": "a"}, {}, [], [".name"], id="removed"),
        pytest.param(
            {}, {"labels": {"a": "b"}}, [".labels", ".labels.a"], [], id="a new map with its key"
        ),
        pytest.param(
            {"labels": {"a": "b"}},
            {"labels": {"a": "b", "c": "d"}},
            [".labels.c"],
            [],
            id="a key of a map that was there",
        ),
        pytest.param({"labels": None}, {"labels": {"a": "b"}}, [".labels.a"], [], id="for null"),
        pytest.param({"labels": {"a": "b"}}, {"labels": {}}, [], [".labels.a"], id="emptied"),
        pytest.param({"labels": {}}, {"labels": None}, [".labels"], [], id="empty to null"),
        pytest.param({"args": ["a"]}, {"args": ["a", "b"]}, [".args"], [], id="atomic list"),
        pytest.param({"whole": {"a": "b"}}, {"whole": {}}, [".whole"], [], id="atomic map"),
        pytest.param(
            {"tags": ["a", "b"]}, {"tags": ["b", "c"]}, ['.tags[="c"]'], ['.tags[="a"]'], id="set"
        ),
        pytest.param({"tags": ["a", "b"]}, {"tags": ["b", "a"]}, [], [], id="order is nobody's"),
        pytest.param(
            {"ports": [HTTP]},
            {"ports": [{**HTTP, "protocol": "TCP", "name": "web"}]},
            ['.ports[port=80,protocol="TCP"].name', '.ports[port=80,protocol="TCP"].protocol'],
            [],
            id="within an item",
        ),
        pytest.param(
            {"ports": [HTTP, HTTP]},
            {"ports": [HTTP, {**HTTP, "name": "web"}]},
            ['.ports[port=80,protocol="TCP"]'],
            [],
            id="twins are one",
        ),
        pytest.param(
            {"ports": [HTTP, HTTP]},
            {"ports": [HTTP]},
            [
                '.ports[port=80,protocol="TCP"]',
                '.ports[port=80,protocol="TCP"].name',
                '.ports[port=80,protocol="TCP"].port',
            ],
            ['.ports[port=80,protocol="TCP"]'],
            id="twins no more",
        ),
        pytest.param(
            {"ports": [HTTP]},
            {"ports": [HTTP, HTTP]},
            ['.ports[port=80,protocol="TCP"]'],
            [
                '.ports[port=80,protocol="TCP"]',
                '.ports[port=80,protocol="TCP"].name',
                '.ports[port=80,protocol="TCP"].port',
            ],
            id="new twins",
        ),
        pytest.param(
            {"any": 1}, {"any": {"x": 1}}, [".any", ".any.x"], [], id="a scalar becomes a map"
        ),
        pytest.param(
            {"any": {"x": 1}}, {"any": [1]}, [".any"], [".any.x"], id="a map becomes a list"
        ),
    ],
)
def test_comparison(old, new, changed, removed):
    found = typed.compare(ROOT, old, new)
    assert (shown(found.changed), shown(found.removed)) == (sorted(changed), sorted(removed))


def ports(*numbers):
    return [{"port": number} for number in numbers]


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [
        pytest.param({"name": "a"}, {"size": 1}, {"name": "a", "size": 1}, id="fields of both"),
        pytest.param({"name": "a"}, {"name": "b"}, {"name": "b"}, id="the configuration's value"),
        pytest.param({"name": "a"}, {"name": None}, {"name": None}, id="null for a scalar"),
        pytest.param(
            {"labels": {"a": "b"}}, {"labels": {}}, {"labels": {"a": "b"}}, id="an empty map"
        ),
        pytest.param(
            {"labels": {"a": "b"}}, {"labels": None}, {"labels": {"a": "b"}}, id="a null map"
        ),
        pytest.param({"whole": {"a": "b"}}, {"whole": {}}, {"whole": {}}, id="an atomic map"),
        pytest.param({"tags": ["a"]}, {"tags": []}, {"tags": ["a"]}, id="an empty set"),
        pytest.param(
            {"ports": [HTTP]},
            {"ports": [{"port": 80, "protocol": "TCP"}]},
            {"ports": [{**HTTP, "protocol": "TCP"}]},
            id="items by their keys",
        ),
        pytest.param(
            {"ports": [HTTP, HTTP]},
            {"ports": ports(80)},
            {"ports": ports(80)},
            id="twins are replaced",
        ),
    ],
)
def test_merge(live, config, merged):
    before = deepcopy((live, config))
    assert typed.merge(ROOT, live, config) == merged
    assert (live, config) == before


@pytest.mark.parametrize(
    ("live", "config", "merged"),
    [
        pytest.param("abc", "abc", "abc", id="the same"),
        pytest.param("abc", "cba", "cba", id="the configuration's order"),
        pytest.param("abc", "x", "abcx", id="new ones last"),
        pytest.param("abcd", "cxb", "acdxb", id="others stay behind what they followed"),
        pytest.param("ab", "bax", "bax", id="turned around"),
        pytest.param("abc", "ca", "bca", id="left where it was"),
        pytest.param("aac", "ax", "axc", id="twins of the live list go"),
        pytest.param("", "ab", "ab", id="from nothing"),
    ],
)
def test_order_of_merged_lists(live, config, merged):
    found = typed.merge(ROOT, {"tags": list(live)}, {"tags": list(config)})
    assert "".join(found["tags"]) == merged


@pytest.mark.parametrize(
    ("value", "fields", "rest"),
    [
        pytest.param({"name": "a", "size": 1}, of("f:name"), {"size": 1}, id="a field"),
        pytest.param({"name": "a"}, of("f:name"), None, id="the last one"),
        pytest.param(
            {"labels": {"a": "b"}}, of("f:labels", "f:a"), {"labels": None}, id="the last key"
        ),
        pytest.param(
            {"tags": ["a", "b"]}, of("f:tags", 'v:"a"'), {"tags": ["b"]}, id="an item of a set"
        ),
        pytest.param(
            {"ports": [HTTP, {"port": 81}]},
            of("f:ports", 'k:{"port":80,"protocol":"TCP"}'),
            {"ports": [{"port": 81}]},
            id="an item",
        ),
        pytest.param(
            {"ports": [HTTP]},
            of("f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:name"),
            {"ports": [{"port": 80}]},
            id="a field of an item",
        ),
        pytest.param(
            {"args": ["a"]}, of("f:args", "i:0"), {"args": None}, id="part of an atomic list"
        ),
    ],
)
def test_removal(value, fields, rest):
    assert typed.remove(ROOT, value, fields) == rest


def test_struct_fields_above_members_are_named():
    fields = parse(b'{"f:inner":{"f:labels":{"f:a":{}},"f:ports":{"v:1":{"f:x":{}}}}}')
    named = dump(typed.named(ROOT, fields)).decode()
    assert named == (
        '{"f:inner":{".":{},"f:labels":{".":{},"f:a":{}},"f:ports":{".":{},"v:1":{"f:x":{}}}}}'
    )


def test_parts_that_have_become_atomic_are_owned_whole():
    fields = parse(b'{"f:whole":{"f:a":{}},"f:args":{"i:0":{}},"f:labels":{"f:a":{}}}')
    assert shown(typed.reconciled(ROOT, fields)) == [".args", ".labels.a", ".whole"]


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        pytest.param({"name": "a"}, "", id="fit"),
        pytest.param({"name": None, "ports": None}, "", id="nulls"),
        pytest.param({"nope": 1}, ".nope: field not declared in schema", id="unknown"),
        pytest.param(
            {"labels": {"a": 1}},
            ".labels.a: expected string, got &value.valueUnstructured{Value:1}",
            id="no string",
        ),
        pytest.param(
            {"size": "x"}, ".size: expected numeric (int or float), got string", id="no number"
        ),
        pytest.param(
            {"size": True}, ".size: expected numeric (int or float), got bool", id="a boolean"
        ),
        pytest.param({"labels": ["x"]}, ".labels: expected map, got &{[x]}", id="no map"),
        pytest.param(
            {"args": {"a": "b"}}, ".args: expected list, got &{map[a:b]}", id="no list"
        ),
        pytest.param(
            {"args": [{}]},
            ".args[0]: expected string, got &value.valueUnstructured{Value:map[string]interface "
            "{}{}}",
            id="within a list",
        ),
        pytest.param(
            {"ports": [HTTP, HTTP]},
            '.ports: duplicate entries for key [port=80,protocol="TCP"]',
            id="twins",
        ),
        pytest.param(
            {"ports": [{}]},
            '.ports: element 0: associative list with keys has an element that omits key field '
            '"port" (and doesn\'t have default value)',
            id="without a key",
        ),
        pytest.param(
            {"tags": [None]},
            ".tags: element 0: associative list without keys has an element that's an explicit "
            "null",
            id="null in a set",
        ),
        pytest.param(
            {"name": 1, "size": "x"},
            "errors:\n"
            "  .name: expected string, got &value.valueUnstructured{Value:1}\n"
            "  .size: expected numeric (int or float), got string",
            id="several",
        ),
    ],
)  # fmt: skip
def test_complaints(value, complaint):
    assert checks.complaint(ROOT, value) == complaint


# ---- properties

texts = st.sampled_from("abc")
protocols = st.sampled_from(["TCP", "UDP"])
items = st.fixed_dictionaries(
    {"port": st.integers(1, 3)}, optional={"name": texts, "protocol": protocols}
)
unique_ports = st.lists(
    items, max_size=3, unique_by=lambda i: (i["port"], i.get("protocol", "TCP"))
)
flat = {
    "name": texts,
    "size": st.integers(0, 2),
    "labels": st.dictionaries(texts, texts, max_size=3),
    "whole": st.dictionaries(texts, texts, max_size=2),
    "args": st.lists(texts, max_size=2),
    "tags": st.lists(texts, max_size=3, unique=True),
    "ports": unique_ports,
}
values = st.fixed_dictionaries(
    {}, optional={**flat, "inner": st.fixed_dictionaries({}, optional=flat)}
)


@given(values)
def test_generated_values_fit(value):
    assert checks.complaint(ROOT, value) == ""


@given(values)
def test_a_value_does_not_differ_from_itself(value):
    assert typed.compare(ROOT, value, deepcopy(value)) == ({}, {})
    assert typed.merge(ROOT, value, deepcopy(value)) == value


@given(values, values)
def test_merging_twice_is_merging_once(live, config):
    once = typed.merge(ROOT, live, config)
    assert typed.merge(ROOT, once, config) == once


@given(values, values)
def test_a_merge_removes_nothing_and_has_all_of_the_configuration(live, config):
    merged = typed.merge(ROOT, live, config)
    assert typed.compare(ROOT, live, merged).removed == {}
    differing = typed.compare(ROOT, config, merged).changed
    assert intersection(differing, typed.fields_of(ROOT, config)) == {}


@given(values, values)
def test_comparison_is_symmetric_but_for_values(old, new):
    there, back = typed.compare(ROOT, old, new), typed.compare(ROOT, new, old)
    assert difference(there.changed, back.changed) == difference(back.removed, back.changed)
    assert union(there.removed, there.changed) == union(back.changed, back.removed)


@given(values, values)
def test_no_argument_changes(one, other):
    before = deepcopy((one, other))
    typed.merge(ROOT, one, other)
    typed.compare(ROOT, one, other)
    typed.remove(ROOT, one, typed.fields_of(ROOT, other))
    assert (one, other) == before
