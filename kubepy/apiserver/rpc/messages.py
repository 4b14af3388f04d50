"""Requests into Calls, replies into messages: bytes on both sides. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.message import DecodeError
from msgspec.structs import replace

from kubepy.api import protobuf
from kubepy.api.meta.v1 import (
    CreateOptions,
    DeleteOptions,
    GetOptions,
    ListOptions,
    PatchOptions,
    Status,
    UpdateOptions,
)
from kubepy.api.protobuf import struct_of
from kubepy.apiserver.rpc import dynamic
from kubepy.apiserver.rpc.dynamic import Known
from kubepy.apiserver.rpc.methods import ANY, Method
from kubepy.base.varint import field
from kubepy.meta import errors
from kubepy.meta.calls import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Body,
    Call,
    Event,
    Item,
    Items,
    Reply,
)

MAX_REQUEST_BYTES = 3 * 1024 * 1024  # what Kubernetes takes as a body
PIECE = 16  # objects encoded at a time, so that a long list never holds the loop for long
DELETE_REPLY = "kubepy.v1.DeleteReply"
PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
_LIBRARY = " grpc-"  # what gRPC's libraries append to the name that a client gives itself
OPTIONS: dict[str, type[Any]] = {
    "get": GetOptions,
    "list": ListOptions,
    "watch": ListOptions,
    "create": CreateOptions,
    "update": UpdateOptions,
    "patch": PatchOptions,
    "delete": DeleteOptions,
    "deletecollection": DeleteOptions,
}


def parse(method: Method, raw: bytes) -> Any:
    """The request's message. Raises BadRequest."""
    try:
        return method.request.FromString(raw)
    except DecodeError as problem:
        name = method.request.DESCRIPTOR.full_name
        raise errors.BadRequest.of(f"the request is no {name}: {problem}") from None


def address_of(method: Method, message: Any, known: Known) -> Call:
    """Where a request leads, without what it wants there. Raises BadRequest."""
    resource, subresource = method.resource, method.subresource
    namespace, name = text(message, "namespace"), text(message, "name")
    if resource is ANY:
        resource = dynamic.resource_of(message, known)
        subresource = text(message, "subresource")
    if method.verb in ("create", "update"):
        own_namespace, own_name = _own(method, message)
        namespace = namespace or own_namespace
        if method.verb == "update" or subresource:
            name = name or own_name
    namespace = namespace if resource.namespaced else ""
    return Call(method.verb, resource, namespace, name, subresource)


def text(message: Any, name: str) -> str:
    """A string of a request; empty if its message has none. Raises BadRequest."""
    if name not in message.DESCRIPTOR.fields_by_name:
        return ""
    value = getattr(message, name)
    if isinstance(value, bytes):  # upb's, of a proto2 string that is none
        raise errors.BadRequest.of(f"{name} contains invalid UTF-8")
    return str(value)


def _own(method: Method, message: Any) -> tuple[str, str]:
    """The namespace and the name that the sent object bears."""
    if method.resource is ANY:
        return dynamic.own(message.object)
    meta = message.object.metadata
    return text(meta, "namespace"), text(meta, "name")


def call_of(method: Method, address: Call, message: Any, user_agent: str) -> Call:
    """What a request asks for. Raises BadRequest, RequestEntityTooLarge."""
    if message.ByteSize() > MAX_REQUEST_BYTES:
        raise errors.RequestEntityTooLarge.of(f"limit is {MAX_REQUEST_BYTES}")
    try:
        body = _body(method, address, message)
        options = OPTIONS[method.verb]()
        if message.HasField("options"):
            options = protobuf.from_message(type(options), message.options)
        selection = None
        if method.verb == "deletecollection" and message.HasField("list"):
            selection = protobuf.from_message(ListOptions, message.list)
    except ValueError as problem:
        raise errors.BadRequest.of(str(problem)) from None
    _check(address)
    return replace(
        address,
        body=body,
        options=options,
        selection=selection,
        user_agent=user_agent.partition(_LIBRARY)[0],
    )


def _body(method: Method, address: Call, message: Any) -> Any:
    """What is to be written. Raises BadRequest, ValueError."""
    if method.verb == "patch":
        content_type = text(message, "content_type")
        if content_type not in PATCHES:
            raise errors.BadRequest.of(f"content_type must be one of {', '.join(PATCHES)}")
        return Body(message.patch, content_type)
    if method.verb not in ("create", "update"):
        return None
    if not message.HasField("object"):
        raise errors.BadRequest.of("the request bears no object")
    sent = message.object
    if method.resource is ANY:
        return dynamic.body_of(sent)
    body = protobuf.from_message(struct_of(sent.DESCRIPTOR.full_name), sent)
    if address.subresource and not body.metadata.name:
        body = replace(body, metadata=replace(body.metadata, name=address.name))
    return body


def _check(call: Call) -> None:
    """What a path of REST could not even say."""
    resource, verb = call.resource, call.verb
    addressed = verb in ("get", "update", "patch", "delete") or call.subresource
    if addressed and not call.name:
        raise errors.BadRequest.of("name is required")
    wanted = addressed or verb in ("create", "deletecollection")
    if resource.namespaced and wanted and not call.namespace:
        raise errors.BadRequest.of("namespace is required")


def reply(method: Method, answer: Reply) -> Iterator[bytes]:
    """The message that a method answers with, in pieces. Raises NotAcceptable."""
    if isinstance(answer, Items):
        if method.answer == DELETE_REPLY:
            yield field(1, protobuf.encode(Status(status="Success")))
            return
        yield field(1, protobuf.encode(answer.metadata))
        encode = dynamic.encoded if method.resource is ANY else Item.protobuf
        for start in range(0, len(answer.items), PIECE):
            batch = answer.items[start : start + PIECE]
            yield b"".join([field(2, encode(item)) for item in batch])
    elif method.answer == DELETE_REPLY:
        yield field(1, protobuf.encode(_status(answer.item)))
    elif method.resource is ANY:
        yield dynamic.answer(answer.item, method.verb)
    else:
        yield answer.item.protobuf()


def _status(item: Item) -> Status:
    """A delete's answer: its Status, or a success that says nothing of the object it gave."""
    if item.type is Status:
        found: Status = item.object
        return found
    return Status(status="Success")


def event(method: Method, change: Event) -> bytes:
    """A change as <Kind>Event or DynamicEvent; encoded once for all who watch.

    Raises NotAcceptable.
    """
    if method.resource is ANY:
        return change.encoded("grpc-dynamic", _dynamic_event)
    return change.encoded("grpc", _event)


def _event(change: Event) -> bytes:
    number = 3 if change.item.type is Status else 2
    return field(1, change.type.encode()) + field(number, change.item.protobuf())


def _dynamic_event(change: Event) -> bytes:
    if change.item.type is Status:
        return _event(change)
    return field(1, change.type.encode()) + field(2, dynamic.encoded(change.item))
