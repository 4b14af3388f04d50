"""Protobuf bodies that were cut, flipped and lengthened, and values of a store that were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api import codec, protobuf
from kubepy.api.scheme import Resource
from kubepy.base.varint import varint

from .bench import PROTOBUF, Bench, examples
from .mutation import damaged, replaced
from .samples import collection, sample, stored


def nested(field: int, depth: int, inner: bytes = b"") -> bytes:
    for _ in range(depth):
        inner = bytes((field << 3 | 2,)) + varint(len(inner)) + inner
    return inner


def named(resource: Resource) -> str:
    return f"{resource.group_resource}/{resource.version}"


def message(resource: Resource) -> bytes:
    return protobuf.encode(codec.from_builtins(resource.type, sample(resource)))


@pytest.mark.parametrize("resource", stored(), ids=named)
@examples(10)
@given(data=st.data())
def test_bodies(bench: Bench, resource: Resource, data: st.DataObject) -> None:
    inner = message(resource)
    if data.draw(st.integers(0, 3)):
        inner = data.draw(damaged(inner) | replaced(inner))
        body = protobuf.wrap(resource.group_version, resource.kind, inner)
    else:
        body = data.draw(damaged(protobuf.wrap(resource.group_version, resource.kind, inner)))
    bench.create(collection(resource), body, PROTOBUF)


@pytest.mark.parametrize("resource", stored(), ids=named)
@examples(10)
@given(data=st.data())
def test_reading(resource: Resource, data: st.DataObject) -> None:
    """Without a server: what the reader takes has a JSON and a message of its own."""
    raw = message(resource)
    try:
        obj = protobuf.decode(resource.type, data.draw(damaged(raw) | replaced(raw)))
    except ValueError:
        return
    again = codec.decode(resource.type, codec.encode(obj))
    assert protobuf.encode(again) == protobuf.encode(obj)


@pytest.mark.parametrize("depth", [50, 99, 101, 1000, 100_000])
@pytest.mark.parametrize("field", [1, 2, 3])
def test_nested(bench: Bench, field: int, depth: int) -> None:
    for body in (
        b"k8s\x00" + nested(field, depth),
        protobuf.wrap("v1", "Pod", nested(field, depth)),
        protobuf.wrap("v1", "Pod", b"\x0b" * depth),
    ):
        assert bench.ask("POST", "/api/v1/namespaces/default/pods", body, PROTOBUF).status >= 400
