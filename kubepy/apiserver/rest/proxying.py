"""Requests that another server answers: to it as they came, its answer back as it comes.

    client ══ request ══► apiserver ══ same request, other credentials ══► backend
           ◄══ answer ══            ◄══ answer ═══════════════════════════
           ◄─────────── bytes, both ways, untouched, after a 101 ───────►

Bodies pass through in pieces, in both directions, and are never held. An upgrade is handed over:
the client's request goes to the backend as it came, and after its `101` both connections are one
pipe of bytes. What is spoken in it (SPDY, WebSocket) is the client's and the backend's business.
"""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from urllib.parse import quote

import aiohttp
from msgspec import Struct
from multidict import CIMultiDict
from yarl import URL

from kubepy.apiserver.rest.exchange import Exchange
from kubepy.apiserver.rest.front import Asked
from kubepy.apiserver.streaming import kubelets, rewriting
from kubepy.apiserver.streaming.kubelets import Kubelets
from kubepy.apiserver.streaming.locations import Address
from kubepy.apiserver.streaming.rewriting import Mount
from kubepy.base import upgrade
from kubepy.meta import errors

HEAD_SECONDS = 30.0  # for a backend to answer an upgrade
MAX_PAGE_BYTES = 16 * 1024 * 1024  # of HTML whose links are rewritten; longer ones pass
SWITCHING, MOVED, NO_CONTENT, NOT_MODIFIED = 101, 301, 204, 304
REDIRECTS, BAD_GATEWAY = range(300, 400), 502
NO_REDIRECTS = b"the backend attempted to redirect this request, which is not permitted"
TEXT, HTML = "text/plain", "text/html"

HOP = frozenset(  # headers of one connection, not of what it carries
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
     "te", "trailer", "transfer-encoding", "upgrade")
)  # fmt: skip
OURS = frozenset(("authorization", "expect", "x-forwarded-for"))  # not the backend's, or made anew
CLAIMS = ("impersonate-", "x-remote-")  # who the client said it is: that is settled by now
NEVER_BACK = frozenset((  # CORS is for the page that asked us; the others are ours
    "access-control-allow-credentials", "access-control-allow-headers",
    "access-control-allow-methods", "access-control-allow-origin", "date", "audit-id",
))  # fmt: skip
LENGTH = "content-length"
NOT_ADDED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")  # if the client has none

Headers = Sequence[tuple[str, str]]


class Way(Struct, frozen=True):
    """Where a request goes on to."""

    address: Address
    path: str  # decoded; empty: the client is sent to the same path with a slash
    query: str
    tls: ssl.SSLContext | None  # None: plain HTTP
    mount: Mount | None  # where the backend's links are to lead; None: nowhere else
    host: str = ""  # the Host header; empty: the client's own
    server_name: str = ""  # whose certificate it is to be; empty: the address's
    headers: Headers = ()  # beside the client's
    redirects: bool = True  # whether the client may be sent elsewhere

    @property
    def authority(self) -> str:
        return kubelets.authority(self.address)

    @property
    def target(self) -> str:
        path = quote(self.path or "/", safe="/:@!$&'()*+,;=~")
        return f"{path}?{self.query}" if self.query else path

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.authority}{self.target}"


async def carry(asked: Asked, way: Way, backends: Kubelets) -> None:
    """Answer a request with the backend's answer. Raises ServiceUnavailable, Unknown."""
    exchange = asked.exchange
    if is_upgrade(exchange):
        await hand_over(asked, way, backends)
        return
    if not way.path and exchange.method in ("GET", "HEAD"):
        path, mark, query = exchange.target.partition("?")
        exchange.respond(MOVED, [("Location", f"{path}/{mark}{query}"), *asked.headers()], b"")
        return
    call = backends.session.request(
        exchange.method,
        URL(way.url, encoded=True),
        headers=forwarded(exchange, way),
        data=body_of(exchange),
        allow_redirects=False,
        skip_auto_headers=NOT_ADDED,
        ssl=way.tls if way.tls is not None else False,
        server_hostname=way.server_name or None,
    )
    try:
        answer = await call
    except (aiohttp.ClientError, OSError, TimeoutError) as problem:
        why = kubelets.reason(problem, way.address)
        raise errors.ServiceUnavailable.of(f"error trying to reach service: {why}") from problem
    async with answer:
        await give_back(asked, way, answer)


def is_upgrade(exchange: Exchange) -> bool:
    return bool(exchange.header("Upgrade")) and "upgrade" in exchange.header("Connection").lower()


def forwarded(exchange: Exchange, way: Way) -> CIMultiDict[str]:
    """The client's headers for the backend, and what a proxy adds."""
    kept: CIMultiDict[str] = CIMultiDict()
    dropped = {word.strip().lower() for word in exchange.header("Connection").split(",")} | HOP
    for name, value in passed(exchange.header_items()):
        if name.lower() not in dropped:
            kept.add(name, value)
    kept["X-Forwarded-For"] = forwarded_for(exchange)
    if way.host:
        kept["Host"] = way.host
    mount = way.mount
    if mount is not None:
        kept["X-Forwarded-Uri"] = rewriting.joined(mount.prefix, way.path)
        if mount.host:
            kept["X-Forwarded-Host"] = mount.host
        if mount.scheme:
            kept["X-Forwarded-Proto"] = mount.scheme
    kept.extend(way.headers)
    return kept


def passed(headers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """A request's headers without its credentials and whom it claims to be."""
    for name, value in headers:
        lowered = name.lower()
        if lowered not in OURS and not lowered.startswith(CLAIMS):
            yield name, value


def forwarded_for(exchange: Exchange) -> str:
    """Everybody whom the request has come by."""
    return ", ".join(filter(None, (exchange.header("X-Forwarded-For"), exchange.peer)))


def body_of(exchange: Exchange) -> AsyncIterator[bytes] | None:
    """The request's body in pieces; None: it has none."""
    has_body = exchange.header("Transfer-Encoding") or exchange.header("Content-Length") not in (
        "",
        "0",
    )
    return exchange.pieces() if has_body else None


async def give_back(asked: Asked, way: Way, answer: aiohttp.ClientResponse) -> None:
    """The backend's answer to the client, its links led back here."""
    exchange = asked.exchange
    dropped = HOP | NEVER_BACK | {LENGTH}
    headers = [(n, v) for n, v in answer.headers.items() if n.lower() not in dropped]
    location = answer.headers.get("Location")
    if location and not way.redirects and answer.status in REDIRECTS:
        exchange.respond(BAD_GATEWAY, [("Content-Type", TEXT), *asked.headers()], NO_REDIRECTS)
        return
    asked_host = exchange.header("Host")
    mount = way.mount
    if mount is not None and location:
        found = rewriting.link(location, mount, way.authority, asked_host)
        headers = [(n, v) for n, v in headers if n.lower() != "location"] + [("Location", found)]
    headers += asked.headers()
    length = answer.headers.get(LENGTH)
    if exchange.method == "HEAD" or answer.status in (NO_CONTENT, NOT_MODIFIED):
        sized = [("Content-Length", length)] if length else []
        exchange.respond_empty(answer.status, [*headers, *sized])
        return
    start = b""
    if mount is not None and not location and is_page(answer):
        start, complete = await beginning(answer)
        if complete:
            encoding = answer.headers.get("Content-Encoding", "")

            def rewrite(target: str) -> str:
                return rewriting.link(target, mount, way.authority, asked_host)

            page = await asyncio.to_thread(rewritten, start, encoding, rewrite)
            exchange.respond(answer.status, headers, page)
            await exchange.drain()
            return
    await relay(exchange, answer, answer.status, headers, length, start)


def is_page(answer: aiohttp.ClientResponse) -> bool:
    media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    return media_type == HTML and answer.headers.get("Content-Encoding", "") in DECODE


def _inflate(raw: bytes) -> bytes:
    return zlib.decompress(raw, -zlib.MAX_WBITS)


def _deflate(raw: bytes) -> bytes:
    packer = zlib.compressobj(zlib.Z_BEST_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(raw) + packer.flush()


Coding = dict[str, Callable[[bytes], bytes]]
DECODE: Coding = {"": bytes, "gzip": gzip.decompress, "deflate": _inflate}  # by Content-Encoding
ENCODE: Coding = {"": bytes, "gzip": gzip.compress, "deflate": _deflate}


async def beginning(answer: aiohttp.ClientResponse) -> tuple[bytes, bool]:
    """As much of a page as may be rewritten, and whether that is all of it."""
    buffer = bytearray()
    while piece := await answer.content.readany():
        buffer += piece
        if len(buffer) > MAX_PAGE_BYTES:
            return bytes(buffer), False
    return bytes(buffer), True


def rewritten(raw: bytes, encoding: str, rewrite: Callable[[str], str]) -> bytes:
    """An HTML page with its links rewritten, in its own encoding. Raises ServiceUnavailable."""
    try:
        text = DECODE[encoding](raw).decode("utf-8", "surrogateescape")
    except (OSError, EOFError, zlib.error) as problem:
        why = f"error trying to reach service: {problem}"
        raise errors.ServiceUnavailable.of(why) from problem
    return ENCODE[encoding](rewriting.page(text, rewrite).encode("utf-8", "surrogateescape"))


async def relay(
    exchange: Exchange,
    answer: aiohttp.ClientResponse,
    code: int,
    headers: Headers,
    length: str | None = None,
    start: bytes = b"",
) -> None:
    """An answer's body to the client as it arrives, behind what was read of it before; in chunks,
    if its length is not known."""
    if length is None:
        exchange.begin(code, headers)
        write: Callable[[bytes], None] = exchange.write_chunk
    else:
        exchange.respond_empty(code, [*headers, ("Content-Length", length)])
        write = exchange.write_framed
    try:
        piece = start or await answer.content.readany()
        while piece:
            write(piece)
            await exchange.drain()
            piece = await answer.content.readany()
    except aiohttp.ClientError as problem:
        raise ConnectionResetError("the backend broke off") from problem
    if length is None:
        exchange.end()


async def hand_over(asked: Asked, way: Way, backends: Kubelets) -> None:
    """An upgrade: after the backend's 101 both connections are one pipe."""
    exchange = asked.exchange
    reader, writer = await backends.dial(way.address, way.tls, way.server_name)
    try:
        writer.write(upgrade_head(exchange, way))
        async with asyncio.timeout(HEAD_SECONDS):
            status, head = await upgrade.read_head(reader)
        if status != SWITCHING:
            await _relay_refusal(asked, reader, status, head)
            return
        exchange.write_raw(head, SWITCHING)
        try:
            await upgrade.pipe(exchange.take_over(), (reader, writer))
        finally:
            exchange.forget()
    except (TimeoutError, EOFError, asyncio.LimitOverrunError) as problem:
        raise kubelets.unreachable(problem, way.address) from problem
    finally:
        writer.close()


def upgrade_head(exchange: Exchange, way: Way) -> bytes:
    """The client's request for the backend: its own words, and what is ours to say."""
    host = way.host or exchange.header("Host")
    lines = [f"{exchange.method} {way.target} HTTP/1.1", f"Host: {host}"]
    for name, value in passed(exchange.header_items()):
        if name.lower() not in ("host", LENGTH):
            lines.append(f"{name}: {value}")
    lines.append(f"X-Forwarded-For: {forwarded_for(exchange)}")
    lines += [f"{name}: {value}" for name, value in way.headers]
    if exchange.method == "POST":
        lines.append("Content-Length: 0")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


async def _relay_refusal(
    asked: Asked, reader: asyncio.StreamReader, status: int, head: bytes
) -> None:
    """What a backend says instead of upgrading, with its own code and text. Raises Unknown."""
    if status < 400:
        raise errors.Unknown.of(f"invalid upgrade response: status code {status}")
    headers = _parse_headers(head)
    length = headers.get(LENGTH, "")
    limit = kubelets.MAX_REFUSAL_BYTES
    size = min(int(length), limit) if length.isdigit() else limit
    try:
        async with asyncio.timeout(HEAD_SECONDS):
            body = await reader.readexactly(size)
    except asyncio.IncompleteReadError as partial:
        body = partial.partial
    content_type = headers.get("content-type", TEXT)
    asked.exchange.respond(status, [("Content-Type", content_type), *asked.headers()], body)


def _parse_headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
