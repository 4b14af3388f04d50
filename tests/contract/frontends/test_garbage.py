"""Garbage gets a 4xx and a Status, or what it means: never a 500, a traceback or a hang."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from typing import Any

import pytest

from kubepy.api import codec, protobuf
from kubepy.api.apps.v1 import Deployment
from kubepy.api.core.v1 import ConfigMap, Container, Pod, PodSpec
from kubepy.api.meta.v1 import ObjectMeta

ROUNDS = 120  # requests of one seed
SECONDS = 10.0  # for one answer
PODS = "/api/v1/namespaces/default/pods"
BASES = (
    (PODS, Pod(
        metadata=ObjectMeta(name="a", labels={"a": "b"}, finalizers=("x/y",)),
        spec=PodSpec(containers=(Container(name="c", image="i"),)),
    )),
    ("/api/v1/namespaces/default/configmaps",
     ConfigMap(metadata=ObjectMeta(name="a"), data={"k": "v"})),
    ("/apis/apps/v1/namespaces/default/deployments", Deployment(metadata=ObjectMeta(name="a"))),
)  # fmt: skip
PIECES = (
    b"null", b"[]", b"{}", b"-1", b"1e999", b'"\\ud800"', b'"\\u0000"', b"true", b'""', b"\xff",
    b'"' + b"9" * 400 + b'"', b"[" * 300, b"{" * 300, b'{"a":1,"a":2}', b"\x00",
)  # fmt: skip
TYPES = (
    "application/json", "application/yaml", "application/vnd.kubernetes.protobuf",
    "application/json-patch+json", "application/merge-patch+json",
    "application/strategic-merge-patch+json", "text/plain", "",
)  # fmt: skip
QUERIES = (
    "", "?limit=-1", "?limit=x", "?continue=%ff", "?labelSelector=a%20in%20(", "?fieldSelector=%00",
    "?resourceVersionMatch=Odd", "?dryRun=Some", "?fieldValidation=Odd", "?timeoutSeconds=-5",
    "?labelSelector=%ed%a0%80", "?gracePeriodSeconds=x", "?propagationPolicy=Odd", "?pretty=maybe",
)  # fmt: skip


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """The bytes with a few pieces cut out, put in or turned round."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(raw))
        end = min(len(raw), at + chance.randint(0, 12))
        raw = raw[:at] + chance.choice((b"", *PIECES, raw[at:end][::-1])) + raw[end:]
    return raw


def replaced(value: Any, chance: random.Random) -> Any:
    """A document with one of its values replaced."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        key = chance.choice(list(value))
        return {**value, key: replaced(value[key], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        return [replaced(value[0], chance), *value[1:]]
    return chance.choice(
        (None, [], {}, -1, "\ud800", "", "a/b", 2**70, 1.5, True, [None], "x" * 300)
    )


def body(obj: Any, media_type: str, chance: random.Random) -> bytes:
    if media_type.endswith("protobuf"):
        kind = type(obj).__name__
        return damaged(protobuf.wrap("v1", kind, protobuf.encode(obj)), chance)
    raw = codec.encode_typed(obj)
    if chance.random() < 0.5:
        return damaged(raw, chance)
    return json.dumps(replaced(json.loads(raw), chance)).encode()


@pytest.mark.parametrize("seed", range(4))
async def test_garbage(admin, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(seed)
    for number in range(ROUNDS):
        path, obj = chance.choice(BASES)
        method = chance.choice(("POST", "PUT", "PATCH", "GET", "DELETE"))
        media_type = chance.choice(TYPES)
        url = (path if method == "POST" else f"{path}/a") + chance.choice(QUERIES)
        sent = body(obj, media_type, chance) if method != "GET" else None
        async with asyncio.timeout(SECONDS):
            answer = await admin(method, url, sent, Content_Type=media_type)
        told = f"seed {seed}, request {number}: {method} {url} {media_type} {sent!r}"
        assert answer.status < 500, f"{told}: {answer.raw!r}"
        if answer.status >= 400:
            assert answer.json["kind"] == "Status", told
            assert answer.json["code"] == answer.status, told
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []
