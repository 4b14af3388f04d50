"""What no client should send over gRPC: the right code, and no mistake of the server's."""

from __future__ import annotations

import random

import grpc
import pytest

from kubepy import pb
from kubepy.apiserver.rpc.messages import MAX_REQUEST_BYTES
from kubepy.apiserver.rpc.methods import dynamic_methods, methods
from kubepy.apiserver.rpc.server import MAX_MESSAGE_BYTES

from .conftest import credentials
from .test_rpc import COLLECTION, LIST, PATCH, new


async def send(channel, path, method, *raws):
    """Bytes to any method; what comes back, all of it."""
    kind = "stream" if method.streams_in else "unary"
    kind += "_stream" if method.streams_out else "_unary"
    call = getattr(channel, kind)(path)
    sent = iter(raws) if method.streams_in else raws[0]
    if not method.streams_out:
        return [await call(sent, timeout=10)]
    return [piece async for piece in call(sent, timeout=10)]


async def test_garbage_is_the_senders_fault(mtls, no_errors):
    for path, method in {**methods(), **dynamic_methods()}.items():
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await send(mtls, path, method, b"\xff\xff\xff")
        assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT, path
        assert raised.value.details().startswith("the request is no kubepy."), path


SENDERS_FAULT = {"INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED", "ABORTED", "ALREADY_EXISTS"}


@pytest.mark.parametrize("seed", range(2))
async def test_damaged_requests_are_the_senders_fault(mtls, no_errors, seed):
    chance = random.Random(seed)
    widget = pb.message("kubepy.v1.DynamicCreateRequest")(
        version="v1", resource="configmaps", namespace="default"
    )
    widget.object.update({"metadata": {"name": "a", "labels": {"a": "b"}}, "data": {"a": "b"}})
    merge = PATCH(
        namespace="default",
        name="a",
        content_type="application/merge-patch+json",
        patch=b'{"data":{"x":null}}',
    )
    listed = LIST(namespace="default")
    listed.options.labelSelector = "a in (b)"
    bases = (
        ("/kubepy.v1.Dynamic/Create", widget),
        ("/kubepy.v1.Dynamic/Update", widget),
        ("/kubepy.core.v1.ConfigMaps/Create", new("a", x="y")),
        ("/kubepy.core.v1.ConfigMaps/Patch", merge),
        ("/kubepy.core.v1.ConfigMaps/List", listed),
        ("/kubepy.core.v1.ConfigMaps/DeleteCollection", COLLECTION(namespace="default")),
    )
    served = {**methods(), **dynamic_methods()}
    for number in range(150):
        path, message = chance.choice(bases)
        raw = bytearray(message.SerializeToString())
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(raw))
            raw[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            await send(mtls, path, served[path], bytes(raw))
        except grpc.aio.AioRpcError as problem:
            told = f"seed {seed}, request {number}: {path} {bytes(raw)!r}: {problem!r}"
            assert problem.code().name in SENDERS_FAULT, told


@pytest.mark.parametrize(
    ("size", "details"),
    [
        pytest.param(
            MAX_REQUEST_BYTES,
            f"Request entity is too large: limit is {MAX_REQUEST_BYTES}",
            id="an object",
        ),
        pytest.param(MAX_MESSAGE_BYTES, "eceived message larger than max", id="a message"),
    ],
)
async def test_what_is_too_large(pki, apiserver, no_errors, size, details):
    options = [("grpc.max_send_message_length", -1)]
    target = f"127.0.0.1:{apiserver.ports.grpc}"
    async with grpc.aio.secure_channel(target, credentials(pki), options=options) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await pb.stub(channel, "kubepy.core.v1.ConfigMaps").Create(new("a", x="y" * size))
        assert raised.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
        assert details in raised.value.details()
        # The connection goes on.
        assert await pb.stub(channel, "kubepy.core.v1.ConfigMaps").List(LIST())


@pytest.mark.parametrize(
    "path",
    ["/kubepy.core.v1.Pods/Nope", "/no.Such/Service", "/", "/kubepy.v1.Dynamic/get"],
)
async def test_unknown_methods(mtls, no_errors, path):
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await mtls.unary_unary(path)(b"")
    assert raised.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def test_garbage_for_reflection_and_health(mtls, no_errors):
    calls = [
        mtls.unary_unary("/grpc.health.v1.Health/Check")(b"\xff"),
        mtls.unary_stream("/grpc.health.v1.Health/Watch")(b"\xff").read(),
        mtls.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")(
            iter([b"\xff"])
        ).read(),
    ]
    for call in calls:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await call
        assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT
