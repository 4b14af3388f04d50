"""Replies as bytes of the media type that was agreed on. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from kubepy.api import codec, scheme
from kubepy.api.meta.v1 import PartialObjectMetadata, Status
from kubepy.api.scheme import Resource
from kubepy.apiserver.rest import shapes
from kubepy.apiserver.rest.negotiation import JSON, PROTOBUF, YAML, Accepted
from kubepy.apiserver.rest.shapes import Shape
from kubepy.base.varint import varint
from kubepy.meta.calls import Item, Items, Reply
from kubepy.meta.errors import ApiError

ITEMS_TAG = b"\x12"  # field 2 of every list message, length-delimited
METADATA_TAG = b"\x0a"  # field 1
INDENT = 2


class Payload(Struct, frozen=True):
    """A body ready to be written: whole, or in pieces that are made while they are sent."""

    content_type: str
    body: bytes | Iterable[bytes]
    code: int = 200


def payload(reply: Reply, resource: Resource, accepted: Accepted, shape: Shape | None) -> Payload:
    """A reply in the form that was agreed on. Raises 406 where it cannot have the shape."""
    if accepted.media_type == PROTOBUF:
        return Payload(PROTOBUF, protobuf(reply, shape), reply.code)
    body: bytes | Iterable[bytes]
    if shape is not None:
        if isinstance(reply, Items):
            body = shapes.pieces(reply, shape)
        else:
            body = shapes.answer(reply, resource, shape)
    elif isinstance(reply, Items):
        body = reply.json_pieces()
    else:
        body = reply.json()
    return finished(body, accepted, reply.code)


def finished(body: bytes | Iterable[bytes], accepted: Accepted, code: int = 200) -> Payload:
    """JSON as it is, indented, or as YAML."""
    if accepted.media_type == YAML:
        return Payload(YAML, to_yaml(whole(body)), code)
    if accepted.pretty:
        return Payload(JSON, indented(whole(body)), code)
    return Payload(JSON, body, code)


def error(problem: ApiError, accepted: Accepted) -> Payload:
    """The Status of an error; never in a shape."""
    status = problem.status
    if accepted.media_type == PROTOBUF:
        item = Item(Status, obj=status)
        return Payload(PROTOBUF, _wrapped(item), problem.code)
    return finished(codec.encode_typed(status), accepted, problem.code)


def whole(body: bytes | Iterable[bytes]) -> bytes:
    return body if isinstance(body, bytes) else b"".join(body)


def indented(raw: bytes) -> bytes:
    return msgspec.json.format(raw, indent=INDENT) + b"\n"


def to_yaml(raw: bytes) -> bytes:
    import yaml  # late: hardly anybody asks for it

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(
        msgspec.json.decode(raw), Dumper=dumper, allow_unicode=True, default_flow_style=False
    )
    return text.encode()  # type: ignore[no-any-return]


def protobuf(reply: Reply, shape: Shape | None) -> bytes:
    """The reply as a message in its envelope."""
    if isinstance(reply, Items):
        if shape is not None:
            return _metadata_list(reply, shape)
        raw = list_message(message(reply.metadata), (item.protobuf() for item in reply.items))
        return wrap(reply.resource.group_version, f"{reply.resource.kind}List", raw)
    if shape is not None and reply.item.type is not Status:
        return _metadata_message(reply.item, shape)
    return _wrapped(reply.item)


def list_message(metadata: bytes, items: Iterable[bytes]) -> bytes:
    """A list, by concatenation: what a repeated field is in protobuf."""
    parts = [METADATA_TAG, varint(len(metadata)), metadata]
    for item in items:
        parts += (ITEMS_TAG, varint(len(item)), item)
    return b"".join(parts)


def _metadata_message(item: Item, shape: Shape) -> bytes:
    partial = PartialObjectMetadata(metadata=item.peek().metadata)
    return wrap(f"meta.k8s.io/{shape.version}", shapes.METADATA, message(partial))


def _metadata_list(reply: Items, shape: Shape) -> bytes:
    partials = (
        message(PartialObjectMetadata(metadata=item.peek().metadata)) for item in reply.items
    )
    raw = list_message(message(reply.metadata), partials)
    return wrap(f"meta.k8s.io/{shape.version}", shapes.METADATA_LIST, raw)


def _wrapped(item: Item) -> bytes:
    return wrap(scheme.api_version(item.type), item.type.__name__, item.protobuf())


def message(obj: Any) -> bytes:
    from kubepy.api import protobuf as codec_protobuf  # late: most clients speak JSON

    return codec_protobuf.encode(obj)


def wrap(api_version: str, kind: str, raw: bytes) -> bytes:
    from kubepy.api import protobuf as codec_protobuf

    return codec_protobuf.wrap(api_version, kind, raw)
