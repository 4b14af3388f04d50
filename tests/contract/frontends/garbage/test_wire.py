"""Bytes that are hardly HTTP, on a connection of their own each: an answer or an end, in time."""

from __future__ import annotations

import asyncio
import gzip
import ssl
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ..conftest import client_tls
from .bench import Bench, examples

PODS = b"/api/v1/namespaces/default/pods"
MAPS = b"/api/v1/namespaces/default/configmaps"
HOST = b"Host: a\r\n"
JSON = b"Content-Type: application/json\r\n"
GOOD = b"GET /version HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


def post(headers: bytes, body: bytes = b"", path: bytes = MAPS) -> bytes:
    return (
        b"POST "
        + path
        + b" HTTP/1.1\r\n"
        + HOST
        + JSON
        + b"Connection: close\r\n"
        + headers
        + b"\r\n"
        + body
    )


def get(target: bytes, headers: bytes = b"") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n" + headers + b"\r\n"


CHUNKED = b"Transfer-Encoding: chunked\r\n"
BOMB = gzip.compress(b"[" * 50_000_000, 1)

REQUESTS = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"\x00" * 100, id="NULs"),
    pytest.param(b"\r\n" * 1000, id="empty lines"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xff" * 100, id="TLS in TLS"),
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
    pytest.param(b"GET\r\n\r\n", id="a method alone"),
    pytest.param(b"GET / HTTP/9.9\r\n\r\n", id="a version of the future"),
    pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host"),
    pytest.param(b"GET / HTTP/1.0\r\n\r\n", id="HTTP/1.0"),
    pytest.param(b"GET /api/v1/pods\r\n\r\n", id="HTTP/0.9"),
    pytest.param(b"G\xffT / HTTP/1.1\r\n" + HOST + b"\r\n", id="a method that is no token"),
    pytest.param(b"X" * 100_000 + b" / HTTP/1.1\r\n\r\n", id="a long method"),
    pytest.param(get(b"http://a/api/v1/pods"), id="a whole URL"),
    pytest.param(get(b"*"), id="a star"),
    pytest.param(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    id="options of all"),
    pytest.param(b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n", id="a tunnel"),
    pytest.param(get(b"api/v1/pods"), id="a path without a root"),
    pytest.param(get(b""), id="an empty target"),
    pytest.param(get(b"//api//v1//pods"), id="slashes"),
    pytest.param(get(b"http://["), id="no URL"),
    pytest.param(get(b"http://a:b/"), id="no port"),
    pytest.param(get(b"/api/v1/pods\x00"), id="NUL in a path"),
    pytest.param(get(b"/api/v1/namespaces/%00/pods/%00"), id="encoded NUL in a path"),
    pytest.param(get(b"/api/v1/%"), id="half an encoding"),
    pytest.param(get(b"/api/v1/%zz/%u1234"), id="no encoding"),
    pytest.param(get(b"/api/v1/namespaces/%ff%fe/pods/%ed%a0%80"), id="encoded, no UTF-8"),
    pytest.param(get(b"/api/v1/namespaces/\xff/pods"), id="bare, no UTF-8"),
    pytest.param(get(b"/%2e%2e/%2e%2e/etc/passwd"), id="upwards"),
    pytest.param(get(b"/../../api/v1/pods"), id="upwards, bare"),
    pytest.param(get(b"/api/v1/namespaces/default/pods/%0d%0aX-Evil:%201"),
    id="a line break in a name"),
    pytest.param(get(b"/api/v1/pods?" + b"a=b&" * 20_000), id="many parameters"),
    pytest.param(get(b"/api/v1/pods?" + b"&;=&==%=%&%zz=%\xff"), id="odd parameters"),
    pytest.param(get(b"/api/v1/pods?limit=1&limit=x&watch=0&watch=1&timeoutSeconds=0"),
    id="repeated parameters"),
    pytest.param(get(b"/api/v1/pods?watch=1&timeoutSeconds=-5"), id="a watch that has ended"),
    pytest.param(get(b"/" + b"a" * 300_000), id="a long path"),
    pytest.param(get(b"/" + b"a/" * 100_000), id="a deep path"),
    pytest.param(get(b"/api/v1/pods?labelSelector=" + b"(" * 200_000), id="a long selector"),
    pytest.param(get(b"/version", b"X: " + b"a" * 70_000 + b"\r\n"), id="a long header"),
    pytest.param(get(b"/version", b"X" * 70_000 + b": a\r\n"), id="a long header's name"),
    pytest.param(get(b"/version", b"".join(b"X-%d: a\r\n" % n for n in range(30_000))),
    id="many headers"),
    pytest.param(get(b"/version", b"X\x00: a\x00\r\n"), id="NUL in a header"),
    pytest.param(get(b"/version", b"X : a\r\n"), id="a space before the colon"),
    pytest.param(get(b"/version", b" X: a\r\n"), id="a folded header"),
    pytest.param(get(b"/version", b"X\r\n"), id="no colon"),
    pytest.param(get(b"/version", b": a\r\n"), id="no name"),
    pytest.param(get(b"/version", b"X: \xff\xfe\xed\xa0\x80\r\n"), id="a header that is no UTF-8"),
    pytest.param(get(b"/api/v1/pods", b"User-Agent: \xff\xed\xa0\x80\x80\r\n"),
    id="a user agent that is no UTF-8"),
    pytest.param(post(b"User-Agent: \xff\xed\xa0\x80\r\nContent-Length: 27\r\n",
    b'{"metadata":{"name":"ua"}}\n'), id="a manager that is no UTF-8"),
    pytest.param(get(b"/api/v1/pods", b"Audit-Id: \xff\xed\xa0\x80\r\n"),
    id="an audit id that is no UTF-8"),
    pytest.param(get(b"/api/v1/pods", b"Audit-Id: a\x0b\r\n"),
    id="an audit id that does not print"),
    pytest.param(get(b"/api/v1/pods", b"Authorization: Bearer \xff\xed\xa0\x80\r\n"),
    id="a token that is no UTF-8"),
    pytest.param(get(b"/api/v1/pods", b"Authorization: Bearer a.b.c\r\n"), id="no token"),
    pytest.param(get(b"/api/v1/pods", b"Authorization: Bearer " + b"." * 60_000 + b"\r\n"),
    id="dots for a token"),
    pytest.param(get(b"/api/v1/pods", b"Authorization: Bearer " + b"W1tb" * 10_000 + b"."
    + b"W1tb" * 5_000 + b".a\r\n"), id="a deep token"),
    pytest.param(get(b"/api/v1/pods", b"Authorization: Bearer eyJhbGciOm51bGx9.e30.\r\n"),
    id="a token without an algorithm"),
    pytest.param(get(b"/api/v1/pods",
    b"Authorization: Bearer eyJhbGciOiJFUzI1NiIsImtpZCI6W119.W10.AA\r\n"), id="a token of a list"),
    pytest.param(get(b"/api/v1/pods", b"Authorization: Basic \xff\r\n"), id="a password"),
    pytest.param(get(b"/api/v1/pods", b"Impersonate-User: \xff\r\n"), id="impersonation, no UTF-8"),
    pytest.param(get(b"/api/v1/pods", b"Impersonate-User: a\r\nImpersonate-User: b\r\n"),
    id="impersonation of two"),
    pytest.param(get(b"/api/v1/pods",
    b"Impersonate-Uid: a\r\nImpersonate-Extra-%zz%ff: b\r\nImpersonate-Extra-: c\r\n"),
    id="impersonation of nobody"),
    pytest.param(get(b"/api/v1/pods",
    b"Impersonate-User: a\r\nImpersonate-Extra-%ff%ed%a0%80: b\r\n"),
    id="impersonation with odd extras"),
    pytest.param(get(b"/api/v1/pods", b"Accept: a\r\nAccept: b\r\nAccept: application/json\r\n"),
    id="accepts repeated"),
    pytest.param(get(b"/api/v1/pods", b"Accept: " + b"a/b," * 15_000 + b"\r\n"), id="accepts much"),
    pytest.param(get(b"/api/v1/pods", b"Accept: \xff;q=\xff\r\n"), id="accepts no UTF-8"),
    pytest.param(get(b"/api/v1/pods", b"Accept-Encoding: \xff, br;q=1, gzip;q=0\r\n"),
    id="accepts no coding"),
    pytest.param(get(b"/api/v1/pods",
    b"If-None-Match: \xff\r\nRange: bytes=0-0\r\nTE: trailers\r\n"), id="conditions"),
    pytest.param(get(b"/api/v1/pods",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: a\r\n"),
    id="an upgrade of nothing"),
    pytest.param(get(PODS + b"/a/exec?command=a", b"Upgrade: SPDY/3.1\r\n"),
    id="an upgrade for no pod"),
    pytest.param(get(PODS + b"/a/proxy/%ff/%00"), id="a proxy to no pod"),
    pytest.param(post(b"Content-Length: x\r\n"), id="a length that is none"),
    pytest.param(post(b"Content-Length: -1\r\n"), id="a negative length"),
    pytest.param(post(b"Content-Length: 1e9\r\n"), id="a length as a float"),
    pytest.param(post(b"Content-Length: " + b"9" * 400 + b"\r\n"), id="an absurd length"),
    pytest.param(post(b"Content-Length: 99999999999\r\n", b"{}"), id="a length past the limit"),
    pytest.param(post(b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"), id="two lengths"),
    pytest.param(post(b"Content-Length: 2\r\n" + CHUNKED, b"0\r\n\r\n"), id="a length and chunks"),
    pytest.param(post(b"Content-Length: \xd9\xa3\r\n", b"{} "), id="a length in another script"),
    pytest.param(post(CHUNKED, b"zz\r\n{}\r\n0\r\n\r\n"), id="a chunk of no size"),
    pytest.param(post(CHUNKED, b"-1\r\n{}\r\n0\r\n\r\n"), id="a chunk of negative size"),
    pytest.param(post(CHUNKED, b"f" * 40 + b"\r\n{}"), id="a chunk of absurd size"),
    pytest.param(post(CHUNKED, b"2\r\n{}XX0\r\n\r\n"), id="a chunk that does not end"),
    pytest.param(post(CHUNKED, b"2;" + b"a" * 100_000 + b"\r\n{}\r\n0\r\n\r\n"),
    id="a chunk's long extension"),
    pytest.param(post(CHUNKED, b"2\r\n{}\r\n0\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"),
    id="a long trailer"),
    pytest.param(post(CHUNKED, b"1\r\n{\r\n" * 20_000 + b"0\r\n\r\n"), id="many chunks"),
    pytest.param(post(CHUNKED, b"100000\r\n" + b"a" * 0x100000 + b"\r\n100000\r\n"
    + b"a" * 0x100000 + b"\r\n100000\r\n" + b"a" * 0x100000 + b"\r\n100000\r\n" + b"a" * 0x100000
    + b"\r\n0\r\n\r\n"), id="chunks past the limit"),
    pytest.param(post(b"Transfer-Encoding: gzip\r\n", b"{}"), id="an unknown transfer coding"),
    pytest.param(post(b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n"),
    id="chunks of chunks"),
    pytest.param(post(b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(BOMB), BOMB),
    id="a bomb"),
    pytest.param(post(b"Content-Encoding: deflate\r\nContent-Length: 2\r\n", b"{}"),
    id="no deflate"),
    pytest.param(post(b"Content-Encoding: gzip\r\nContent-Length: 2\r\n", b"{}"), id="no gzip"),
    pytest.param(post(b"Content-Encoding: odd\r\nContent-Length: 2\r\n", b"{}"),
    id="an unknown coding"),
    pytest.param(post(b"Content-Encoding: br\r\nContent-Length: 2\r\n", b"{}"), id="brotli"),
    pytest.param(post(b"Content-Length: 4000000\r\n", b"{" * 4_000_000),
    id="a body past the limit"),
    pytest.param(post(b"Content-Type: a/b\r\nContent-Length: 2\r\n", b"{}"),
    id="two content types"),
    pytest.param(post(b"Expect: 100-continue\r\nContent-Length: 2\r\n", b"{}"),
    id="an expectation"),
    pytest.param(post(b"Expect: odd\r\nContent-Length: 2\r\n", b"{}"), id="an odd expectation"),
    pytest.param(GOOD.replace(b"close", b"keep-alive") * 50 + GOOD, id="a pipeline"),
    pytest.param(GOOD.replace(b"close", b"keep-alive") * 5 + b"garbage\r\n\r\n" + GOOD,
    id="garbage in a pipeline"),
    pytest.param(post(b"Content-Length: 2\r\n", b"{}").replace(b"close", b"keep-alive")
    + b"{}{}{}\r\n\r\n", id="more than the length"),
]  # fmt: skip


class Wire:
    """Connections as an administrator, on which any bytes go."""

    def __init__(self, bench: Bench, context: ssl.SSLContext) -> None:
        self._bench = bench
        self._context = context

    def send(self, raw: bytes) -> bytes:
        """What comes back until the server ends, or waits for more."""
        self._bench.errors.clear()
        answer: bytes = self._bench.run(self._send(raw))
        assert self._bench.errors.seen == [], (raw[:2000], self._bench.errors.seen[0])
        return answer

    async def _send(self, raw: bytes) -> bytes:
        port = self._bench.apiserver.ports.https
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=self._context)
        received = []
        head, _, rest = raw.partition(b"\r\n\r\n")
        try:
            for part in (head + b"\r\n\r\n", rest):  # apart: the body comes to a request under way
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            async with asyncio.timeout(PATIENCE):
                while piece := await reader.read(65536):
                    received.append(piece)
        except (ConnectionError, TimeoutError, ssl.SSLError):
            pass  # the server has ended it, or waits for the rest
        finally:
            writer.transport.abort()
        return b"".join(received)


PATIENCE = 0.5  # seconds after which a server that waits for more of a request is left alone


@pytest.fixture(scope="module")
def wire(bench: Bench, pki: Any) -> Wire:
    return Wire(bench, client_tls(pki, "admin"))


def check(answer: bytes) -> None:
    """Each answer on a connection is one, and blames the client."""
    assert answer == b"" or answer.startswith(b"HTTP/1."), answer[:200]
    for line in answer.split(b"\r\n"):
        if line.startswith(b"HTTP/1."):
            assert int(line.split()[1]) < 500, answer[:500]
    assert b"Traceback" not in answer


@pytest.mark.parametrize("raw", REQUESTS)
def test_requests(bench: Bench, wire: Wire, raw: bytes) -> None:
    check(wire.send(raw))
    assert bench.ask("GET", "/version").status == 200


PIECES = st.sampled_from(
    (b"GET ", b"POST ", b"PATCH ", b"/api/v1/pods", MAPS, b" HTTP/1.1\r\n", b"\r\n", b"\r\n\r\n",
    b"\n", b" ", HOST, JSON, CHUNKED, b"Content-Length: 5\r\n", b"Connection: close\r\n",
    b"2\r\n{}\r\n", b"0\r\n\r\n", b"{}", b"\x00", b"\xff", b":", b"%", b"?watch=1&timeoutSeconds=0",
    b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\nConnection: Upgrade\r\n")
)  # fmt: skip


@examples(30)
@given(pieces=st.lists(PIECES, max_size=12))
def test_pieces(wire: Wire, pieces: list[bytes]) -> None:
    check(wire.send(b"".join(pieces) + b"\r\n\r\n" + GOOD))
