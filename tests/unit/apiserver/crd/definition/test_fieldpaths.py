"""Paths of fields that a schema knows."""

from __future__ import annotations

import pytest

from kubepy.apiserver.crd.definition.fieldpaths import BadPath, resolve

TEXT = {"type": "string"}
SCHEMA = {
    "properties": {
        "spec": {"properties": {"a.b": TEXT, "map": {"additionalProperties": TEXT}, "c": TEXT}}
    }
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param(".spec.c", "spec.c", id="fields"),
        pytest.param(".spec['a.b']", "spec.a.b", id="quoted"),
        pytest.param(".spec.map.key", "spec.map[key]", id="a map's key"),
        pytest.param(r".spec.map['it\'s']", "spec.map[it's]", id="escaped"),
    ],
)
def test_resolve(path, found):
    assert resolve(path, SCHEMA) == (found, TEXT)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (".spec.nope", "does not refer to a valid field"),
        (".spec.c.d", "does not refer to a valid field"),
        ("spec", "expected \\[ or \\. but got: spec"),
        (".", "unexpected end of JSON path"),
        (".spec[0]", "expected single quoted string but got 0"),
        (".spec['c'", "unexpected end of JSON path"),
        (".spec['c'x", "expected \\] but got x"),
        (r".spec['\q']", "invalid escape char"),
    ],
)
def test_refused(path, why):
    with pytest.raises(BadPath, match=why):
        resolve(path, SCHEMA)


def test_brackets_may_be_forbidden():
    with pytest.raises(BadPath, match="array notation is not allowed"):
        resolve(".spec['c']", SCHEMA, brackets=False)
