"""Logs, exec and port-forward: what passes between a client and a kubelet, byte for byte."""

from __future__ import annotations

import asyncio

import aiohttp
import grpc
import pytest

from kubepy import pb

from .kubelets import frame, handshake, message, page, upgrade

PODS = "/api/v1/namespaces/default/pods"
WAIT_SECONDS = 10.0  # for what comes at once
STALL_SECONDS = 0.5  # a peer that cannot write for so long waits for its reader


async def test_logs(admin, kubelet):
    kubelet.answer = page(200, "one\ntwo\n")
    answer = await admin("GET", f"{PODS}/p/log?tailLines=2&timestamps=true")
    assert (answer.status, answer.raw) == (200, b"one\ntwo\n")
    assert answer.headers["Content-Type"] == "text/plain"
    assert kubelet.heads[0].startswith(
        "GET /containerLogs/default/p/c?tailLines=2&timestamps=true HTTP/1.1\r\n"
    )
    assert kubelet.callers == ["kube-apiserver-kubelet-client"]


async def test_logs_come_as_they_are_written(admin, kubelet):
    go_on = asyncio.Event()

    async def slowly(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n")
        await go_on.wait()
        writer.write(b"4\r\ntwo\n\r\n0\r\n\r\n")

    kubelet.answer = slowly
    async with admin.session.get(f"{admin.base}{PODS}/p/log?follow=true") as response:
        assert await response.content.readany() == b"one\n"
        go_on.set()
        assert await response.content.readany() == b"two\n"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        pytest.param("absent/log", 404, 'pods "absent" not found', id="no pod"),
        pytest.param(
            "p/log?container=x", 400, "container x is not valid for pod p", id="container"
        ),
        pytest.param(
            "p/log?tailLines=-1", 422, 'PodLogOptions "p" is invalid: tailLines: ', id="tail"
        ),
        pytest.param("p/exec?command=ls", 400, "Upgrade request required", id="no upgrade"),
        pytest.param(
            "unbound/exec", 400, "pod unbound does not have a host assigned", id="unbound"
        ),
    ],
)
async def test_refusals(admin, kubelet, path, status, message):
    answer = await admin("GET", f"{PODS}/{path}")
    assert answer.status == status
    assert answer.json["message"].startswith(message)


async def test_a_pod_on_no_node_has_no_log(admin, kubelet):
    answer = await admin("GET", f"{PODS}/unbound/log")
    assert (answer.status, answer.raw) == (204, b"")


async def test_what_the_kubelet_refuses(admin, kubelet):
    kubelet.answer = page(400, 'container "c" in pod "p" is waiting to start')
    answer = await admin("GET", f"{PODS}/p/log")
    assert (answer.status, answer.json["reason"]) == (400, "BadRequest")
    assert answer.json["message"] == 'container "c" in pod "p" is waiting to start'


async def test_a_kubelet_that_is_not_there(admin, kubelet):
    kubelet.server.close()
    answer = await admin("GET", f"{PODS}/p/log")
    assert answer.status == 500
    address = f"127.0.0.1:{kubelet.port}"
    assert answer.json["message"] == (
        f'Get "https://{address}/containerLogs/default/p/c": '
        f"dial tcp {address}: connect: connection refused"
    )


async def test_spdy_is_a_pipe(pki, admin, kubelet):
    async def echo(reader, writer):
        writer.write(b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n")
        while data := await reader.read(65536):
            writer.write(data.upper())
            await writer.drain()

    kubelet.answer = echo
    path = f"{PODS}/p/exec?command=sh&command=-c&stdin=true&stdout=true&tty=true"
    reader, writer, head = await upgrade(pki, admin.port, path, "SPDY/3.1")
    assert head.startswith("HTTP/1.1 101 ")
    assert "Upgrade: SPDY/3.1\r\n" in head
    writer.write(b"\x80\x03hello")
    assert await reader.readexactly(7) == b"\x80\x03HELLO"
    big = b"x" * 1_000_000
    writer.write(big)
    assert await reader.readexactly(len(big)) == big.upper()
    writer.close()
    sent = kubelet.heads[0]
    assert sent.startswith(
        "POST /exec/default/p/c?input=1&output=1&tty=1&command=sh&command=-c HTTP/1.1\r\n"
    )
    assert "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n" in sent
    assert "admin-token" not in sent
    assert (await admin("GET", PODS)).status == 200


async def test_a_refused_upgrade(pki, admin, kubelet):
    kubelet.answer = page(404, "no such container\n")
    _, writer, head = await upgrade(pki, admin.port, f"{PODS}/p/attach", "SPDY/3.1")
    writer.close()
    assert head.startswith("HTTP/1.1 404 ")


async def test_port_forward_names_its_ports(pki, admin, kubelet):
    kubelet.answer = page(400, "")
    path = f"{PODS}/p/portforward?ports=80&ports=443"
    _, writer, _ = await upgrade(pki, admin.port, path, "SPDY/3.1")
    writer.close()
    assert kubelet.heads[0].startswith("POST /portForward/default/p?port=80&port=443 HTTP/1.1\r\n")


async def test_websockets_pass_too(admin, kubelet):
    async def accept(reader, writer):
        writer.write(handshake(kubelet.heads[-1]) + frame(b"\x01hello"))
        assert await message(reader) == b"\x00world"
        writer.write(frame(b"\x01!"))

    kubelet.answer = accept
    url = f"{admin.base}{PODS}/p/exec?command=ls&stdout=true"
    async with admin.session.ws_connect(url, protocols=("v5.channel.k8s.io",)) as socket:
        assert socket.protocol == "v5.channel.k8s.io"
        assert (await socket.receive()).data == b"\x01hello"
        await socket.send_bytes(b"\x00world")
        assert (await socket.receive()).data == b"\x01!"


@pytest.fixture
async def pods(pki, apiserver):
    """The Pods service over gRPC."""
    credentials = grpc.ssl_channel_credentials(
        *((pki / name).read_bytes() for name in ("ca.crt", "admin.key", "admin.crt"))
    )
    target = f"127.0.0.1:{apiserver.ports.grpc}"
    async with grpc.aio.secure_channel(target, credentials) as channel:
        yield pb.stub(channel, "kubepy.core.v1.Pods")


async def test_logs_over_grpc(pods, kubelet):
    kubelet.answer = page(200, "one\ntwo\n")
    request = pb.message("kubepy.v1.LogRequest")(namespace="default", name="p")
    request.options.tailLines = 5
    chunks = [chunk.data async for chunk in pods.Log(request)]
    assert b"".join(chunks) == b"one\ntwo\n"
    assert "tailLines=5" in kubelet.heads[0]


async def test_exec_over_grpc(pods, kubelet):
    async def shell(reader, writer):
        writer.write(handshake(kubelet.heads[-1]))
        assert await message(reader) == b"\x00hello"
        assert await message(reader) == b"\xff\x00"
        writer.write(frame(b"\x01HELLO") + frame(b"\x02oops"))
        writer.write(frame(b'\x03{"status":"Success"}') + b"\x88\x00")

    kubelet.answer = shell
    input_ = pb.message("kubepy.v1.ExecInput")
    start = input_()
    start.start.namespace, start.start.name = "default", "p"
    start.start.options.stdin = start.start.options.stdout = True
    start.start.options.command.extend(["tr", "a-z", "A-Z"])
    outputs = [
        (each.WhichOneof("output"), each)
        async for each in pods.Exec(iter([start, input_(stdin=b"hello"), input_(close_stdin=True)]))
    ]
    assert [kind for kind, _ in outputs] == ["stdout", "stderr", "status"]
    assert outputs[0][1].stdout == b"HELLO"
    assert outputs[2][1].status.status == "Success"
    assert "/exec/default/p/c?input=1&output=1&command=tr&command=a-z" in kubelet.heads[0]


async def test_exec_over_grpc_needs_a_start(pods, kubelet):
    input_ = pb.message("kubepy.v1.ExecInput")
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        async for _ in pods.Exec(iter([input_(stdin=b"x")])):
            pass
    assert raised.value.code() == grpc.StatusCode.INVALID_ARGUMENT


PORT = pb.message("kubepy.v1.PortForwardInput")
HTTP = b"\x50\x00"  # port 80, the lower byte in front
CLOSE = b"\x88\x02\x03\xe8"  # a server's normal end


def to_port(number=80, name="p", **more):
    """The first message of a port-forward."""
    return PORT(start={"namespace": "default", "name": name, "port": number, **more})


def forwarding(kubelet, talk):
    """The kubelet takes a port-forward to port 80, and goes on as `talk` does."""

    async def accept(reader, writer):
        writer.write(handshake(kubelet.heads[-1], "v4.channel.k8s.io"))
        writer.write(frame(b"\x00" + HTTP) + frame(b"\x01" + HTTP))
        await talk(reader, writer)

    kubelet.answer = accept


async def outcome_of(call):
    """What a stream gave, and what its call ended with: the code and its words."""
    given = []
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        async for each in call:
            given.append(each.data)
    return given, raised.value.code(), raised.value.details()


async def test_port_forward_over_grpc(pods, kubelet):
    async def talk(reader, writer):
        assert await message(reader) == b"\x00GET /"
        writer.write(frame(b"\x00" + HTTP) + frame(b"\x00OK") + CLOSE)

    forwarding(kubelet, talk)
    answers = [each.data async for each in pods.PortForward(iter([to_port(), PORT(data=b"GET /")]))]
    assert answers == [HTTP, b"OK"]
    assert kubelet.heads[0].startswith("GET /portForward/default/p?port=80 HTTP/1.1\r\n")
    assert "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n" in kubelet.heads[0]


async def test_a_client_may_end_its_side_of_a_port_forward_first(pods, kubelet):
    ended = asyncio.Event()

    async def talk(reader, writer):
        await ended.wait()
        writer.write(frame(b"\x00late") + CLOSE)

    forwarding(kubelet, talk)
    call = pods.PortForward()
    await call.write(to_port())
    await call.done_writing()
    ended.set()
    assert [each.data async for each in call] == [b"late"]


async def test_a_pod_that_refuses_the_connection(pods, kubelet):
    async def talk(reader, writer):
        writer.write(frame(b"\x00bye") + frame(b"\x01error forwarding port 80 to pod p") + CLOSE)

    forwarding(kubelet, talk)
    assert await outcome_of(pods.PortForward(iter([to_port()]))) == (
        [b"bye"],
        grpc.StatusCode.UNAVAILABLE,
        "error forwarding port 80 to pod p",
    )


async def test_a_kubelet_that_is_lost_is_no_end_of_a_port_forward(pods, kubelet):
    async def talk(reader, writer):
        writer.write(frame(b"\x00half"))

    forwarding(kubelet, talk)
    assert await outcome_of(pods.PortForward(iter([to_port()]))) == (
        [b"half"],
        grpc.StatusCode.UNAVAILABLE,
        "lost connection to pod",
    )


@pytest.mark.parametrize(
    ("first", "code", "message"),
    [
        pytest.param(
            to_port(name="absent"),
            grpc.StatusCode.NOT_FOUND,
            'pods "absent" not found',
            id="no pod",
        ),
        pytest.param(
            to_port(name="unbound"),
            grpc.StatusCode.INVALID_ARGUMENT,
            "pod unbound does not have a host assigned",
            id="unbound",
        ),
        pytest.param(
            to_port(0), grpc.StatusCode.INVALID_ARGUMENT, 'port "0" must be > 0', id="no port"
        ),
        pytest.param(
            PORT(data=b"x"),
            grpc.StatusCode.INVALID_ARGUMENT,
            "the first message must bear `start`",
            id="no start",
        ),
    ],
)
async def test_refused_port_forwards(pods, kubelet, first, code, message):
    assert await outcome_of(pods.PortForward(iter([first]))) == ([], code, message)
    assert kubelet.heads == []


async def test_a_port_forward_needs_the_right_to_create_it(pki, apiserver, kubelet):
    credentials = grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials((pki / "ca.crt").read_bytes()),
        grpc.access_token_call_credentials("bob-token"),
    )
    target = f"127.0.0.1:{apiserver.ports.grpc_token}"
    async with grpc.aio.secure_channel(target, credentials) as channel:
        pods = pb.stub(channel, "kubepy.core.v1.Pods")
        _, code, message = await outcome_of(pods.PortForward(iter([to_port()])))
    assert code == grpc.StatusCode.PERMISSION_DENIED
    assert message == (
        'pods "p" is forbidden: User "bob" cannot create resource "pods/portforward" '
        'in API group "" in the namespace "default"'
    )
    assert kubelet.heads == []


async def test_a_message_that_is_none_ends_a_port_forward(pki, apiserver, kubelet):
    async def talk(reader, writer):
        while await reader.read(1024):
            pass

    forwarding(kubelet, talk)
    credentials = grpc.ssl_channel_credentials(
        *((pki / name).read_bytes() for name in ("ca.crt", "admin.key", "admin.crt"))
    )
    target = f"127.0.0.1:{apiserver.ports.grpc}"
    async with grpc.aio.secure_channel(target, credentials) as channel:
        forward = channel.stream_stream("/kubepy.core.v1.Pods/PortForward")
        _, code, _ = await outcome_of(forward(iter([to_port().SerializeToString(), b"\xff"])))
    assert code == grpc.StatusCode.INVALID_ARGUMENT


async def test_a_cancelled_port_forward_leaves_the_kubelet(pods, kubelet):
    left = asyncio.Event()

    async def talk(reader, writer):
        writer.write(frame(b"\x00hello"))
        while await reader.read(1024):
            pass
        left.set()

    forwarding(kubelet, talk)
    call = pods.PortForward()
    await call.write(to_port())
    assert (await call.read()).data == b"hello"
    call.cancel()
    await asyncio.wait_for(left.wait(), WAIT_SECONDS)


async def test_a_client_that_does_not_read_stalls_the_pod(pods, kubelet):
    """Nobody between them keeps more than a few buffers of what is on its way."""
    sent = asyncio.get_running_loop().create_future()
    piece = frame(b"\x00" + bytes(256 * 1024))
    pieces = 256  # 64 MiB

    async def talk(reader, writer):
        for number in range(pieces):
            writer.write(piece)
            try:
                await asyncio.wait_for(writer.drain(), STALL_SECONDS)
            except TimeoutError:
                sent.set_result(number)
                break
        else:
            sent.set_result(pieces)
        writer.transport.abort()

    forwarding(kubelet, talk)
    call = pods.PortForward(iter([to_port()]))
    assert len((await call.read()).data) == 256 * 1024
    assert await sent < pieces / 2
    call.cancel()


async def test_nobody_gets_a_stream(nobody, kubelet):
    for path in ("p/log", "p/exec", "p/portforward"):
        assert (await nobody("GET", f"{PODS}/{path}")).status == 403
    with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
        await nobody.session.ws_connect(f"{nobody.base}{PODS}/p/exec?command=ls")
    assert raised.value.status == 403
    assert kubelet.heads == []
