"""A control plane to measure: a folder with certificates, its processes, and their costs."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kubepy.client.client import Client
from kubepy.client.connect import connect
from kubepy.client.kubeconfig import load
from kubepy.cluster import components, pki, state
from kubepy.cluster.components import Place
from kubepy.cluster.layout import Layout
from kubepy.cluster.probe import Probe

ROOT = Path(__file__).resolve().parents[2]
NODE = "bench"
ADDRESS = "127.0.0.2"  # the node's, as far as one is needed
PATIENCE = 120.0  # seconds for something to come up
POLL = 0.005  # seconds


class Running:
    """A process that was started, and what it has used so far."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)
        self.log = log
        self.started = time.time()

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu(self) -> float:
        """Seconds."""
        return cpu(self.pid)

    def resident(self) -> float:
        """Megabytes."""
        return resident(self.pid)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def must_live(self) -> None:
        if self.process.poll() is not None:
            raise SystemExit(f"{self.log.name} ended: {self.log.read_text()[-500:]}")


def cpu(pid: int) -> float:
    """Seconds that a process's threads have run, by the scheduler's own count."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident(pid: int) -> float:
    """Megabytes (10^6 bytes)."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


class Rig:
    """One cluster in a folder of its own, all on loopback."""

    def __init__(self, folder: Path) -> None:
        self.layout = Layout(NODE, folder)
        self.layout.root.mkdir(parents=True)
        self.layout.logs.mkdir()
        host = ADDRESS
        found = state.save(self.layout, state.State(name=NODE, host=True, address=host))
        self.place = Place(self.layout, found, host, host)
        now = time.time()
        pki.ensure(self.layout.pki, pki.leaves(NODE, host, (host,)), now=now)
        server, authority = components.server_url(self.place), pki.authority(self.layout.pki)
        for subject in pki.subjects(NODE):
            path = self.layout.kubeconfig(subject.file)
            pki.write_kubeconfig(path, subject, authority, NODE, server, now=now)

    def client(self) -> Client:
        return connect(self.layout.kubeconfig("admin"))

    def binary(self, name: str, *arguments: str) -> Running:
        command = [sys.executable, str(ROOT / "cmd" / name), *arguments]
        return Running(command, self.layout.logs / name)

    def apiserver(self) -> Running:
        return self.binary("kube-apiserver", *components.apiserver(self.place))

    def scheduler(self) -> Running:
        return self.binary("kube-scheduler", *components.scheduler(self.place))

    def control_plane(self) -> Running:
        module = ["-m", "kubepy.cluster.controlplane", self.layout.name, str(self.layout.clusters)]
        return Running([sys.executable, *module], self.layout.logs / "control-plane")

    async def ready(self, running: Running) -> float:
        """Seconds from its start until the apiserver is ready."""
        probe = Probe(load(self.layout.kubeconfig("admin")))
        deadline = time.time() + PATIENCE
        while not await asyncio.to_thread(probe.ready):
            running.must_live()
            if time.time() > deadline:
                raise SystemExit(f"{running.log.name} does not become ready")
            await asyncio.sleep(POLL)
        return time.time() - running.started


@contextmanager
def rig() -> Iterator[Rig]:
    with tempfile.TemporaryDirectory(prefix="kubepy-bench-") as folder:
        yield Rig(Path(folder))


@contextmanager
def stopping(running: Running) -> Iterator[Running]:
    try:
        yield running
    finally:
        running.stop()
