"""Cells are what paths lead to, in the form that a column's type asks for."""

from __future__ import annotations

import pytest

from kubepy.api.apiextensions.v1 import CustomResourceColumnDefinition
from kubepy.api.custom import define
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Time
from kubepy.apiserver.crd.columns import columns, row_maker
from kubepy.apiserver.crd.jsonpath import BadPath, compile_path

DATA = {
    "a": {"b": [1, 2, 3], "c.d": "dotted"},
    "conditions": [
        {"type": "Ready", "status": "True", "n": 3},
        {"type": "Done", "status": "False", "n": 1},
    ],
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param(".a.b", [[1, 2, 3]], id="fields"),
        pytest.param(".a['c.d']", ["dotted"], id="a quoted field"),
        pytest.param(r".a.c\.d", ["dotted"], id="an escaped dot"),
        pytest.param(".a.b[1]", [2], id="an element"),
        pytest.param(".a.b[-1]", [3], id="the last element"),
        pytest.param(".a.b[9]", [], id="no such element"),
        pytest.param(".a.b[0:2]", [1, 2], id="a slice"),
        pytest.param(".a.b[*]", [1, 2, 3], id="all elements"),
        pytest.param('.conditions[?(@.type=="Ready")].status', ["True"], id="a filter"),
        pytest.param(".conditions[?(@.n>2)].type", ["Ready"], id="by a number"),
        pytest.param(".conditions[?(@.type!='Ready')].type", ["Done"], id="unequal"),
        pytest.param(".conditions[?(@.nope)].type", [], id="by presence"),
        pytest.param(".conditions[?(@.type>2)].type", [], id="what cannot be compared"),
        pytest.param("..status", ["True", "False"], id="at any depth"),
        pytest.param(".a.nope.x", [], id="absent"),
        pytest.param(".a.b.x", [], id="a field of a list"),
    ],
)
def test_paths(path, found):
    assert compile_path(path).find(DATA) == found


@pytest.mark.parametrize("path", [".a[", ".a[?(@.x=={)]", ".a[1x]"])
def test_what_is_no_path(path):
    with pytest.raises(BadPath):
        compile_path(path)


NOW = 1_000_000_000.0
WIDGET = define("Widget", "example.com/v1")
OBJECT = WIDGET(
    metadata=ObjectMeta(name="w", labels={"l": "x"}, creationTimestamp=Time.from_unix(NOW - 90)),
    content={"spec": {"n": 3, "f": 2.5, "t": "x", "b": True, "m": {"k": [1]}, "nil": None},
             "since": "2001-09-09T01:45:40Z"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "path", "cell"),
    [
        pytest.param("integer", ".spec.n", 3, id="integer"),
        pytest.param("integer", ".spec.f", 2, id="integer of a fraction"),
        pytest.param("integer", ".spec.t", None, id="no integer"),
        pytest.param("number", ".spec.f", 2.5, id="number"),
        pytest.param("boolean", ".spec.b", True, id="boolean"),
        pytest.param("boolean", ".spec.n", None, id="no boolean"),
        pytest.param("integer", ".spec.b", None, id="a boolean is no integer"),
        pytest.param("string", ".spec.t", "x", id="string"),
        pytest.param("string", ".spec.n", "3", id="a number as text"),
        pytest.param("string", ".spec.b", "true", id="a boolean as text"),
        pytest.param("string", ".spec.m", '{"k":[1]}', id="an object as text"),
        pytest.param("string", ".spec.nil", None, id="null"),
        pytest.param("string", ".spec.nope", None, id="absent"),
        pytest.param("string", ".metadata.labels.l", "x", id="metadata"),
        pytest.param("date", ".metadata.creationTimestamp", "90s", id="age"),
        pytest.param("date", ".since", "60s", id="another date"),
        pytest.param("date", ".spec.t", "<invalid>", id="no date"),
    ],
)
def test_cells(type_, path, cell):
    column = CustomResourceColumnDefinition(name="C", type=type_, jsonPath=path)
    assert row_maker([column])(OBJECT, NOW) == ("w", cell)


def test_a_kind_without_columns_shows_its_age():
    assert [column.name for column in columns(())] == ["Name", "Age"]
    assert row_maker(())(OBJECT, NOW) == ("w", "90s")
