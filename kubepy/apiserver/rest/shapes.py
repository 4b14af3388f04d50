"""Objects shown otherwise than they are: as a Table, or as metadata alone. Pure; time comes in.

Everything here is JSON made of JSON: cells are computed from the Struct, objects go in as the bytes
that the cache holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec import Raw, Struct

from kubepy.api import codec
from kubepy.api.autoscaling.v1 import Scale
from kubepy.api.meta.v1 import ListMeta, Status
from kubepy.api.scheme import Column, Resource
from kubepy.apiserver.registry.strategy import age, age_row, strategy_of
from kubepy.meta import errors
from kubepy.meta.calls import Answer, Item, Items

TABLE = "Table"
METADATA = "PartialObjectMetadata"
METADATA_LIST = "PartialObjectMetadataList"
INCLUDE = ("", "None", "Metadata", "Object")
PLAIN_COLUMNS = (  # of kinds that are no resources' own
    Column(name="Name", type="string", format="name"),
    Column(name="Created At", type="date"),
)
SCALE_COLUMNS = (
    Column(name="Name", type="string"),
    Column(name="Desired", type="integer"),
    Column(name="Available", type="integer"),
    Column(name="Age", type="string"),
)
NO_ROWS = b"null}"  # of kinds without columns of their own, as Go prints a list never made
PIECE = 256  # rows encoded at a time, so that a long list never holds the loop for long

_encoder = msgspec.json.Encoder(enc_hook=str)


class Shape(Struct, frozen=True):
    """What a request wants to see, and when."""

    kind: str
    version: str  # of meta.k8s.io
    include: str = ""  # what a Table's rows carry: "", None, Metadata, Object
    now: float = 0.0

    @property
    def opening(self) -> bytes:
        return f'{{"kind":"{self.kind}","apiVersion":"meta.k8s.io/{self.version}"'.encode()


def at(shape: Shape, now: float) -> Shape:
    """The same shape, seen at another moment."""
    return msgspec.structs.replace(shape, now=now)


def answer(reply: Answer, resource: Resource, shape: Shape) -> bytes:
    """The JSON of one object in a shape. Raises 406 for the shape of lists."""
    if reply.item.type is Status:
        return reply.json()
    if shape.kind == METADATA_LIST:
        raise errors.NotAcceptable.make(
            "you requested PartialObjectMetadataList, but the requested object is not a list "
            f"(*{reply.item.type.__name__})"
        )
    return one(reply.item, resource, shape)


def one(item: Item, resource: Resource, shape: Shape, *, columns: bool = True) -> bytes:
    """One object as a Table of one row, or as its metadata."""
    obj = item.peek()
    if shape.kind == METADATA:
        return shape.opening + b',"metadata":' + codec.encode(obj.metadata) + b"}"
    rows = [row(item, obj, resource, shape)]
    meta = ListMeta(resourceVersion=obj.metadata.resourceVersion)
    head = table_head(item.type, resource, shape, meta, columns=columns)
    return head + b"[" + b",".join(rows) + b"]}"


def pieces(reply: Items, shape: Shape) -> Iterable[bytes]:
    """The JSON of a list in a shape, to be written one piece after another."""
    if shape.kind == METADATA:
        raise errors.NotAcceptable.make(
            "you requested PartialObjectMetadata, but the requested object is a list "
            f"(*{reply.resource.kind}List)"
        )
    return _pieces(reply, shape)


def _pieces(reply: Items, shape: Shape) -> Iterable[bytes]:
    resource = reply.resource
    if shape.kind == METADATA_LIST:
        yield shape.opening + b',"metadata":' + codec.encode(reply.metadata) + b',"items":['
    else:
        yield table_head(resource.type, resource, shape, reply.metadata)
        if not reply.items and _is_plain(resource):
            yield NO_ROWS
            return
        yield b"["
    for start in range(0, len(reply.items), PIECE):
        batch = reply.items[start : start + PIECE]
        if shape.kind == METADATA_LIST:
            encoded = [metadata_of(item.peek(), shape.version) for item in batch]
        else:
            encoded = [row(item, item.peek(), resource, shape) for item in batch]
        piece = b",".join(encoded)
        yield b"," + piece if start else piece
    yield b"]}"


def table_head(
    type_: type[Any], resource: Resource, shape: Shape, meta: ListMeta, *, columns: bool = True
) -> bytes:
    """Everything before the first row."""
    shown = column_definitions(columns_of(type_, resource)) if columns else b"null"
    return (
        shape.opening
        + b',"metadata":'
        + codec.encode(meta)
        + b',"columnDefinitions":'
        + shown
        + b',"rows":'
    )


def columns_of(type_: type[Any], resource: Resource) -> Sequence[Column]:
    if type_ is Scale:
        return SCALE_COLUMNS
    return resource.columns if type_ is resource.type and resource.columns else PLAIN_COLUMNS


def _is_plain(resource: Resource) -> bool:
    """Whether a kind has no columns of its own, only those that every kind has."""
    names = [column.name for column in columns_of(resource.type, resource)]
    return names == [column.name for column in PLAIN_COLUMNS]


@cache
def column_definitions(columns: Sequence[Column]) -> bytes:
    return _encoder.encode(
        [
            {
                "name": column.name,
                "type": column.type,
                "format": column.format,
                "description": "",
                "priority": column.priority,
            }
            for column in columns
        ]
    )


def row(item: Item, obj: Any, resource: Resource, shape: Shape) -> bytes:
    return _encoder.encode(
        {"cells": cells(item.type, obj, resource, shape.now), "object": carried(item, obj, shape)}
    )


def cells(type_: type[Any], obj: Any, resource: Resource, now: float) -> Sequence[Any]:
    if type_ is Scale:
        since = age(obj.metadata.creationTimestamp, now)
        return obj.metadata.name, obj.spec.replicas, obj.status.replicas, since
    if type_ is not resource.type:
        return obj.metadata.name, obj.metadata.creationTimestamp
    maker = strategy_of(resource).row
    if maker is not None:
        return maker(obj, now)
    if not resource.columns:
        return obj.metadata.name, obj.metadata.creationTimestamp
    shown = age_row(obj, now)
    return (*shown, *[""] * (len(resource.columns) - len(shown)))[: len(resource.columns)]


def carried(item: Item, obj: Any, shape: Shape) -> Raw | None:
    """The object that a row brings along."""
    match shape.include:
        case "None":
            return None
        case "Object":
            return Raw(item.json())
        case _:
            return Raw(metadata_of(obj, shape.version))


def metadata_of(obj: Any, version: str) -> bytes:
    opening = f'{{"kind":"{METADATA}","apiVersion":"meta.k8s.io/{version}","metadata":'
    return opening.encode() + codec.encode(obj.metadata) + b"}"
