"""A real etcd on loopback, for as long as a test needs one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kubepy.storage.etcd.connection import Access

FETCHED = Path(sys.prefix) / "etcd" / "usr" / "bin"  # unpacked by `make`, never started by it

# One member elects itself; the sooner it does, the sooner the test begins.
QUICK = ("--heartbeat-interval=10", "--election-timeout=50")
UNHURRIED = ("--heartbeat-interval=50", "--election-timeout=500")  # several, on a busy machine


def program() -> str | None:
    """An etcd in the path, or Debian's, installed or only unpacked."""
    return shutil.which("etcd", path=f"{os.environ['PATH']}:{FETCHED}")


needs_etcd = pytest.mark.skipif(program() is None, reason="there is no etcd to be had")


def free_port() -> int:
    """Below those that the kernel gives to whoever connects: nobody takes it in the meantime."""
    for port in random.sample(range(12_000, 32_768), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class EtcdServer:
    """One member with its data in `folder`; it can be killed, started again, held and let go."""

    def __init__(self, folder: Path, *flags: str, scheme: str = "http") -> None:
        self.folder = folder
        self.url = f"{scheme}://127.0.0.1:{free_port()}"
        self.peer = f"{folder.name}=http://127.0.0.1:{free_port()}"
        self.cluster = self.peer  # all members' peers, with commas
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def access(self) -> Access:
        return Access(servers=(self.url,))

    def start(self) -> None:
        """It may take a moment until it answers."""
        command = program()
        assert command is not None
        name, _, peer = self.peer.partition("=")
        with (self.folder / "etcd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    command, f"--data-dir={self.folder / 'data'}", f"--name={name}",
                    f"--listen-client-urls={self.url}", f"--advertise-client-urls={self.url}",
                    f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}",
                    f"--initial-cluster={self.cluster}", *QUICK, *self._flags,
                ],
                stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        """As the kernel would: nothing is finished, nothing is said."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def hold(self) -> None:
        """It neither answers nor hangs up, like a machine behind a cut cable."""
        self._signal(signal.SIGSTOP)
        assert self._process is not None
        os.waitpid(self._process.pid, os.WUNTRACED)  # until it has stopped

    def let_go(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@contextmanager
def etcd_server(folder: Path, *flags: str, scheme: str = "http") -> Iterator[EtcdServer]:
    """A started server with its data in `folder`, which must exist."""
    server = EtcdServer(folder, *flags, scheme=scheme)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def etcd_cluster(folder: Path, size: int = 3) -> Iterator[list[EtcdServer]]:
    """Several servers that are one etcd."""
    members = []
    for number in range(size):
        (folder / f"member-{number}").mkdir()
        members.append(EtcdServer(folder / f"member-{number}", *UNHURRIED))
    try:
        for member in members:
            member.cluster = ",".join(each.peer for each in members)
            member.start()
        yield members
    finally:
        for member in members:
            member.kill()
