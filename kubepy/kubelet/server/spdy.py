"""The client's side of SPDY/3.1, as far as streams of a container runtime need it. No I/O.

    session = Session()
    out = session.open({"streamtype": "stdin"})     -> stream 1, bytes to send
    events = session.receive(data)                   -> Replied, Data, Closed, … in order

The framing is that of draft-mbelshe-httpbis-spdy-00, §2. Flow control does not exist among the
peers that speak this (Docker's and Kubernetes' spdystream).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

from msgspec import Struct

_NAMES = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language "
    "accept-ranges age allow authorization cache-control connection content-base "
    "content-encoding content-language content-length content-location content-md5 "
    "content-range content-type date etag expect expires from host if-match if-modified-since "
    "if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer "
    "transfer-encoding upgrade user-agent vary via warning www-authenticate method get status"
)
_MORE_NAMES = (
    "200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin",
)  # fmt: skip
_WORDS = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request"
    "401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not Implemented"
    "503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, "
    "Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,"
    "application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch"
    "charset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
# The words that both sides' compressors start with (§2.6.10.1).
DICTIONARY = (
    b"".join(
        struct.pack(">I", len(name)) + name.encode() for name in (*_NAMES.split(" "), *_MORE_NAMES)
    )
    + _WORDS.encode()
)

_VERSION = 3
_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY, _HEADERS = 1, 2, 3, 6, 7, 8
_FIN = 1
_HEAD = 8  # bytes before a frame's payload
_MAX_DATA = 2**24 - 1


class Data(Struct, frozen=True):
    stream: int
    data: bytes


class Replied(Struct, frozen=True):
    """The peer took the stream: data sent before this may be dropped."""

    stream: int


class Closed(Struct, frozen=True):
    """The peer sends no more on this stream."""

    stream: int


class Reset(Struct, frozen=True):
    """The peer refused or broke off the stream."""

    stream: int
    status: int


class Gone(Struct, frozen=True):
    """The peer takes no more streams."""


Event = Replied | Data | Closed | Reset | Gone


class Session:
    """The state of one connection; `replies` are bytes that the peer waits for (pings)."""

    def __init__(self) -> None:
        self._next_stream = 1
        self._buffer = bytearray()
        self._compressor = zlib.compressobj(zdict=DICTIONARY)
        self._decompressor = zlib.decompressobj(zdict=DICTIONARY)
        self.replies = bytearray()

    def open(self, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """A new stream: its number, and the frame that opens it."""
        stream = self._next_stream
        self._next_stream += 2
        payload = struct.pack(">IIBB", stream, 0, 0, 0) + self._compress(headers)
        return stream, _control(_SYN_STREAM, 0, payload)

    @staticmethod
    def data(stream: int, data: bytes, *, end: bool = False) -> bytes:
        frames = []
        pieces = [data[at : at + _MAX_DATA] for at in range(0, len(data), _MAX_DATA)] or [b""]
        for number, piece in enumerate(pieces, 1):
            flags = _FIN if end and number == len(pieces) else 0
            frames.append(struct.pack(">II", stream, flags << 24 | len(piece)) + piece)
        return b"".join(frames)

    def receive(self, data: bytes) -> list[Event]:
        """What the bytes mean; a frame that is not complete waits for the rest."""
        self._buffer += data
        events: list[Event] = []
        while len(self._buffer) >= _HEAD:
            first, second = struct.unpack_from(">II", self._buffer)
            flags, length = second >> 24, second & 0xFFFFFF
            if len(self._buffer) < _HEAD + length:
                break
            payload = bytes(self._buffer[_HEAD : _HEAD + length])
            del self._buffer[: _HEAD + length]
            if first & 0x80000000:
                events += self._control_frame(first & 0xFFFF, flags, payload)
            else:
                if payload:
                    events.append(Data(first, payload))
                if flags & _FIN:
                    events.append(Closed(first))
        return events

    def _control_frame(self, kind: int, flags: int, payload: bytes) -> list[Event]:
        if kind in (_SYN_REPLY, _HEADERS):
            # Read, though nothing in it is wanted: the decompressor would lose its place.
            self._decompressor.decompress(payload[4:])
            stream = struct.unpack_from(">I", payload)[0]
            replied: list[Event] = [Replied(stream)] if kind == _SYN_REPLY else []
            return [*replied, Closed(stream)] if flags & _FIN else replied
        if kind == _RST_STREAM:
            stream, status = struct.unpack_from(">II", payload)
            return [Reset(stream, status)]
        if kind == _PING:
            self.replies += _control(_PING, 0, payload)
        return [Gone()] if kind == _GOAWAY else []

    def _compress(self, headers: Mapping[str, str]) -> bytes:
        block = struct.pack(">I", len(headers))
        for name, value in headers.items():
            for text in (name.lower().encode(), value.encode()):
                block += struct.pack(">I", len(text)) + text
        return self._compressor.compress(block) + self._compressor.flush(zlib.Z_SYNC_FLUSH)


def _control(kind: int, flags: int, payload: bytes) -> bytes:
    return struct.pack(">HHI", 0x8000 | _VERSION, kind, flags << 24 | len(payload)) + payload
