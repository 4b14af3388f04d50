"""Sets of fields, in the form of FieldsV1: nested dicts whose keys are path elements.

    f:NAME       a field of a struct, a key of a map
    k:{...}      the item of a list that has these keys
    v:VALUE      the item of a set
    i:INDEX      an item of any other list
    .            the element that bears this key itself, where something below it is in the set, too

    {"f:metadata": {"f:labels": {".": {}, "f:app": {}}}, "f:spec": {"f:replicas": {}}}
        .metadata.labels, .metadata.labels.app, .spec.replicas

A set is a value: nobody changes one, so all may share parts of each other. Keys stand in
Kubernetes' order (fields by name, then items by their keys, as numbers and strings and not as
text), so the JSON of a set is its canonical form. No branch is without a member: the empty set is
the empty dict, and below the top an empty dict is a member with nothing below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from kubepy.api import codec
from kubepy.meta.gotext import quote

T = TypeVar("T")
Fields = dict[str, Any]

LEAF: Fields = {}
SELF = "."
KNOWN_ELEMENTS = 16384  # path elements that need not be made or read again
KNOWN_LENGTH = 128  # characters of one; longer ones are not remembered
_KINDS = ("f:", "k:", "v:", "i:")
_ITEMS_FROM = "g"  # elements of lists sort behind it, "." and fields before it
_HTML = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


class Malformed(ValueError):
    """Bytes that are no FieldsV1."""


# ---- path elements


def field(name: str) -> str:
    return "f:" + name


def keyed(names: tuple[str, ...], *values: Any) -> str:
    """The item of a list that has these values in its key fields; `names` are sorted."""
    for value in values:
        if isinstance(value, str) and len(value) > KNOWN_LENGTH:
            return _keyed(names, *values)
    return _known_keyed(names, *values)


def _keyed(names: tuple[str, ...], *values: Any) -> str:
    return "k:" + _json(dict(zip(names, values, strict=True)))


_known_keyed = lru_cache(maxsize=KNOWN_ELEMENTS, typed=True)(_keyed)


def valued(value: Any) -> str:
    """The item of a set."""
    return "v:" + _json(value)


def _remembered(function: Callable[[str], T]) -> Callable[[str], T]:
    """Remember what a function says of short texts."""
    known = lru_cache(maxsize=KNOWN_ELEMENTS)(function)

    def call(text: str) -> T:
        return known(text) if len(text) <= KNOWN_LENGTH else function(text)

    return call


def _json(value: Any) -> str:
    text = msgspec.json.encode(_plain(value)).decode()
    return text.translate(_HTML)


def _plain(value: Any) -> Any:
    """Whole numbers are written as such, whatever they came as."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


@_remembered
def _element(text: str) -> str | None:
    """A path element in its canonical form; None for a kind that a later version may know."""
    if len(text) < 2:
        raise Malformed("key must be 2 characters long:")
    kind, rest = text[:2], text[2:]
    if kind[1] != ":":
        raise Malformed(f"missing colon: {text}")
    if kind == "f:" or kind not in _KINDS:
        return text if kind == "f:" else None
    try:
        codec.check_depth(rest.encode())
        value = msgspec.json.decode(rest)
    except (msgspec.MsgspecError, codec.DecodeError) as problem:
        raise Malformed(str(problem)) from None
    if kind == "k:":
        if not isinstance(value, dict):
            raise Malformed(f"no keys: {text}")
        names = tuple(sorted(value))
        return "k:" + _json({name: value[name] for name in names})
    if kind == "i:" and type(value) is not int:
        raise Malformed(f"no index: {text}")
    return kind + _json(value)


@_remembered
def _rank(element: str) -> tuple[Any, ...]:
    """Sorts path elements as Kubernetes does."""
    kind, rest = element[:2], element[2:]
    match kind:
        case "f:":
            return (1, rest)
        case "k:":
            keys = msgspec.json.decode(rest)
            return (2, tuple((name, _value_rank(keys[name])) for name in keys))
        case "v:":
            return (3, _value_rank(msgspec.json.decode(rest)))
        case "i:":
            return (4, int(rest))
    return (0,)  # the element itself


def _value_rank(value: Any) -> tuple[Any, ...]:
    """Numbers, strings, booleans, lists, maps, null."""
    match value:
        case None:
            return (6,)
        case bool():
            return (3, value)
        case int() | float():
            return (1, value)
        case str():
            return (2, value)
        case list():
            return (4, tuple(map(_value_rank, value)))
    return (5, tuple((name, _value_rank(value[name])) for name in sorted(value)))


def in_order(fields: Fields) -> Fields:
    """The same set with its first level in order."""
    if len(fields) < 2:
        return fields
    names = sorted(fields)
    if names[-1] > _ITEMS_FROM:
        names.sort(key=_rank)
    return fields if names == list(fields) else {name: fields[name] for name in names}


# ---- JSON


def dump(fields: Fields) -> bytes:
    """FieldsV1."""
    return msgspec.json.encode(fields)


def parse(raw: bytes) -> Fields:
    """The set that FieldsV1 says. Raises Malformed."""
    try:
        codec.check_depth(raw)
        value = msgspec.json.decode(raw or b"{}")
    except (msgspec.MsgspecError, codec.DecodeError) as problem:
        raise Malformed(str(problem)) from None
    found, _ = _read(value)
    return found


def _read(value: Any) -> tuple[Fields, bool]:
    """What is below an element, and whether the element itself is a member."""
    if value is None:
        return LEAF, True
    if not isinstance(value, dict):
        raise Malformed("a set of fields is an object")
    found: Fields = {}
    member = False
    for key, item in value.items():
        if key == SELF:
            member = True
            continue
        element = _element(key)
        if element is not None:
            below, is_member = _read(item)
            if below or is_member:
                found[element] = _node(below, member=is_member)
    return in_order(found), member or not found


# ---- algebra


def _node(below: Fields, *, member: bool) -> Fields:
    """An element with this below it; not empty unless it is a member."""
    return {SELF: LEAF, **below} if member and below else below


def _is_member(node: Fields) -> bool:
    return not node or SELF in node


def below(node: Fields) -> Fields:
    """The set below an element."""
    if SELF not in node:
        return node
    return {key: item for key, item in node.items() if key != SELF}


def is_member(fields: Fields, *path: str) -> bool:
    """Whether the field at this path is in the set."""
    for element in path:
        found = fields.get(element)
        if found is None:
            return False
        fields = found
    return _is_member(fields)


def of(*path: str) -> Fields:
    """The set of one field."""
    fields = LEAF
    for element in reversed(path):
        fields = {element: fields}
    return fields


def union(one: Fields, other: Fields) -> Fields:
    if not one or not other:
        return one or other
    if one is other:
        return one
    found = dict(one)
    for key, item in other.items():
        mine = one.get(key)
        if mine is None:
            found[key] = item
        elif mine is not item:
            found[key] = _union_of_nodes(mine, item)
    return in_order(found)


def _union_of_nodes(one: Fields, other: Fields) -> Fields:
    if one and other:
        return union(one, other)
    found = one or other  # the other one is a member and nothing else
    return _node(found, member=True) if found and SELF not in found else found


def difference(one: Fields, other: Fields) -> Fields:
    """The fields of `one` that are not in `other`; what is below a field is a field of its own."""
    if not one or not other:
        return one
    found: Fields = {}
    for key, item in one.items():
        theirs = other.get(key)
        if theirs is None:
            found[key] = item
            continue
        rest = difference(below(item), below(theirs))
        member = _is_member(item) and not _is_member(theirs)
        if rest or member:
            found[key] = _node(rest, member=member)
    return one if found == one else found


def without(one: Fields, other: Fields) -> Fields:
    """The fields of `one` that are not in `other`, nor below a field of it."""
    if not one or not other:
        return one
    found: Fields = {}
    for key, item in one.items():
        theirs = other.get(key)
        if theirs is None:
            found[key] = item
        elif not _is_member(theirs):
            rest = without(below(item), below(theirs))
            member = _is_member(item)
            if rest or member:
                found[key] = _node(rest, member=member)
    return found


def intersection(one: Fields, other: Fields) -> Fields:
    found: Fields = {}
    if len(other) < len(one):
        one, other = other, one
    for key, item in one.items():
        theirs = other.get(key)
        if theirs is None:
            continue
        both = intersection(below(item), below(theirs))
        member = _is_member(item) and _is_member(theirs)
        if both or member:
            found[key] = _node(both, member=member)
    return in_order(found)


Pattern = dict[str, Any]
"""Paths of which fields are kept, nested like a set: an empty one keeps all that is below."""

ANY = "*"  # every element, in a pattern


def matching(fields: Fields, pattern: Pattern) -> Fields:
    """The fields that lie on a path of the pattern or below its end."""
    if not pattern:
        return fields
    found: Fields = {}
    for key, item in fields.items():
        inner = pattern.get(ANY, pattern.get(key))
        if inner is None:
            continue
        member = _is_member(item)
        rest = matching(below(item), inner)
        if rest or member:
            found[key] = _node(rest, member=member)
    return found


# ---- reading


def paths(fields: Fields) -> Iterator[str]:
    """Every field as messages name it: `.spec.containers[name="a"].image`.

    Those of one level come before what is below them.
    """
    yield from _paths(fields, "")


def _paths(fields: Fields, prefix: str) -> Iterator[str]:
    names = {key: prefix + shown(key) for key in fields if key != SELF}
    yield from (name for key, name in names.items() if _is_member(fields[key]))
    for key, name in names.items():
        if fields[key]:
            yield from _paths(fields[key], name)


@_remembered
def shown(element: str) -> str:
    """A path element as messages have it: `.name`, `[name="a",port=80]`, `[="a"]`, `[3]`."""
    kind, rest = element[:2], element[2:]
    match kind:
        case "f:":
            return "." + rest
        case "k:":
            keys = msgspec.json.decode(rest)
            return "[" + ",".join(f"{name}={_shown_value(keys[name])}" for name in keys) + "]"
        case "v:":
            return f"[={_shown_value(msgspec.json.decode(rest))}]"
    return f"[{rest}]"


def _shown_value(value: Any) -> str:
    match value:
        case str():
            return quote(value)
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list():
            return "[" + ",".join(map(_shown_value, value)) + "]"
        case dict():
            inner = ";".join(f"{name}={_shown_value(value[name])}" for name in sorted(value))
            return "{" + inner + "}"
    return str(value)
