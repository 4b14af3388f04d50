"""Watches over HTTP: events as they happen, in frames that all watchers share.

    JSON       one chunk of HTTP an event: {"type":"ADDED","object":{…}} and a newline
    protobuf   the same, an event being four bytes of length and a WatchEvent

A watcher is pulled along by its own connection: while its client does not read, nothing is asked
of the watch, which lags in the cache's log and costs no memory here. After STALLED_SECONDS it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from kubepy.api import scheme
from kubepy.api.meta.v1 import PartialObjectMetadata, Status
from kubepy.api.scheme import Resource
from kubepy.apiserver.rest import answers, shapes
from kubepy.apiserver.rest.exchange import Exchange, chunk
from kubepy.apiserver.rest.negotiation import JSON, PROTOBUF
from kubepy.apiserver.rest.shapes import METADATA, Shape
from kubepy.base.clock import Clock
from kubepy.base.varint import varint
from kubepy.meta.calls import Event, Watch

PROTOBUF_WATCH = f"{PROTOBUF};stream=watch"
STALLED_SECONDS = 60.0  # a client that takes nothing for so long has lost its watch
LENGTH_BYTES = 4

Headers = Sequence[tuple[str, str]]
Encode = Callable[[Event], bytes]


class Watches:
    """Every watch that goes on, so that all can be ended when the server stops."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: set[Watch] = set()

    def __len__(self) -> int:
        return len(self._open)

    def end_all(self) -> None:
        for watch in self._open:
            watch.close()

    async def stream(
        self,
        exchange: Exchange,
        watch: Watch,
        resource: Resource,
        media_type: str,
        shape: Shape | None,
        headers: Headers,
    ) -> None:
        """Write events until the watch is over, or the client stops reading."""
        content_type = PROTOBUF_WATCH if media_type == PROTOBUF else JSON
        exchange.begin(200, [("Content-Type", content_type), *headers])
        framed = self._framing(resource, media_type, shape)
        self._open.add(watch)
        try:
            while batch := await watch.batch():
                exchange.write_framed(b"".join([framed(event) for event in batch]))
                if exchange.is_backed_up:
                    async with asyncio.timeout(STALLED_SECONDS):
                        await exchange.drain()
            exchange.end()
        except TimeoutError:
            raise ConnectionResetError("the watcher does not read") from None
        finally:
            self._open.discard(watch)

    def _framing(self, resource: Resource, media_type: str, shape: Shape | None) -> Encode:
        """How events of this watch become chunks; shared wherever no clock is in them."""
        if shape is not None and shape.kind == shapes.TABLE:
            return self._tables(resource, shape)
        if shape is not None:
            form = f"{media_type}/metadata/{shape.version}"
            version = shape.version

            def metadata(event: Event) -> bytes:
                return _metadata_frame(event, version, media_type)

            return lambda event: event.encoded(form, metadata)
        if media_type == PROTOBUF:
            return lambda event: event.encoded("rest-protobuf", _protobuf_frame)
        return lambda event: event.encoded("rest-json", _json_frame)

    def _tables(self, resource: Resource, shape: Shape) -> Encode:
        """Tables show ages, so each is made for its watcher; the first one has the columns."""
        first = True

        def table(event: Event) -> bytes:
            nonlocal first
            if event.item.type is Status:
                return _json_frame(event)
            now = shapes.at(shape, self._clock.now())
            shown = shapes.one(event.item, resource, now, columns=first)
            first = False
            return chunk(_json_line(event.type, shown))

        return table


def _json_line(type_: str, raw: bytes) -> bytes:
    return b'{"type":"%b","object":%b}\n' % (type_.encode(), raw)


def _json_frame(event: Event) -> bytes:
    return chunk(event.json())


def _protobuf_frame(event: Event) -> bytes:
    item = event.item
    api_version = scheme.api_version(item.type)
    return _length_delimited(event.type, api_version, item.type.__name__, item.protobuf())


def _metadata_frame(event: Event, version: str, media_type: str) -> bytes:
    item = event.item
    if item.type is Status:
        return _protobuf_frame(event) if media_type == PROTOBUF else _json_frame(event)
    obj: Any = item.peek()
    if media_type != PROTOBUF:
        return chunk(_json_line(event.type, shapes.metadata_of(obj, version)))
    raw = answers.message(PartialObjectMetadata(metadata=obj.metadata))
    return _length_delimited(event.type, f"meta.k8s.io/{version}", METADATA, raw)


def _length_delimited(type_: str, api_version: str, kind: str, raw: bytes) -> bytes:
    """WatchEvent{type = 1, object = 2: RawExtension{raw = 1}}, by hand: two levels of lengths."""
    extension = _field(1, answers.wrap(api_version, kind, raw))
    event = _field(1, type_.encode()) + _field(2, extension)
    return chunk(len(event).to_bytes(LENGTH_BYTES, "big") + event)


def _field(number: int, value: bytes) -> bytes:
    """A length-delimited field of a protobuf message."""
    return bytes((number << 3 | 2,)) + varint(len(value)) + value
