"""Sockets of other namespaces; those here are made for the test, and nothing leaves them."""

import errno
import os
import socket

import pytest

from kubepy.base import netns
from kubepy.base.files import replace_link
from tests.unit.proxy.netns import Namespace

ANY = (socket.AF_INET, socket.SOCK_STREAM, 0)
OURS = "/proc/thread-self/ns/net"


@pytest.fixture
def spaces():
    made = [Namespace("one"), Namespace("two")]
    yield made
    for each in made:
        each.close()


def path_of(space):
    return f"/proc/{os.getpid()}/fd/{space.fd}"


def listening(space):
    server = space.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


@pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")
def test_a_socket_of_another_namespace(spaces):
    before = os.readlink(OURS)
    one, _ = spaces
    with listening(one) as server, netns.maker(path_of(one))(ANY) as client:
        client.connect(server.getsockname())
        assert server.accept()[1] == client.getsockname()
    assert os.readlink(OURS) == before


@pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")
def test_the_namespace_is_looked_up_for_each_socket(spaces, tmp_path):
    make = netns.maker(str(tmp_path / "node"))
    for space in spaces:
        replace_link(tmp_path / "node", path_of(space))
        with listening(space) as server, make(ANY) as client:
            client.connect(server.getsockname())


def test_our_own_namespace():
    with socket.create_server(("127.0.0.1", 0)) as server, netns.maker("")(ANY) as client:
        client.connect(server.getsockname())


@pytest.mark.parametrize(
    ("name", "number"),
    [
        pytest.param("gone", errno.ENETUNREACH, id="nothing is there"),
        pytest.param("file", errno.EINVAL, id="no namespace"),
    ],
)
def test_no_namespace(tmp_path, name, number):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError) as caught:
        netns.maker(str(tmp_path / name))(ANY)
    assert caught.value.errno == number
