"""One check of a probe or one HTTP hook: HTTP, TCP or gRPC, over plain asyncio streams.

Probes run all the time on every pod, so they are cheap: no client library, one short connection.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from urllib.parse import urljoin, urlsplit

import grpc
import grpc.aio
from msgspec import Struct

from kubepy.api.core.v1 import Container, EphemeralContainer, HTTPGetAction
from kubepy.api.types import IntOrString

USER_AGENT = "kube-probe/1.36"
BODY = 10 << 10  # bytes of an answer that are kept
REDIRECTS = 10


class Outcome(Struct, frozen=True):
    """Whether the check passed, and what it said."""

    passed: bool
    output: str = ""


class CheckError(Exception):
    """The check could not be made at all; it counts neither way."""


def port_number(port: IntOrString, container: Container | EphemeralContainer) -> int:
    """A port by number or by the name that the container gives it. CheckError for neither."""
    if isinstance(port, int) or port.isdecimal():
        number = int(port)
    else:
        named = (p.containerPort for p in container.ports if p.name == port)
        number = next(named, 0)
        if not number:
            raise CheckError(f"couldn't find port: {port!r} for container: {container.name}")
    if not 0 < number < 65536:
        raise CheckError(f"invalid port number: {number}")
    return number


async def http(
    action: HTTPGetAction, address: str, port: int, *, user_agent: str = USER_AGENT
) -> Outcome:
    """Any status from 200 to 399 passes."""
    scheme = (action.scheme or "HTTP").lower()
    host = action.host or address
    bracketed = f"[{host}]" if ":" in host else host
    path = action.path if action.path.startswith("/") else f"/{action.path}"
    url = f"{scheme}://{bracketed}:{port}{path}"
    headers = [(h.name, h.value) for h in action.httpHeaders]
    first = url
    for _ in range(REDIRECTS):
        try:
            status, location, body = await _get(url, headers, user_agent)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            return Outcome(False, f'Get "{url}": {_go_error(error, host, port)}')
        if 300 <= status < 400 and location:
            target = urljoin(url, location)
            if urlsplit(target).hostname != urlsplit(first).hostname:
                return Outcome(True, f"Probe terminated redirects, Response body: {body}")
            url = target
            continue
        if 200 <= status < 400:
            return Outcome(True, body)
        return Outcome(False, f"HTTP probe failed with statuscode: {status}")
    return Outcome(False, f'Get "{url}": stopped after {REDIRECTS} redirects')


async def tcp(host: str, port: int) -> Outcome:
    """A connection that is accepted passes."""
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        return Outcome(False, _go_error(error, host, port))
    await _close(writer)
    return Outcome(True)


async def grpc_health(host: str, port: int, service: str) -> Outcome:
    """grpc.health.v1: SERVING passes."""
    bracketed = f"[{host}]" if ":" in host else host
    name = service.encode()
    request = b"\x0a" + bytes([len(name)]) + name if name else b""  # field 1: the service
    serving = b"\x08\x01"  # field 1: status SERVING
    async with grpc.aio.insecure_channel(
        f"{bracketed}:{port}", options=[("grpc.primary_user_agent", USER_AGENT)]
    ) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=None,
            response_deserializer=None,
        )
        try:
            answer: bytes = await check(request, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            return Outcome(False, f"error: health rpc failed: {error.details()}")
    if serving in answer:
        return Outcome(True)
    return Outcome(False, f'service unhealthy (responded with "{_health_name(answer)}")')


def _health_name(answer: bytes) -> str:
    names = {0: "UNKNOWN", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
    return names.get(answer[1] if len(answer) > 1 else 0, "UNKNOWN")


async def _get(
    url: str, headers: Sequence[tuple[str, str]], user_agent: str
) -> tuple[int, str, str]:
    """(status, Location, the body's beginning) of one GET. OSError or ValueError if none comes."""
    parts = urlsplit(url)
    secure = _unverified() if parts.scheme == "https" else None
    port = parts.port or (443 if secure else 80)
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure, limit=BODY * 2)
    try:
        writer.write(_request(url, headers, user_agent))
        await writer.drain()
        status_line = (await reader.readline()).split(None, 2)
        if len(status_line) < 2 or not status_line[1].isdigit():
            raise ValueError("EOF" if not status_line else "malformed HTTP response")
        location, length = "", None
        while (line := await reader.readline()) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            match name.lower():
                case "location":
                    location = value.strip()
                case "content-length":
                    length = int(value)
        body = b"" if length == 0 else await reader.read(BODY)
        return int(status_line[1]), location, body.decode(errors="replace")
    finally:
        await _close(writer)


def _request(url: str, headers: Sequence[tuple[str, str]], user_agent: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    given = {name.lower() for name, _ in headers}
    lines = [f"GET {target} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"Host: {parts.netloc}")
    if "user-agent" not in given:
        lines.append(f"User-Agent: {user_agent}")
    if "accept" not in given:
        lines.append("Accept: */*")
    lines += [f"{name}: {value}" for name, value in headers if value or name.lower() != "accept"]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode()


@cache
def _unverified() -> ssl.SSLContext:
    """Probes ask whether something answers, not who it is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError, ssl.SSLError):
        await writer.wait_closed()


def _go_error(error: Exception, host: str, port: int) -> str:
    """The error as Go's dialer words it."""
    bracketed = f"[{host}]" if ":" in host else host
    if isinstance(error, OSError) and error.errno:
        words = {
            111: "connection refused", 113: "no route to host", 104: "connection reset by peer",
            101: "network is unreachable", 110: "connection timed out",
        }  # fmt: skip
        text = words.get(error.errno)
        if text is not None:
            return f"dial tcp {bracketed}:{port}: connect: {text}"
    return str(error) or type(error).__name__
