"""A kubelet's server as the apiserver meets it, and what is spoken with it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl

from .conftest import client_tls


class Kubelet:
    """Takes connections as a kubelet's server does; `answer` plays its part."""

    def __init__(self, pki):
        self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=pki / "ca.crt")
        self.tls.load_cert_chain(pki / "kubelet.crt", pki / "kubelet.key")
        self.tls.verify_mode = ssl.CERT_REQUIRED
        self.heads = []
        self.callers = []
        self.answer = None

    async def start(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        certificate = writer.get_extra_info("peercert")
        self.callers.append(dict(field[0] for field in certificate["subject"])["commonName"])
        await self.answer(reader, writer)
        writer.close()


def page(status, body, content_type="text/plain"):
    async def answer(reader, writer):
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )

    return answer


async def upgrade(pki, port, path, protocol):
    """A client's side of an upgrade to anything."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=client_tls(pki, "admin"), server_hostname="127.0.0.1"
    )
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: {protocol}\r\n"
        "X-Stream-Protocol-Version: v4.channel.k8s.io\r\nAuthorization: Bearer admin-token\r\n"
        "Content-Length: 0\r\n\r\n".encode()
    )
    return reader, writer, (await reader.readuntil(b"\r\n\r\n")).decode()


def handshake(head, protocol="v5.channel.k8s.io"):
    """A server's answer to a WebSocket request."""
    lines = dict(line.split(": ", 1) for line in head.split("\r\n") if ": " in line)
    key = next(value for name, value in lines.items() if name.lower() == "sec-websocket-key")
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return (
        "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}\r\n"
        f"Sec-WebSocket-Protocol: {protocol}\r\n\r\n"
    ).encode()


def frame(data):
    """A binary message of a server."""
    length = bytes((len(data),)) if len(data) < 126 else b"\x7f" + len(data).to_bytes(8, "big")
    return b"\x82" + length + data


async def message(reader):
    """The next message of a client, which is masked."""
    _, length = await reader.readexactly(2)
    mask = await reader.readexactly(4)
    data = await reader.readexactly(length & 0x7F)
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
