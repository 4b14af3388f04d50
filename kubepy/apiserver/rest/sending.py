"""Payloads onto the wire: at once or in pieces, compressed where that pays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from isal import isal_zlib  # a sixth of zlib's time, and smaller

from kubepy.apiserver.rest.answers import Payload
from kubepy.apiserver.rest.exchange import Exchange
from kubepy.meta.gotext import quote

GZIP_FROM_BYTES = 128 * 1024
GZIP_LEVEL = 1
GZIP_WINDOW = 16 + isal_zlib.MAX_WBITS  # asks for gzip's header
WHOLE_UP_TO_BYTES = 64 * 1024  # what is sent as one answer though it came in pieces
TEXT = "text/plain; charset=utf-8"
WARNING_BYTES = 4096  # of all warnings of one answer together
ALL_WARNINGS_BYTES = 32 * 1024

Headers = Sequence[tuple[str, str]]


async def send(exchange: Exchange, payload: Payload, headers: Headers) -> None:
    """The whole answer; returns when most of it is with the client."""
    if payload.content_type:
        headers = (("Content-Type", payload.content_type), *headers)
    pieces = iter((payload.body,) if isinstance(payload.body, bytes) else payload.body)
    start, complete = _start(pieces)
    if complete and len(start) <= GZIP_FROM_BYTES:
        exchange.respond(payload.code, headers, start)
        return
    if accepts_gzip(exchange.header("Accept-Encoding")) and len(start) > WHOLE_UP_TO_BYTES:
        headers = (*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding"))
        await _send_compressed(exchange, payload.code, headers, start, pieces)
    elif complete:
        exchange.respond(payload.code, headers, start)
        await exchange.drain()
    else:
        exchange.begin(payload.code, headers)
        exchange.write_chunk(start)
        for piece in pieces:
            await exchange.drain()
            exchange.write_chunk(piece)
        exchange.end()
        await exchange.drain()


def _start(pieces: Iterator[bytes]) -> tuple[bytes, bool]:
    """As many pieces as make one answer, joined, and whether these were all."""
    start: list[bytes] = []
    size = 0
    for piece in pieces:
        start.append(piece)
        size += len(piece)
        if size > WHOLE_UP_TO_BYTES:
            break
    else:
        return b"".join(start), True
    return b"".join(start), False


async def _send_compressed(
    exchange: Exchange, code: int, headers: Headers, start: bytes, rest: Iterable[bytes]
) -> None:
    """Compresses a piece at a turn of the loop: one costs well under a millisecond."""
    deflate = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, GZIP_WINDOW)
    exchange.begin(code, headers)
    for piece in chain((start,), rest):
        if compressed := deflate.compress(piece):
            exchange.write_chunk(compressed)
            await exchange.drain()
        await asyncio.sleep(0)
    exchange.write_chunk(deflate.flush())
    exchange.end()
    await exchange.drain()


def accepts_gzip(header: str) -> bool:
    return "gzip" in header and any(
        part.partition(";")[0].strip() == "gzip" for part in header.split(",")
    )


def send_text(exchange: Exchange, code: int, text: str, headers: Headers) -> None:
    """Plain text, as Kubernetes' outermost handlers answer."""
    plain = [("Content-Type", TEXT), ("X-Content-Type-Options", "nosniff"), *headers]
    exchange.respond(code, plain, text.encode())


def warning_headers(warnings: Sequence[str]) -> list[tuple[str, str]]:
    """A Warning header for each text that was not there before; long ones are cut."""
    headers = []
    size = 0
    for text in dict.fromkeys(warnings):
        shown = quote(" ".join(text.split()))
        if len(shown) > WARNING_BYTES:
            shown = shown[: WARNING_BYTES - 1] + '"'
        size += len(shown)
        if size > ALL_WARNINGS_BYTES:
            break
        headers.append(("Warning", f"299 - {shown}"))
    return headers
