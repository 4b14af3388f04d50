"""Documents that are wrong, or odd and right: made from a kind's own fields."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st
from msgspec import Raw

from kubepy.api import schema

Draw = Any

INTEGERS = (
    0, 1, -1, 2, 80, 443, 1000, 65535, 65536, 2**31 - 1, -(2**31), 2**31, 2**53 + 1, 2**63 - 1,
    -(2**63), 2**63, 2**70, 10**400,
)  # fmt: skip
FLOATS = (0.5, 1.0, -0.0, 1e300, 5e-324, float("inf"), float("-inf"), float("nan"), 1e19)
STRINGS = (
    "", " ", "a", "b", "v", "c", "http", "default", "A_b", "-", ".", "..", "a/b", "a/b/c", "/",
    "/a/../b", "é", "\x00", "\n",
    "\ud800", "\udc00x", "\U0001f600", "\uffff", "x" * 63, "x" * 64, "x" * 300, "a." * 130,
    "1", "-1", "0x10", "1e99", "1e-99", "1e999999999", "9" * 400, "1Ki", "0.5m", "1.5.5", "100%",
    "-5%", "101%", "%",
    "10.0.0.1", "10.0.0.0/8", "10.0.0.1/8", "0.0.0.0", "255.255.255.255", "::1", "::",
    "::ffff:1.2.3.4", "fe80::1%eth0",
    "2001:db8::/32", "1.2.3.4/33", "010.1.1.1", "*", "*.a", "*.example.com", "a.example.com",
    "example.com/x",
    "kubernetes.io/x", "kubernetes.io/hostname", "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456Z",
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z",
    "1h", "-1h", "1h1", "99999999h", "9223372036854775807ns", "(", "[a-", "(a+)+$", "https://a",
    "http://[", "https://[::1", "https://a:b", "https://u:p@a/?q#f", "//", "file:///x",
    "* * * * *", "@every 1s", "@every x", "TZ=UTC * * * * *", "TZ=../x * * * * *", "60 * * * *",
    "*/0 * * * *", "0-99999999999 * * * *", "1,,2 * * * *", "? ? ? ? ?", "0 0 30 2 *",
    "$(A)", "${", "{", "{}", "[]", "null", "true", "{.a}", "{range", "CREATE", "Always", "Exists",
    "In", "None", "Equal", "NoExecute",
    "QUFB", "AAA=", "====", "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n",
    "pods", "Pod", "v1", "apps/v1",
    "localhost/x", "runtime/default", "unconfined", "cpu", "memory", "storage", "hugepages-2Mi",
    "hugepages-", "requests.cpu", "limits.example.com/x", "count/pods.", "ephemeral-storage",
    "system:masters", "self", "uid", "0", "TCP", "IPv6", "ClusterIP", "ExternalName", "NodePort",
    "LoadBalancer",
)  # fmt: skip
JUNK = st.sampled_from(
    (None, [], {}, [None], [[]], [{}], {"": None}, {"a": None}, True, False, -1, 2**70, 1.5,
     "", "a", "\ud800", [1, "a", None], {"a": {"b": {"c": []}}}, float("nan"), float("inf"), 1e19)
).map(copy.deepcopy)  # fmt: skip
texts = st.sampled_from(STRINGS) | st.text(max_size=8)
numbers = st.sampled_from(INTEGERS) | st.integers()
DEPTH = 4  # of a generated Struct in a Struct


@st.composite
def value(draw: Draw, field: schema.Field, depth: int = DEPTH) -> Any:
    """Something for a field: mostly what it may hold, sometimes anything."""
    if draw(st.integers(0, 11)) == 0:
        return draw(JUNK)
    if field.shape == "list":
        return draw(st.lists(element(field, depth), max_size=3))
    if field.shape == "map":
        return draw(st.dictionaries(texts, element(field, depth), max_size=3))
    return draw(element(field, depth))


@st.composite
def element(draw: Draw, field: schema.Field, depth: int) -> Any:
    type_ = field.type
    if schema.is_struct(type_):
        return draw(struct(type_, depth - 1))
    if field.rules.values and draw(st.booleans()):
        return draw(st.sampled_from(field.rules.values))
    if type_ is bool:
        return draw(st.booleans())
    if type_ is int:
        return draw(numbers)
    if type_ is float:
        return draw(numbers | st.sampled_from(FLOATS))
    if type_ is Raw:
        return draw(JUNK)
    if type_ is object:
        return draw(numbers | texts)
    return draw(texts)


@st.composite
def struct(draw: Draw, type_: type[Any], depth: int = DEPTH) -> dict[str, Any]:
    """An object with some of the fields of a type."""
    known = schema.fields(type_)
    if depth <= 0 or not known:
        return {}
    names = draw(st.lists(st.sampled_from(sorted(known)), max_size=3, unique=True))
    found = {name: draw(value(known[name], depth)) for name in names}
    for name, field in known.items():
        if field.rules.required and name not in found and draw(st.integers(0, 3)):
            found[name] = draw(value(field, depth))
    return found


@st.composite
def grown(draw: Draw, type_: type[Any], base: dict[str, Any]) -> dict[str, Any]:
    """A copy of a document with some of its fields, or some it lacks, set to something else."""
    document = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 3))):
        draw(_change(document, type_))
    return document


@st.composite
def _change(draw: Draw, document: dict[str, Any], type_: type[Any]) -> None:
    here = document
    while True:
        known = schema.fields(type_)
        if not known:
            return
        present = [name for name in known if name in here]
        names = present if present and draw(st.integers(0, 3)) else sorted(known)
        name = draw(st.sampled_from(names))
        field = known[name]
        inner = here.get(name)
        inside = inner[0] if isinstance(inner, list) and inner else inner
        deeper = schema.is_struct(field.type) and field.shape != "map" and draw(st.integers(0, 4))
        if deeper and isinstance(inside, dict):
            here, type_ = inside, field.type
            continue
        if deeper and inner is None:
            inside = {}
            here[name] = [inside] if field.shape == "list" else inside
            here, type_ = inside, field.type
            continue
        here[name] = draw(value(field))
        return
