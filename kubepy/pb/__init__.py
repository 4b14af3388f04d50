"""Compiled protobuf: message classes and gRPC stubs by their full names.

`descriptors.binpb` is built from `protos/` (`make update`). One descriptor set instead of generated
modules: it loads in milliseconds, needs no import path of its own, and serves reflection as it is.
Message classes are upb's; only adapters (gRPC, CRI, etcd, the protobuf codec) may touch them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, message_factory
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

DESCRIPTORS = Path(__file__).with_name("descriptors.binpb")


def _load() -> DescriptorPool:
    if not DESCRIPTORS.exists():
        raise RuntimeError(f"{DESCRIPTORS.name} is not built: run `make update`")
    files = descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS.read_bytes())
    loaded = DescriptorPool()
    for file in files.file:
        loaded.Add(file)  # protoc writes imports before the files that need them
    return loaded


pool = _load()


@cache
def message(name: str) -> type[Message]:
    """The class of a message, `k8s.io.api.core.v1.Pod`; KeyError if there is none."""
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


@cache
def service(name: str) -> ServiceDescriptor:
    """The descriptor of a service, `runtime.v1.RuntimeService`; KeyError if there is none."""
    return pool.FindServiceByName(name)


class Stub:
    """A client of one service: an attribute a method, as grpcio's generated stubs have them."""

    def __init__(self, channel: Any, name: str) -> None:
        for method in service(name).methods:
            kind = "stream" if method.client_streaming else "unary"
            kind += "_stream" if method.server_streaming else "_unary"
            callable_: Callable[..., Any] = getattr(channel, kind)(
                f"/{name}/{method.name}",
                request_serializer=message(method.input_type.full_name).SerializeToString,
                response_deserializer=message(method.output_type.full_name).FromString,
            )
            setattr(self, method.name, callable_)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        raise AttributeError(f"the service has no method {name}")


def stub(channel: Any, name: str) -> Stub:
    """A stub over a grpc.aio channel."""
    return Stub(channel, name)
