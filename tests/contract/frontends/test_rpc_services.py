"""gRPC's own services over real sockets: reflection and health."""

from __future__ import annotations

import asyncio

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from kubepy import pb
from kubepy.apiserver.rpc.methods import dynamic_methods, methods

from .conftest import apiserver_of, credentials

HEALTH = pb.message("grpc.health.v1.HealthCheckRequest")


async def test_grpcs_own_client_of_reflection(mtls):
    stub = reflection_pb2_grpc.ServerReflectionStub(mtls)
    ask = reflection_pb2.ServerReflectionRequest
    answers = stub.ServerReflectionInfo(
        iter([ask(list_services=""), ask(file_containing_symbol="kubepy.core.v1.Pods")])
    )
    services, file = [answer async for answer in answers]
    names = {service.name for service in services.list_services_response.service}
    assert {"kubepy.core.v1.Pods", "kubepy.apps.v1.Deployments", "grpc.health.v1.Health"} <= names
    assert file.file_descriptor_response.file_descriptor_proto


@pytest.mark.parametrize("port", ["mtls", "tokens"])
@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_is_all_that_a_client_needs(mtls, tokens, version, port):
    """The way of grpcurl: the services, then each one's file, then the imports it still lacks."""
    service = f"grpc.reflection.{version}.ServerReflection"
    ask = pb.message(f"grpc.reflection.{version}.ServerReflectionRequest")
    channel = {"mtls": mtls, "tokens": tokens}[port]
    call = pb.stub(channel, service).ServerReflectionInfo()

    async def answer(**wanted):
        await call.write(ask(**wanted))
        return await call.read()

    async def load(pool, raws):
        for raw in raws:
            file = FileDescriptorProto.FromString(raw)
            for name in file.dependency:
                if name not in loaded:
                    found = await answer(file_by_filename=name)
                    await load(pool, found.file_descriptor_response.file_descriptor_proto[:1])
            if file.name not in loaded:
                loaded.add(file.name)
                pool.Add(file)

    listed = await answer(list_services="")
    names = [each.name for each in listed.list_services_response.service]
    assert {"kubepy.v1.Dynamic", "grpc.health.v1.Health", service} <= set(names)
    pool, loaded = DescriptorPool(), set()
    for name in names:
        found = await answer(file_containing_symbol=name)
        await load(pool, found.file_descriptor_response.file_descriptor_proto[:1])
    offered = {
        f"/{name}/{method.name}"
        for name in names
        for method in pool.FindServiceByName(name).methods
    }
    assert {*methods(), *dynamic_methods()} <= offered
    unknown = await answer(file_containing_symbol="no.Such")
    assert unknown.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]
    assert unknown.original_request.file_containing_symbol == "no.Such"
    await call.done_writing()
    assert await call.read() == grpc.aio.EOF


@pytest.mark.parametrize(
    "service", ["", "kubepy.core.v1.Pods", "kubepy.v1.Dynamic", "grpc.health.v1.Health"]
)
async def test_health_of_services(tokens, service):
    stub = pb.stub(tokens, "grpc.health.v1.Health")
    assert (await stub.Check(HEALTH(service=service))).status == 1
    watch = stub.Watch(HEALTH(service=service))
    assert (await watch.read()).status == 1
    watch.cancel()


async def test_health_of_what_there_is_not(tokens):
    stub = pb.stub(tokens, "grpc.health.v1.Health")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.Check(HEALTH(service="no.Such"))
    assert raised.value.code() == grpc.StatusCode.NOT_FOUND
    watch = stub.Watch(HEALTH(service="no.Such"))
    assert (await watch.read()).status == 3
    watch.cancel()


async def test_health_ends_with_the_server(pki):
    async with apiserver_of(pki) as apiserver:
        target = f"127.0.0.1:{apiserver.ports.grpc}"
        channel = grpc.aio.secure_channel(target, credentials(pki))
        watch = pb.stub(channel, "grpc.health.v1.Health").Watch(HEALTH())
        assert (await watch.read()).status == 1
        reading = asyncio.create_task(watch.read())
    assert (await reading).status == 2
    assert await watch.read() == grpc.aio.EOF
    await channel.close()
