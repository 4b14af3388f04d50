"""kube-apiserver alone: taken ports, a store that is in use, a disk that is full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from by_hand import free_port
from kubectl import Kubectl, wait_for
from local_cluster import ROOT

from kubepy.cluster import pki

pytestmark = pytest.mark.e2e

DISK_BYTES = 4 << 20
PIECE_BYTES = 200_000


class Apiserver:
    """A kube-apiserver of this test's own; all but its store lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "log"
        self.pki = folder / "pki"
        pki.ensure(self.pki, pki.leaves("node", "127.0.0.1", ()), now=time.time())
        self.ports = [free_port() for _ in range(3)]
        self.process: subprocess.Popen[bytes] | None = None
        self.kubectl = Kubectl(self._kubeconfig(), program="kubectl")

    def _kubeconfig(self) -> Path:
        path, now = self.folder / "admin.conf", time.time()
        admin = pki.subjects("node")[0]
        server = f"https://127.0.0.1:{self.ports[0]}"
        pki.write_kubeconfig(path, admin, pki.authority(self.pki), "c", server, now=now)
        return path

    def command(self, store: Path, ports: list[int]) -> list[str]:
        p = self.pki
        return [
            sys.executable, str(ROOT / "cmd" / "kube-apiserver"), "--bind-address=127.0.0.1",
            f"--store-file={store}", f"--client-ca-file={p / 'ca.crt'}",
            f"--tls-cert-file={p / 'apiserver.crt'}",
            f"--tls-private-key-file={p / 'apiserver.key'}",
            f"--service-account-key-file={p / 'sa.pub'}",
            f"--service-account-signing-key-file={p / 'sa.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.96.0.0/16", f"--secure-port={ports[0]}",
            f"--grpc-port={ports[1]}", f"--grpc-token-port={ports[2]}",
        ]  # fmt: skip

    def start(self, store: Path) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(store, self.ports), stdout=log, stderr=log, env=environment()
            )
        wait_for(lambda: self.kubectl.run("get", "--raw=/readyz").stdout == "ok", "it to be ready")

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)
            self.process = None

    def refused(self, store: Path, ports: list[int]) -> str:
        """What a second one says that cannot start, in its one line."""
        done = subprocess.run(
            self.command(store, ports), capture_output=True, text=True, timeout=30,
            env=environment(),
        )  # fmt: skip
        assert done.returncode == 1
        last = done.stderr.splitlines()[-1]
        assert last.startswith("kube-apiserver: error: ")
        assert "Traceback" not in done.stderr
        return last


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def apiserver(tmp_path: Path) -> Iterator[Apiserver]:
    apiserver = Apiserver(tmp_path)
    yield apiserver
    apiserver.stop(signal.SIGKILL)


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[int], None]]:
    """A file system of few bytes; the function gives it another size."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    folder.mkdir()

    def resize(size: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)

    size = f"size={DISK_BYTES}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "small", str(folder)], check=True)
    try:
        yield resize
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_what_is_taken_is_said(apiserver: Apiserver, tmp_path: Path) -> None:
    store, other = tmp_path / "store.db", tmp_path / "other.db"
    apiserver.start(store)
    free = [free_port() for _ in range(3)]

    assert f"{store}: in use by another kube-apiserver" in apiserver.refused(store, free)
    https, grpc, token = apiserver.ports
    assert f"{https}" in (said := apiserver.refused(other, [https, *free[1:]]))
    assert "in use" in said
    assert f"127.0.0.1:{grpc}: it is in use" in apiserver.refused(other, [free[0], grpc, free[2]])
    assert f"127.0.0.1:{token}: it is in use" in apiserver.refused(other, [*free[:2], token])
    assert apiserver.kubectl.run("get", "--raw=/readyz").stdout == "ok"


def test_a_file_that_is_no_store_is_left_alone(apiserver: Apiserver, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, " * 1000)
    said = apiserver.refused(file, apiserver.ports)
    assert f"{file}: the file is not a database" in said
    assert file.read_text() == "Dear reader, " * 1000


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    apiserver: Apiserver, tmp_path: Path
) -> None:
    kubectl, piece = apiserver.kubectl, tmp_path / "piece"
    piece.write_bytes(b"x" * PIECE_BYTES)
    with small_disk(tmp_path / "disk") as resize:
        store = tmp_path / "disk" / "store.db"
        apiserver.start(store)
        kept: set[str] = set()

        def write(name: str) -> subprocess.CompletedProcess[str]:
            done = kubectl.run("create", "configmap", name, f"--from-file={piece}")
            if done.returncode == 0:
                kept.add(f"configmap/{name}")
            return done

        def found() -> set[str]:
            return set(kubectl("get", "configmaps", "-o", "name").split())

        failed = next(done for n in range(64) if (done := write(f"piece-{n}")).returncode)
        assert "full" in failed.stderr, failed.stderr
        assert len(kept) > 3
        assert found() >= kept  # reading goes on

        apiserver.stop(signal.SIGKILL)
        apiserver.start(store)  # still full
        assert found() >= kept
        resize(2 * DISK_BYTES)
        wait_for(lambda: write("with-room").returncode == 0, "a write, now that there is room")
        apiserver.stop(signal.SIGKILL)
        apiserver.start(store)
        assert found() >= kept
        log = apiserver.log.read_text()
        assert "full" in log
        assert "Traceback" not in log
        apiserver.stop()


COMPONENTS = {
    "kube-controller-manager": [],
    "kube-scheduler": [],
    "cloud-controller-manager": ["--cloud-provider=local"],
}


def start_component(name: str, *flags: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "cmd" / name), *COMPONENTS[name], *flags]
    return subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment()
    )


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_waits_for_its_apiserver_and_says_so(apiserver: Apiserver, name: str) -> None:
    component = start_component(
        name, f"--kubeconfig={apiserver.kubectl.kubeconfig}", "--secure-port=0"
    )
    assert component.stderr is not None
    complaint = next(line for line in component.stderr if "Cannot connect" in line)
    assert f"127.0.0.1:{apiserver.ports[0]}" in complaint
    assert component.poll() is None
    component.terminate()
    assert component.wait(timeout=30) == 0
    assert "Traceback" not in component.stderr.read()


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_components_port_is_taken(apiserver: Apiserver, tmp_path: Path, name: str) -> None:
    apiserver.start(tmp_path / "store.db")
    taken = apiserver.ports[0]
    component = start_component(
        name, f"--kubeconfig={apiserver.kubectl.kubeconfig}", "--bind-address=127.0.0.1",
        f"--secure-port={taken}",
    )  # fmt: skip
    _, said = component.communicate(timeout=30)
    assert component.returncode == 1
    assert said.splitlines()[-1].startswith(f"{name}: error: ")
    assert f"{taken}" in said and "in use" in said
    assert "Traceback" not in said, said
