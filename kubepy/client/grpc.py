"""Calls over gRPC, as kubepy's own apiserver takes them: protobuf, one connection for all."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import grpc

from kubepy import pb
from kubepy.api import protobuf
from kubepy.api.meta.v1 import DeleteOptions, Status
from kubepy.api.scheme import Resource
from kubepy.base.clock import Clock
from kubepy.base.varint import fields
from kubepy.client.kubeconfig import Access, KubeconfigError
from kubepy.client.tokens import TokenSource
from kubepy.client.transport import Event, Listing
from kubepy.meta import errors
from kubepy.meta.calls import ERROR, Body, Call

T = TypeVar("T")

CERTIFICATE_PORT, TOKEN_PORT = 1, 2  # above the port of REST: 6443, 6444, 6445
MAX_MESSAGE_BYTES = 64 * 1024 * 1024  # a list in one message; gRPC's own limit is 4 MiB
REQUEST_TIMEOUT = 65.0  # seconds; a little more than the apiserver itself allows
WATCH_GRACE = 30.0  # seconds that a watch may outlive the end that it asked for
KEEPALIVE = 15_000  # milliseconds between questions whether the server is still there
DETAILS = "grpc-status-details-bin"
# The methods that are named after what they do.
NAMED = {"binding": "Bind", "eviction": "Evict", "token": "CreateToken", "finalize": "Finalize"}
UNREACHABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


class GrpcTransport:
    """One channel to one server."""

    def __init__(self, access: Access, clock: Clock, *, user_agent: str, port: int = 0) -> None:
        self._access = access
        self._user_agent = user_agent
        self._port = port
        self._tokens = TokenSource(access, clock)
        self._channel: Any = None

    async def send(self, call: Call, answer: type[T]) -> T:
        raw = await self._unary(call)
        if answer is Status or method(call).output_type.name == "DeleteReply":
            return answer()
        return protobuf.decode(answer, raw)

    async def list(self, call: Call) -> Listing[Any]:
        assert call.resource.list_type is not None
        answer: Any = protobuf.decode(call.resource.list_type, await self._unary(call))
        return Listing(answer.items, answer.metadata.resourceVersion, answer.metadata.continue_)

    async def watch(self, call: Call) -> AsyncGenerator[Event[Any], None]:
        wanted = getattr(call.options, "timeoutSeconds", None)
        invoke = self._open().unary_stream(path(call))
        stream = invoke(
            request(call),
            metadata=await self._metadata(),
            timeout=wanted + WATCH_GRACE if wanted else None,
        )
        read = event_class(method(call).output_type.full_name)
        try:
            async for raw in stream:
                message = read.FromString(raw)
                if message.type == ERROR:
                    raise errors.from_status(protobuf.from_message(Status, message.status))
                obj = protobuf.from_message(call.resource.type, message.object)
                yield Event(message.type, obj)
        except grpc.aio.AioRpcError as error:
            if wanted and error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                return  # the end that was asked for, only that the server did not make it
            raise self._failure(error) from error
        finally:
            stream.cancel()

    async def close(self) -> None:
        if self._channel is not None:
            await self._channel.close()

    async def _unary(self, call: Call) -> bytes:
        invoke = self._open().unary_unary(path(call))
        try:
            answer: bytes = await invoke(
                request(call), metadata=await self._metadata(), timeout=REQUEST_TIMEOUT
            )
        except grpc.aio.AioRpcError as error:
            raise self._failure(error) from error
        return answer

    def _open(self) -> Any:
        """The channel, made when the first call needs it: it belongs to the running loop."""
        if self._channel is None:
            self._channel = grpc.aio.secure_channel(
                self._target(), _credentials(self._access), options=self._options()
            )
        return self._channel

    def _target(self) -> str:
        url = urlsplit(self._access.server)
        above = CERTIFICATE_PORT if self._access.certificate else TOKEN_PORT
        host = f"[{url.hostname}]" if ":" in (url.hostname or "") else url.hostname
        return f"{host}:{self._port or (url.port or 443) + above}"

    def _options(self) -> Sequence[tuple[str, Any]]:
        options = [
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.keepalive_time_ms", KEEPALIVE),
            ("grpc.primary_user_agent", self._user_agent),
        ]
        if self._access.server_name:  # gRPC checks the certificate against this name instead
            options.append(("grpc.ssl_target_name_override", self._access.server_name))
        return options

    async def _metadata(self) -> tuple[tuple[str, str], ...]:
        token = await self._tokens.current()
        return (("authorization", f"Bearer {token}"),) if token else ()

    def _failure(self, error: Any) -> Exception:
        """The server's Status, or that there is no server."""
        for key, value in error.trailing_metadata() or ():
            if key == DETAILS:
                return errors.from_status(_detail(value))
        if error.code() in UNREACHABLE:
            return ConnectionError(f"{self._target()}: {error.details()}")
        return errors.Unknown.of(f"{error.code().name}: {error.details()}")


def _credentials(access: Access) -> Any:
    if access.insecure:
        raise KubeconfigError("gRPC has no insecure-skip-tls-verify")
    return grpc.ssl_channel_credentials(
        root_certificates=access.ca or None,
        private_key=access.key or None,
        certificate_chain=access.certificate or None,
    )


def _detail(raw: bytes) -> Status:
    """The Kubernetes Status among the details of a google.rpc.Status."""
    for number, value in fields(raw):
        if number == 3 and isinstance(value, bytes):  # details: an Any
            for inner, content in fields(value):
                if inner == 2 and isinstance(content, bytes):
                    return protobuf.decode(Status, content)
    return Status(status="Failure", code=500, message="the server gave no reason")


# Which method a call is, read from the compiled services.


@cache
def service(resource: Resource) -> Any:
    """The descriptor of a resource's service. NotFound if it has none."""
    *_, folder, version = resource.module.split(".")
    try:
        file = pb.pool.FindFileByName(f"kubepy/{folder}/{version}.proto")
    except KeyError:
        raise errors.NotFound.path() from None
    for name, found in file.services_by_name.items():
        if name.lower() == resource.plural:
            return found
    raise errors.NotFound.path()


@cache
def _method(resource: Resource, verb: str, subresource: str) -> Any:
    wanted = NAMED.get(subresource, f"{verb}{subresource}").lower()
    for name, found in service(resource).methods_by_name.items():
        if name.lower() == wanted:
            return found
    raise errors.MethodNotAllowed.path()


def method(call: Call) -> Any:
    """The descriptor of a call's method. Raises NotFound or MethodNotAllowed."""
    return _method(call.resource, call.verb, call.subresource)


def path(call: Call) -> str:
    found = method(call)
    return f"/{found.containing_service.full_name}/{found.name}"


@cache
def event_class(name: str) -> Any:
    return pb.message(name)


def request(call: Call) -> bytes:
    """The call's message."""
    message: Any = pb.message(method(call).input_type.full_name)()
    known = message.DESCRIPTOR.fields_by_name
    message.namespace = call.namespace
    if "name" in known:
        message.name = call.name
    if call.options is not None:
        message.options.CopyFrom(protobuf.to_message(call.options))
    if isinstance(call.options, DeleteOptions) and call.selection is not None:
        message.list.CopyFrom(protobuf.to_message(call.selection))
    if isinstance(call.body, Body):
        message.content_type = call.body.content_type
        message.patch = call.body.raw
    elif call.body is not None:
        message.object.CopyFrom(protobuf.to_message(call.body))
    raw: bytes = message.SerializeToString()
    return raw
