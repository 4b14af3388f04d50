"""Requests into Calls, replies into messages: bytes on both sides. Pure."""

from __future__ import annotations

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
from kubepy.apiserver.rpc.methods import Method
from kubepy.base.varint import varint
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

DELETE_REPLY = "kubepy.v1.DeleteReply"
PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
LENGTH_DELIMITED = 2
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
        raise errors.BadRequest.of(f"the request is no {method.answer}: {problem}") from None


def call_of(method: Method, message: Any, user_agent: str) -> Call:
    """What a request asks for. Raises BadRequest."""
    verb = method.verb
    wanted: Any = None
    if message.HasField("options"):
        wanted = protobuf.from_message(OPTIONS[verb], message.options)
    name = message.name if "name" in message.DESCRIPTOR.fields_by_name else ""
    namespace = message.namespace
    body = selection = None
    match verb:
        case "create" | "update":
            body = _object(message)
            namespace = namespace or (body.metadata.namespace if method.resource.namespaced else "")
            if verb == "update" or method.subresource:
                name = name or body.metadata.name
            if method.subresource and not body.metadata.name:
                body = replace(body, metadata=replace(body.metadata, name=name))
        case "patch":
            if message.content_type not in PATCHES:
                raise errors.BadRequest.of(f"content_type must be one of {', '.join(PATCHES)}")
            body = Body(message.patch, message.content_type)
        case "deletecollection" if message.HasField("list"):
            selection = protobuf.from_message(ListOptions, message.list)
    _check(method, namespace, name)
    return Call(
        verb=verb,
        resource=method.resource,
        namespace=namespace if method.resource.namespaced else "",
        name=name,
        subresource=method.subresource,
        body=body,
        options=wanted if wanted is not None else _defaults(verb),
        selection=selection,
        user_agent=user_agent.partition(_LIBRARY)[0],
    )


def _object(message: Any) -> Any:
    if not message.HasField("object"):
        raise errors.BadRequest.of("the request bears no object")
    sent = message.object
    try:
        return protobuf.from_message(struct_of(sent.DESCRIPTOR.full_name), sent)
    except ValueError as problem:
        raise errors.BadRequest.of(str(problem)) from None


def _check(method: Method, namespace: str, name: str) -> None:
    """What a path of REST could not even say."""
    resource, verb = method.resource, method.verb
    addressed = verb in ("get", "update", "patch", "delete") or method.subresource
    if addressed and not name:
        raise errors.BadRequest.of("name is required")
    if resource.namespaced and not namespace and (addressed or verb == "create"):
        raise errors.BadRequest.of("namespace is required")
    if verb == "deletecollection" and resource.namespaced and not namespace:
        raise errors.BadRequest.of("namespace is required")


def _defaults(verb: str) -> Any:
    return OPTIONS[verb]()


def reply(method: Method, answer: Reply) -> bytes:
    """The message that a method answers with."""
    if isinstance(answer, Items):
        metadata = protobuf.encode(answer.metadata)
        if method.answer == DELETE_REPLY:
            return field(1, protobuf.encode(Status(status="Success")))
        items = [field(2, item.protobuf()) for item in answer.items]
        return field(1, metadata) + b"".join(items)
    if method.answer == DELETE_REPLY:
        return field(1, protobuf.encode(_status(answer.item)))
    return answer.item.protobuf()


def _status(item: Item) -> Status:
    """A delete's answer: its Status, or a success that says nothing of the object it gave."""
    if item.type is Status:
        found: Status = item.object
        return found
    return Status(status="Success")


def event(change: Event) -> bytes:
    """A change as <Kind>Event; encoded once for all who watch."""
    return change.encoded("grpc", _event)


def _event(change: Event) -> bytes:
    number = 3 if change.item.type is Status else 2
    return field(1, change.type.encode()) + field(number, change.item.protobuf())


def field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a message."""
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(value)) + value
