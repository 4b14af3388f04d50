"""One connection to a port of a pod over gRPC. Pure: the messages and the kubelet's channels.

Towards the kubelet this is a WebSocket of `v4.channel.k8s.io`: a byte of channel before each
piece. Each channel says first which port it is for, as two bytes with the lower one in front.

    PortForwardInput.data ──► 0      0 ──► the port, then PortForwardOutput.data
                                     1 ──► the port, then why the connection failed: the status
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubepy.apiserver.query import Query
from kubepy.base.varint import field
from kubepy.meta import errors, ports

PROTOCOL = "v4.channel.k8s.io"
DATA, ERROR = 0, 1
PORT_BYTES = 2
MAX_FRAME_BYTES = 1024 * 1024  # runtimes take no message above 32 MiB, gRPC here takes 64


def query_of(start: Any) -> Query:
    """What REST's query would say of the port. Raises BadRequest, in the kubelet's words."""
    texts = [str(start.port)] if start.HasField("port") else []
    try:
        ports.forwarded(texts)
    except ValueError as problem:
        raise errors.BadRequest.of(str(problem)) from None
    return {"ports": texts}


def frames(message: Any) -> Iterator[bytes]:
    """One PortForwardInput as WebSocket messages; none if it bears no data."""
    data = message.data
    for at in range(0, len(data), MAX_FRAME_BYTES):
        yield b"%c%b" % (DATA, data[at : at + MAX_FRAME_BYTES])


class Outputs:
    """Reads what one kubelet says: only the first message of a channel is its port."""

    def __init__(self) -> None:
        self._opened: set[int] = set()

    def __call__(self, frame: bytes) -> bytes:
        """One WebSocket message as a PortForwardOutput; empty if it has no meaning here.

        Raises ServiceUnavailable with what the kubelet said of a connection that failed.
        """
        channel, data = frame[0], frame[1:]
        if channel not in self._opened:
            self._opened.add(channel)
            data = data[PORT_BYTES:]
        if not data:
            return b""
        if channel == ERROR:
            raise errors.ServiceUnavailable.of(data.decode("utf-8", "replace"))
        return field(1, data) if channel == DATA else b""
