"""YAML that costs more than it weighs, or says what JSON cannot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .bench import APPLY, Bench, examples

MAPS = "/api/v1/namespaces/default/configmaps"
HEAD = b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n"
LAUGHS = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%b]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 30)
)
MERGES = b"m0: &m0 {x: y}\n" + b"".join(
    b"m%d: &m%d {<<: [%b], k%d: 1}\n" % (n, n, b", ".join([b"*m%d" % (n - 1)] * 10), n)
    for n in range(1, 30)
)
BODIES = [
    pytest.param(LAUGHS, id="aliases of aliases"),
    pytest.param(MERGES, id="merges of merges"),
    pytest.param(b"a: &a [*a]\n", id="a list in itself"),
    pytest.param(b"a: &a {<<: *a}\n", id="a map merged into itself"),
    pytest.param(b"&a *a : b\n", id="an alias as a key"),
    pytest.param(b"a: *nowhere\n", id="an alias of nothing"),
    pytest.param(b"data: !!python/object:os.system {}\n", id="a Python object"),
    pytest.param(b"data: !!python/object/apply:os.system [id]\n", id="a Python call"),
    pytest.param(b"data: !odd {a: b}\n", id="a tag of nobody's"),
    pytest.param(b"data: !!set {a, b}\n", id="a set"),
    pytest.param(b"data: !!omap [a: 1]\n", id="an ordered map"),
    pytest.param(b"data: !!pairs [a: 1, a: 2]\n", id="pairs"),
    pytest.param(b"data: {a: !!binary 'x y'}\n", id="no base64"),
    pytest.param(b"data: {a: !!float x}\n", id="no float"),
    pytest.param(b"data: {a: !!int x}\n", id="no integer"),
    pytest.param(b"data: {a: !!int ''}\n", id="an empty integer"),
    pytest.param(b"data: {a: !!bool x}\n", id="no boolean"),
    pytest.param(b"data: {a: !!null x}\n", id="no null"),
    pytest.param(b"data: {a: !!timestamp x}\n", id="no time"),
    pytest.param(b"data: !!map [a]\n", id="a list as a map"),
    pytest.param(b"data: !!seq {a: b}\n", id="a map as a list"),
    pytest.param(b"data: !!str {a: b}\n", id="a map as text"),
    pytest.param(b"data: {a: .inf, b: -.inf, c: .nan}\n", id="no JSON numbers"),
    pytest.param(b"data: {.nan: a, .inf: b}\n", id="keys that are no JSON numbers"),
    pytest.param(b"data: {1e999: a, b: 1e999}\n", id="a number without end"),
    pytest.param(b"data: {a: " + b"9" * 5000 + b"}\n", id="a long number"),
    pytest.param(b"data: {" + b"9" * 5000 + b": a}\n", id="a long number as a key"),
    pytest.param(b"data: {a: 0o17, b: 0x1F, c: 0b11, d: 017, e: 1_0, f: 1:30, g: +1}\n",
    id="odd numbers"),
    pytest.param(b"data: {a: 0o9, b: 0x, c: 0b2, d: 09, e: _, f: 99:99:99}\n",
    id="numbers that are none"),
    pytest.param(b"data: {1: a, true: b, ~: c, 2026-01-01: d, 1.5: e}\n", id="keys of other types"),
    pytest.param(b"data: {? [a] : b}\n", id="a list as a key"),
    pytest.param(b"data: {? {a: b} : c}\n", id="a map as a key"),
    pytest.param(b"data: {a: 2026-99-99, b: 2026-01-01T99:99:99Z}\n", id="impossible times"),
    pytest.param(b"<<: {data: {a: b}}\n", id="a merge at the root"),
    pytest.param(b"<<: a\n", id="a merge of text"),
    pytest.param(b"<<: [a, {b: c}]\n", id="a merge of a list of text"),
    pytest.param(b"<<:\n", id="a merge of nothing"),
    pytest.param(b"data: {=: a, a: =}\n", id="YAML 1.1's value"),
    pytest.param(b"%YAML 9.9\n---\na: b\n", id="a version of the future"),
    pytest.param(b"%TAG ! tag:x,2000:\n---\na: !b c\n", id="a directive of tags"),
    pytest.param(b"--- a\n--- b\n...\n", id="several documents"),
    pytest.param(b"data: {a: \"\\ud800\"}\n", id="half a surrogate pair"),
    pytest.param(b"data: {a: \"\\x00\\U0010ffff\"}\n", id="the first and last character"),
    pytest.param(b"data: {a: \"\\U00110000\"}\n", id="a character past the last"),
    pytest.param(b"data: {a: \xff}\n", id="no UTF-8"),
    pytest.param("data: {a: b}\n".encode("utf-16"), id="UTF-16"),
    pytest.param(b"\xfe\xff", id="a byte order mark alone"),
    pytest.param(b"data:\n" + b" " * 5000 + b"a: b\n", id="far to the right"),
    pytest.param(b"- " * 50_000, id="lists in lists"),
    pytest.param(b"? " * 50_000, id="keys in keys"),
    pytest.param(b"[" * 50_000, id="brackets"),
    pytest.param(b"{a: " * 50_000, id="braces"),
    pytest.param(b"".join(b" " * n + b"a:\n" for n in range(1500)), id="a staircase"),
    pytest.param(b"data: |\n" + b" a\n" * 100_000, id="a long text"),
    pytest.param(b"data: {a: >-99\n b}\n", id="an odd indent"),
    pytest.param(b"*", id="a star"), pytest.param(b"&", id="an ampersand"),
    pytest.param(b"!", id="a mark"), pytest.param(b"%", id="a percent sign"),
    pytest.param(b"@", id="a reserved sign"), pytest.param(b"", id="nothing"),
    pytest.param(b"---", id="an empty document"), pytest.param(b"\x00", id="NUL"),
    pytest.param(b"\t", id="a tab"),
]  # fmt: skip


def check(bench: Bench, body: bytes) -> None:
    bench.create(MAPS, body, "application/yaml")
    place = f"{MAPS}/y"
    bench.ask("PATCH", f"{place}?fieldManager=m&force=true", body, APPLY)
    if bench.ask("GET", place).status == 200:
        bench.check_kept(MAPS, place)
        bench.remove(place)


@pytest.mark.parametrize("body", BODIES)
def test_yaml(bench: Bench, body: bytes) -> None:
    check(bench, body)
    check(bench, HEAD + body)
    check(bench, HEAD.replace(b"a}", b"y}") + body)
    check(
        bench,
        HEAD.replace(b"a}", b"y}")
        + b"data:\n"
        + b"".join(b" " + line + b"\n" for line in body.splitlines()),
    )


TOKENS = st.sampled_from(
    (b"a", b": ", b"\n", b"  ", b"- ", b"{", b"}", b"[", b"]", b",", b"&a ", b"*a", b"!!str ", b"!",
    b"|", b">", b"'", b'"', b"#", b"? ", b"~", b"1", b".5", b"<<", b"---\n", b"...\n", b"%", b"@",
    b"\\", b"\x00", b"\xc3\xa9", b"\xff", b"\t", b"data: ", b"kind: ConfigMap\n",
    b"apiVersion: v1\n", b"metadata: {name: y}\n", b"0x", b"=", b"\xef\xbb\xbf", b"\xe2\x80\xa8")
)  # fmt: skip


@examples(100)
@given(tokens=st.lists(TOKENS, max_size=25))
def test_tokens(bench: Bench, tokens: list[bytes]) -> None:
    body = b"".join(tokens)
    check(bench, body)
    check(bench, HEAD.replace(b"a}", b"y}") + body)
