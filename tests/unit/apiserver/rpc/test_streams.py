"""gRPC's exec messages and the kubelet's channels."""

from __future__ import annotations

import pytest

from kubepy import pb
from kubepy.apiserver.rpc.streams import frames, output, query_of

INPUT = pb.message("kubepy.v1.ExecInput")
OUTPUT = pb.message("kubepy.v1.ExecOutput")
LOG = pb.message("kubepy.v1.LogRequest")


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        pytest.param(INPUT(stdin=b"ls\n"), [b"\x00ls\n"], id="stdin"),
        pytest.param(
            INPUT(resize={"width": 80, "height": 24}),
            [b'\x04{"Width":80,"Height":24}'],
            id="resize",
        ),
        pytest.param(INPUT(close_stdin=True), [b"\xff\x00"], id="end of stdin"),
        pytest.param(INPUT(close_stdin=False), [], id="no end"),
        pytest.param(INPUT(), [], id="nothing"),
    ],
)
def test_inputs(message, sent):
    assert list(frames(message)) == sent


def test_outputs():
    assert OUTPUT.FromString(output(b"\x01out")).stdout == b"out"
    assert OUTPUT.FromString(output(b"\x02err")).stderr == b"err"
    status = OUTPUT.FromString(
        output(b'\x03{"metadata":{},"status":"Failure","reason":"NonZeroExitCode"}')
    ).status
    assert (status.status, status.reason) == ("Failure", "NonZeroExitCode")
    assert OUTPUT.FromString(output(b"\x03gibberish")).status.message == "gibberish"
    assert output(b"\x01") == b""
    assert output(b"\x09?") == b""


def test_options_become_a_query():
    request = LOG(namespace="a", name="b")
    assert query_of(request) == {}
    request.options.follow = True
    request.options.tailLines = 0
    request.options.container = "c"
    assert query_of(request) == {"follow": ["true"], "tailLines": ["0"], "container": ["c"]}
