"""Probes: the thresholds, and the checks against real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import grpc.aio
import pytest

from kubepy.api.core.v1 import HTTPGetAction, HTTPHeader, Probe
from kubepy.kubelet.probes import checks
from kubepy.kubelet.probes.state import advance, begin, is_over, summary
from tests.unit.kubelet.pods import pod


def run(kind, outcomes, **probe):
    state = begin(kind)
    results = []
    for outcome in outcomes:
        state = advance(state, Probe(**probe), outcome)
        results.append(state.result)
    return results


@pytest.mark.parametrize(
    ("kind", "outcomes", "probe", "results"),
    [
        pytest.param("readiness", [1], {}, [True], id="ready at once"),
        pytest.param(
            "readiness", [1, 1], {"successThreshold": 2}, [False, True], id="ready after two"
        ),
        pytest.param(
            "readiness", [1, 0, 0, 0, 1], {}, [True, True, True, False, True], id="unready by three"
        ),
        pytest.param(
            "liveness", [0, 0, 1, 0, 0, 0], {}, [True] * 5 + [False], id="a success starts anew"
        ),
        pytest.param("liveness", [0], {"failureThreshold": 1}, [False], id="dead by one"),
        pytest.param("startup", [0, 0, 1], {}, [None, None, True], id="started"),
        pytest.param("startup", [0, 0, 0], {}, [None, None, False], id="never started"),
    ],
)
def test_thresholds(kind, outcomes, probe, results):
    assert run(kind, [bool(o) for o in outcomes], **probe) == results


def test_when_a_probe_is_over():
    once = Probe(failureThreshold=1)
    assert is_over(advance(begin("startup"), once, True))
    assert is_over(advance(begin("liveness"), once, False))
    assert not is_over(advance(begin("readiness"), once, False))


def test_summary():
    states = {"liveness": begin("liveness"), "readiness": begin("readiness")}
    found = summary(states)
    assert (found.startup, found.liveness, found.readiness) == (None, True, False)


@asynccontextmanager
async def serving(*answers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that gives these answers in turn; its port, and what it was asked."""
    asked: list[bytes] = []
    left = list(answers)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(left.pop(0))
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


def answer(status: str, body: str = "", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", body]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    ("status", "passed", "output"),
    [
        ("200 OK", True, "fine"),
        ("399 Odd", True, "fine"),
        ("400 Bad", False, "HTTP probe failed with statuscode: 400"),
        ("500 Worse", False, "HTTP probe failed with statuscode: 500"),
    ],
)
async def test_http(status, passed, output):
    async with serving(answer(status, "fine")) as (port, asked):
        action = HTTPGetAction(path="/health?x=1", httpHeaders=(HTTPHeader(name="A", value="b"),))
        found = await checks.http(action, "127.0.0.1", port)
    assert found == checks.Outcome(passed, output)
    lines = asked[0].decode().splitlines()
    assert lines[0] == "GET /health?x=1 HTTP/1.1"
    assert {f"Host: 127.0.0.1:{port}", "A: b", "User-Agent: kube-probe/1.36"} <= set(lines)


async def test_http_follows_redirects_on_its_own_host():
    async with serving(answer("302 Found", "", "Location: /next"), answer("500 No")) as (port, _):
        found = await checks.http(HTTPGetAction(), "127.0.0.1", port)
    assert not found.passed


async def test_http_does_not_follow_to_others():
    away = answer("302 Found", "", "Location: http://other.example/")
    async with serving(away) as (port, asked):
        found = await checks.http(HTTPGetAction(), "127.0.0.1", port)
    assert found.passed
    assert len(asked) == 1


async def test_nobody_listens():
    async with serving(b"") as (port, _):
        pass
    refused = f"dial tcp 127.0.0.1:{port}: connect: connection refused"
    assert await checks.tcp("127.0.0.1", port) == checks.Outcome(False, refused)
    found = await checks.http(HTTPGetAction(path="/"), "127.0.0.1", port)
    assert found == checks.Outcome(False, f'Get "http://127.0.0.1:{port}/": {refused}')


async def test_tcp():
    async with serving(b"") as (port, _):
        assert (await checks.tcp("127.0.0.1", port)).passed


@pytest.mark.parametrize(
    ("reply", "passed"), [(b"\x08\x01", True), (b"\x08\x02", False), (b"", False)]
)
async def test_grpc(reply, passed):
    asked = []

    async def check(request: bytes, context: object) -> bytes:
        asked.append(request)
        return reply

    handler = grpc.unary_unary_rpc_method_handler(check)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": handler})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    found = await checks.grpc_health("127.0.0.1", port, "web")
    await server.stop(None)
    assert found.passed is passed
    assert asked == [b"\x0a\x03web"]


def test_ports_have_names():
    container = pod({"name": "app", "ports": [{"name": "web", "containerPort": 8080}]})
    [app] = container.spec.containers
    assert checks.port_number("web", app) == 8080
    assert checks.port_number(81, app) == 81
    for bad in ("nope", 0, 70_000):
        with pytest.raises(checks.CheckError):
            checks.port_number(bad, app)
