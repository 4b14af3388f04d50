"""gRPC's port-forward messages and the kubelet's channels."""

from __future__ import annotations

import pytest

from kubepy import pb
from kubepy.apiserver.rpc.portforward import MAX_FRAME_BYTES, Outputs, frames, query_of
from kubepy.meta.errors import BadRequest, ServiceUnavailable

INPUT = pb.message("kubepy.v1.PortForwardInput")
OUTPUT = pb.message("kubepy.v1.PortForwardOutput")
HTTP = b"\x50\x00"  # port 80, the lower byte in front


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        pytest.param(INPUT(data=b"GET /"), [b"\x00GET /"], id="data"),
        pytest.param(INPUT(data=b""), [], id="empty data"),
        pytest.param(INPUT(), [], id="nothing"),
        pytest.param(
            INPUT(data=b"a" * MAX_FRAME_BYTES + b"b"),
            [b"\x00" + b"a" * MAX_FRAME_BYTES, b"\x00b"],
            id="more than a frame holds",
        ),
    ],
)
def test_inputs(message, sent):
    assert list(frames(message)) == sent


def test_only_the_first_message_of_a_channel_is_its_port():
    output = Outputs()
    assert output(b"\x00" + HTTP) == b""
    assert output(b"\x01" + HTTP) == b""
    assert OUTPUT.FromString(output(b"\x00" + HTTP)).data == HTTP
    assert OUTPUT.FromString(output(b"\x00more")).data == b"more"


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b"\x00", id="no data"),
        pytest.param(b"\x01", id="no error"),
        pytest.param(b"\x02?", id="a channel of no port"),
    ],
)
def test_what_says_nothing(frame):
    output = Outputs()
    for channel in range(3):
        output(b"%c%b" % (channel, HTTP))
    assert output(frame) == b""


def test_the_error_channel_is_the_calls_status():
    output = Outputs()
    output(b"\x01" + HTTP)
    with pytest.raises(ServiceUnavailable, match="^error forwarding port 80 to pod x$"):
        output(b"\x01error forwarding port 80 to pod x")


@pytest.mark.parametrize("port", [1, 8080, 65535])
def test_ports(port):
    assert query_of(INPUT.Start(port=port)) == {"ports": [str(port)]}


@pytest.mark.parametrize(
    ("start", "message"),
    [
        pytest.param(INPUT.Start(), 'query parameter "port" is required', id="none"),
        pytest.param(INPUT.Start(port=0), 'port "0" must be > 0', id="zero"),
    ],
)
def test_ports_that_are_none(start, message):
    with pytest.raises(BadRequest) as raised:
        query_of(start)
    assert str(raised.value) == message
