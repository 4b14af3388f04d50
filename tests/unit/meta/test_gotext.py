"""What messages show of values."""

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Container, PodTemplateSpec, Toleration
from kubepy.api.meta.v1 import LabelSelector
from kubepy.meta.gomemory import plain
from kubepy.meta.gotext import difference, parse_uint, quote, show, verbatim


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ('a"\\', r'"a\"\\"'),
        ("a\nb\t", r'"a\nb\t"'),
        ("\x00\x7f", r'"\x00\x7f"'),
        ("é", '"é"'),
        ("\u200b", r'"\u200b"'),
    ],
)
def test_quote(text: str, quoted: str) -> None:
    assert quote(text) == quoted


@pytest.mark.parametrize(
    ("text", "bits", "number"),
    [("0", 64, 0), ("007", 16, 7), ("65535", 16, 65535), (str(2**64 - 1), 64, 2**64 - 1)],
)
def test_parse_uint(text: str, bits: int, number: int) -> None:
    assert parse_uint(text, bits) == number


@pytest.mark.parametrize(
    ("text", "bits", "why"),
    [
        ("", 64, "invalid syntax"),
        ("-1", 64, "invalid syntax"),
        ("\u0663", 64, "invalid syntax"),
        ("65536", 16, "value out of range"),
        (str(2**64), 64, "value out of range"),
        ("9" * 5000, 64, "value out of range"),
    ],
)
def test_parse_uint_refuses(text: str, bits: int, why: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse_uint(text, bits)
    assert str(raised.value) == f'strconv.ParseUint: parsing "{text}": {why}'


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        ((), "[]"),
        ({"b": 1, "a": "<"}, '{"a":"\\u003c","b":1}'),
        (LabelSelector(matchLabels={"a": "b"}), '{"matchLabels":{"a":"b"}}'),
        (
            Toleration(key="k"),
            '{"Key":"k","Operator":"","Value":"","Effect":"","TolerationSeconds":null}',
        ),
    ],
)
def test_show(value: object, shown: str) -> None:
    assert show(value) == shown


def test_verbatim() -> None:
    patch = {"spec": {"b": [1, None, "x"], "a": True}, "n": 2.0}
    assert verbatim(patch) == "map[n:2 spec:map[a:true b:[1 <nil> x]]]"


def test_a_template_is_its_metadata_and_its_spec() -> None:
    body = {"metadata": {"labels": {"a": "b"}}, "spec": {"hostPID": True, "securityContext": {}}}
    shown = plain(codec.from_builtins(PodTemplateSpec, body))
    assert list(shown) == ["labels", "Spec"]
    assert shown["Spec"]["SecurityContext"]["HostPID"] is True
    assert "HostPID" not in shown["Spec"]


def test_difference() -> None:
    before, after = Container(name="a"), Container(name="b")
    assert difference(before, after) == (
        '@@ -1,5 +1,5 @@\n {\n- "Name": "a",\n+ "Name": "b",\n  "Image": "",\n'
        '  "Command": null,\n  "Args": null,\n'
    )
