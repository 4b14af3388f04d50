"""Proxies of nodes, pods and services: what passes, and what is changed on the way."""

from __future__ import annotations

import gzip
import zlib

import pytest

from kubepy.apiserver.rest.proxying import MAX_PAGE_BYTES

from .kubelets import frame, handshake, message, page, upgrade

PODS = "/api/v1/namespaces/default/pods"
PROXY = "/api/v1/nodes/n1/proxy"


async def test_node_proxy(admin, kubelet):
    kubelet.answer = page(200, "ok", "text/x-health")
    answer = await admin("GET", "/api/v1/nodes/n1/proxy/healthz?verbose")
    assert (answer.status, answer.raw) == (200, b"ok")
    assert answer.headers["Content-Type"] == "text/x-health"
    assert kubelet.heads[0].startswith("GET /healthz?verbose HTTP/1.1\r\n")


async def test_a_proxy_without_a_path_sends_to_one(admin, kubelet):
    async with admin.session.get(f"{admin.base}{PROXY}?a=b", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, f"{PROXY}/?a=b")
    assert kubelet.heads == []


async def test_bodies_of_any_length_pass_a_proxy(admin, kubelet):
    big = b"x" * (4 * 1024 * 1024)

    async def count(reader, writer):
        received = await reader.readexactly(len(big))
        await page(201, str(received.count(b"x")))(reader, writer)

    kubelet.answer = count
    answer = await admin("POST", f"{PROXY}/run/", big)
    assert (answer.status, answer.raw) == (201, str(len(big)).encode())
    head = kubelet.heads[0]
    assert head.startswith("POST /run/ HTTP/1.1\r\n")
    assert f"Content-Length: {len(big)}\r\n" in head
    assert f"X-Forwarded-Uri: {PROXY}/run/\r\n" in head
    assert "X-Forwarded-For: 127.0.0.1\r\n" in head
    assert f"Host: 127.0.0.1:{admin.port}\r\n" in head


async def test_packed_bodies_pass_a_proxy_as_they_are(admin, kubelet):
    packed = gzip.compress(b"a")

    async def echo(reader, writer):
        await page(200, (await reader.readexactly(len(packed))).hex())(reader, writer)

    kubelet.answer = echo
    answer = await admin("POST", f"{PROXY}/x", packed, Content_Encoding="gzip")
    assert (answer.status, answer.raw) == (200, packed.hex().encode())
    assert "Content-Encoding: gzip\r\n" in kubelet.heads[0]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
async def test_every_method_passes_a_proxy(admin, kubelet, method):
    async def answer(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kept: yes\r\n\r\n")
        writer.write(b"" if method == "HEAD" else b"ok")

    kubelet.answer = answer
    found = await admin(method, f"{PROXY}/x")
    assert (found.status, found.headers["X-Kept"]) == (200, "yes")
    assert found.raw == (b"" if method == "HEAD" else b"ok")
    assert kubelet.heads[0].startswith(f"{method} /x HTTP/1.1\r\n")
    assert (await admin("GET", PODS)).status == 200


async def test_links_lead_back_through_a_proxy(admin, kubelet):
    kubelet.answer = page(200, '<a href="/logs/">logs</a>', "text/html; charset=utf-8")
    answer = await admin("GET", f"{PROXY}/index")
    assert answer.raw.decode() == f'<a href="{PROXY}/logs/">logs</a>'

    async def redirect(reader, writer):
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: /logs/\r\nAccess-Control-Allow-Origin: *\r\n"
            b"Content-Length: 0\r\n\r\n"
        )

    kubelet.answer = redirect
    async with admin.session.get(f"{admin.base}{PROXY}/x", allow_redirects=False) as found:
        assert (found.status, found.headers["Location"]) == (302, f"{PROXY}/logs/")
        assert "Access-Control-Allow-Origin" not in found.headers


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        pytest.param("gzip", gzip.compress, id="gzip"),
        pytest.param("deflate", lambda raw: zlib.compress(raw)[2:-4], id="deflate"),
    ],
)
async def test_links_of_packed_pages_lead_back_too(admin, kubelet, encoding, pack):
    body = pack(b'<a href="/x">')

    async def answer(reader, writer):
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {encoding}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    kubelet.answer = answer
    found = await admin("GET", f"{PROXY}/", Accept_Encoding=encoding)
    assert found.raw.decode() == f'<a href="{PROXY}/x">'


async def test_what_says_it_is_packed_and_is_not(admin, kubelet):
    async def answer(reader, writer):
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
            b"Content-Length: 5\r\n\r\nplain"
        )

    kubelet.answer = answer
    found = await admin("GET", f"{PROXY}/")
    assert found.status == 503
    assert found.json["message"].startswith("error trying to reach service: ")


async def test_pages_that_are_too_long_pass_as_they_are(admin, kubelet):
    long = '<a href="/x">' + "x" * MAX_PAGE_BYTES
    kubelet.answer = page(200, long, "text/html")
    answer = await admin("GET", f"{PROXY}/")
    assert answer.headers["Content-Length"] == str(len(long))
    assert answer.raw == long.encode()


async def test_codes_that_nobody_has_heard_of_pass(admin, kubelet):
    kubelet.answer = page(299, "odd")
    answer = await admin("GET", f"{PROXY}/")
    assert (answer.status, answer.raw) == (299, b"odd")


async def test_an_upgrade_that_is_answered_like_a_request(pki, admin, kubelet):
    kubelet.answer = page(200, "hello")
    reader, writer, head = await upgrade(pki, admin.port, f"{PROXY}/x", "SPDY/3.1")
    body = await reader.read(65536)
    writer.close()
    assert head.startswith("HTTP/1.1 500 ")
    assert b"invalid upgrade response: status code 200" in body


async def test_a_proxied_backend_that_is_not_there(admin, kubelet):
    kubelet.server.close()
    answer = await admin("GET", f"{PROXY}/x")
    assert (answer.status, answer.json["reason"]) == (503, "ServiceUnavailable")
    assert answer.json["message"] == (
        f"error trying to reach service: dial tcp 127.0.0.1:{kubelet.port}: connect: "
        "connection refused"
    )


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        pytest.param("nodes/a:b:c:d/proxy/", 400, 'invalid node request "a:b:c:d"', id="a name"),
        pytest.param("nodes/n1:9100/proxy/", 400, "address not allowed", id="loopback"),
        pytest.param("namespaces/default/pods/p/proxy/", 400, "address not allowed", id="no IP"),
        pytest.param(
            "namespaces/default/services/kubernetes:80/proxy/",
            503,
            'no service port 80 found for service "kubernetes"',
            id="a port",
        ),
        pytest.param(
            "namespaces/default/services/kubernetes:http/proxy/",
            503,
            'no endpoints available for service "kubernetes',
            id="no pods",
        ),
    ],
)
async def test_where_no_proxy_leads(admin, kubelet, path, code, message):
    answer = await admin("GET", f"/api/v1/{path}")
    assert answer.status == code
    assert answer.json["message"].startswith(message)


async def test_a_websocket_passes_a_proxy(admin, kubelet):
    async def accept(reader, writer):
        writer.write(handshake(kubelet.heads[-1]) + frame(b"hello"))
        assert await message(reader) == b"world"
        writer.write(frame(b"!"))

    kubelet.answer = accept
    url = f"{admin.base}{PROXY}/socket?a=b"
    async with admin.session.ws_connect(url, protocols=("v5.channel.k8s.io",)) as socket:
        assert (await socket.receive()).data == b"hello"
        await socket.send_bytes(b"world")
        assert (await socket.receive()).data == b"!"
    assert kubelet.heads[0].startswith("GET /socket?a=b HTTP/1.1\r\n")
