import asyncio
import contextlib

import pytest

from kubepy.base import httpserver
from kubepy.base.httpserver import Request, Response


@contextlib.asynccontextmanager
async def serving(routes, **options):
    port = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(
        httpserver.serve(routes, host="127.0.0.1", port=0, started=port.set_result, **options)
    )
    try:
        yield await port
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def ask(port, text):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    answer = await reader.read()
    writer.close()
    head, _, body = answer.decode().partition("\r\n\r\n")
    return int(head.split()[1]), body


def get(path, method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def port():
    problems = {"storage": "", "informers": "pods not synced"}
    checks = {name: (lambda name=name: problems[name]) for name in problems}

    async def broken(request):
        raise RuntimeError("boom")

    async def echo(request):
        return Response(f"{request.path} {request.query}")

    routes = httpserver.component_routes(checks=checks, config=b'{"a":1}')
    routes |= {"/broken": broken, "/echo": echo}
    async with serving(routes) as port:
        yield port


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/healthz/storage", 200, "ok"),
        ("/healthz/nothing", 404, "404 page not found\n"),
        ("/readyz", 500, "[+]ping ok\n[+]storage ok\n[-]informers failed: pods not synced\n"
                         "readyz check failed\n"),
        ("/livez?exclude=informers", 200, "ok"),
        ("/livez?verbose&exclude=informers", 200, "[+]ping ok\n[+]storage ok\n"
                                                  "livez check passed\n"),
        ("/configz", 200, '{"a":1}'),
        ("/nowhere", 404, "404 page not found\n"),
        ("/broken", 500, "internal error\n"),
        ("/echo/a%20b?x=1", 200, "/echo/a b {'x': '1'}"),
    ],
)  # fmt: skip
async def test_answers(port, path, status, body):
    assert await ask(port, get(path)) == (status, body)


async def test_metrics_are_in_prometheus_format(port):
    status, body = await ask(port, get("/metrics"))
    assert status == 200 and "# TYPE python_info gauge" in body


async def test_only_reading(port):
    assert (await ask(port, get("/echo", "POST")))[0] == 405
    assert await ask(port, get("/echo", "HEAD")) == (200, "")


@pytest.mark.parametrize(
    ("text", "status"),
    [("nonsense\r\n\r\n", 400), ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
     ("GET /" + "x" * 20000 + " HTTP/1.1\r\n\r\n", 431)],
)  # fmt: skip
async def test_bad_requests_are_refused(port, text, status):
    assert (await ask(port, text))[0] == status


async def test_connections_are_kept(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(2):
        writer.write(b"GET /healthz/ping HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"200 OK" in head and await reader.readexactly(2) == b"ok"
    writer.close()


async def test_strangers_see_health_only():
    routes = httpserver.component_routes()
    async with serving(routes, allow=httpserver.trusted_only) as port:
        assert (await ask(port, get("/healthz")))[0] == 200
        assert (await ask(port, get("/metrics")))[0] == 403
    assert httpserver.trusted_only(Request("GET", "/metrics", {}, {}, b"certificate"))
