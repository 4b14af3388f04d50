"""Whether a schema is structural: types and fields stand in its spine, not in allOf, anyOf, oneOf
or not, so that pruning and defaulting know what an object consists of. Pure.

https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubepy.apiserver.crd.structural import (
    EMBEDDED,
    INT_OR_STRING,
    LIST_MAP_KEYS,
    LIST_TYPE,
    MAP_TYPE,
    PRESERVE,
    RULES,
    Props,
)
from kubepy.meta import goregex
from kubepy.meta.errors import FieldError, forbidden, invalid, required

INT_OR_STRING_ALTERNATIVES = [{"type": "integer"}, {"type": "string"}]
NO_TYPE = {
    "root": "must not be empty at the root",
    "item": "must not be empty for specified array items",
    "field": "must not be empty for specified object fields",
}
# What may not stand inside of a combination, by the word for how it must be.
_NESTED = (
    ("type", "must be empty to be structural"),
    ("additionalProperties", "must be undefined to be structural"),
    ("default", "must be undefined to be structural"),
    ("title", "must be empty to be structural"),
    ("description", "must be empty to be structural"),
    ("nullable", "must be false to be structural"),
    (PRESERVE, "must be false to be structural"),
    (EMBEDDED, "must be false to be structural"),
    (INT_OR_STRING, "must be false to be structural"),
    (LIST_MAP_KEYS, "must be empty to be structural"),
    (LIST_TYPE, "must be undefined to be structural"),
    (MAP_TYPE, "must be undefined to be structural"),
    (RULES, "must be empty to be structural"),
)
META_ONLY = (
    "must not specify anything other than name and generateName, but metadata is implicitly "
    "specified"
)


def violations(schema: Props, path: str) -> list[FieldError]:
    """Why a schema is not structural, in the order of the messages."""
    found = [*_spine(schema, "root", path), *_complete(schema, schema, path, path)]
    return sorted(found, key=str)


def _spine(s: Props, level: str, path: str) -> Iterator[FieldError]:
    items = s.get("items")
    if s.get("type") == "array" and items is None:
        yield required(f"{path}.items", "must be specified")
    if isinstance(items, dict):
        yield from _spine(items, "item", f"{path}.items")
    for key, inner in s.get("properties", {}).items():
        yield from _spine(inner, "field", f"{path}.properties[{key}]")
    additional = s.get("additionalProperties")
    if additional is not None and level == "root":
        yield forbidden(f"{path}.additionalProperties", "must not be used at the root")
    if isinstance(additional, dict):
        yield from _spine(additional, "field", f"{path}.additionalProperties")
    yield from _extensions(s, path)
    yield from _combinations(s, path, _int_or_string_pattern(s))
    yield from _own_type(s, level, path)
    yield from _metadata(s, level, path)
    if s.get(EMBEDDED) and not s.get(PRESERVE) and not s.get("properties"):
        why = f"must not be empty if {EMBEDDED} is true without {PRESERVE}"
        yield required(f"{path}.properties", why)


def _extensions(s: Props, path: str) -> Iterator[FieldError]:
    for key in (PRESERVE, EMBEDDED):
        if s.get(INT_OR_STRING) and s.get(key):
            yield invalid(f"{path}.{key}", True, f"must be false if {INT_OR_STRING} is true")


def _own_type(s: Props, level: str, path: str) -> Iterator[FieldError]:
    type_ = s.get("type", "")
    where = f"{path}.type"
    if s.get(EMBEDDED) and type_ != "object":
        why = f"must be object if {EMBEDDED} is true"
        yield invalid(where, type_, why) if type_ else required(where, why)
    elif not type_ and not s.get(INT_OR_STRING) and not s.get(PRESERVE):
        yield required(where, NO_TYPE[level])
    if s.get(EMBEDDED) and s.get("additionalProperties") is not None:
        yield forbidden(f"{path}.additionalProperties", f"must not be used if {EMBEDDED} is set")
    if level == "root" and type_ and type_ != "object":
        yield invalid(where, type_, "must be object at the root")


def _metadata(s: Props, level: str, path: str) -> Iterator[FieldError]:
    properties = s.get("properties", {})
    checked = level == "root" or s.get(EMBEDDED)
    for name in ("kind", "apiVersion"):
        type_ = properties.get(name, {}).get("type", "")
        if checked and name in properties and type_ != "string":
            yield invalid(f"{path}.properties[{name}].type", type_, "must be string")
    meta = properties.get("metadata")
    if meta is None:
        return
    where = f"{path}.properties[metadata]"
    if checked and meta.get("type", "") != "object":
        yield invalid(f"{where}.type", meta.get("type", ""), "must be object")
    if level == "root":
        rest = {k: v for k, v in meta.items() if k not in ("type", "default")}
        if set(rest.get("properties", ())) <= {"name", "generateName"}:
            rest.pop("properties", None)
        if rest:
            yield forbidden(where, META_ONLY)


def _int_or_string_pattern(s: Props) -> str:
    """Which combination is the one that int-or-string has always been written with."""
    if s.get("anyOf") == INT_OR_STRING_ALTERNATIVES:
        return "anyOf"
    first = (s.get("allOf") or [{}])[0]
    return "allOf" if first.get("anyOf") == INT_OR_STRING_ALTERNATIVES else ""


def _combinations(s: Props, path: str, skipped: str = "") -> Iterator[FieldError]:
    for key in ("anyOf", "allOf", "oneOf"):
        if key == skipped == "anyOf":
            continue
        for index, inner in enumerate(s.get(key, ())):
            inside = "anyOf" if key == skipped and index == 0 else ""
            yield from _nested(inner, f"{path}.{key}[{index}]", inside)
    if "not" in s:
        yield from _nested(s["not"], f"{path}.not")
    problem = goregex.problem(s.get("pattern", ""))
    if problem:
        why = f"must be a valid regular expression, but isn't: {problem}"
        yield invalid(f"{path}.pattern", s["pattern"], why)


def _nested(s: Props, path: str, skipped: str = "") -> Iterator[FieldError]:
    yield from _combinations(s, path, skipped)
    if isinstance(s.get("items"), dict):
        yield from _nested(s["items"], f"{path}.items")
    for key, inner in s.get("properties", {}).items():
        yield from _nested(inner, f"{path}.properties[{key}]")
    for key, words in _NESTED:
        if s.get(key) not in (None, False, "", []) or (key == "default" and key in s):
            yield forbidden(f"{path}.{key}", words)
    if "metadata" in s.get("properties", {}):
        yield forbidden(f"{path}.properties[metadata]", "must not be specified in a nested context")


def _complete(v: Props, s: Props | None, where: str, path: str) -> Iterator[FieldError]:
    """Every field that a combination speaks of is in the spine."""
    if s is None:
        yield required(where, f"because it is defined in {path}")
        return
    if "not" in v:
        yield from _complete_nested(v["not"], s, where, f"{path}.not")
    for key in ("allOf", "anyOf", "oneOf"):
        for index, inner in enumerate(v.get(key, ())):
            yield from _complete_nested(inner, s, where, f"{path}.{key}[{index}]")


def _complete_nested(v: Props, s: Props | None, where: str, path: str) -> Iterator[FieldError]:
    yield from _complete(v, s, where, path)
    if s is None:
        return
    if isinstance(v.get("items"), dict):
        inner: Any = s.get("items")
        yield from _complete_nested(v["items"], inner, f"{where}.items", f"{path}.items")
    for key, inner in v.get("properties", {}).items():
        place, origin = f"{where}.properties[{key}]", f"{path}.properties[{key}]"
        known = s.get("properties", {}).get(key)
        if known is None:
            yield required(place, f"because it is defined in {origin}")
        else:
            yield from _complete_nested(inner, known, place, origin)
