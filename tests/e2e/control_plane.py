"""A control plane of three binaries without a node, for clients that need no containers.

Its one node is hollow: `HollowNode` says of each pod what a kubelet would.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from by_hand import free_port
from kubectl import Kubectl, wait_for
from local_cluster import ROOT

from kubepy.cluster import pki, processes

NODE = "hollow"
END_SECONDS = 10.0


class ControlPlane:
    """kube-apiserver, kube-controller-manager and kube-scheduler on ports of loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"https://127.0.0.1:{free_port()}"
        self.kubeconfig = folder / "admin.conf"
        self._make_files()

    def _make_files(self) -> None:
        now = time.time()
        pki.ensure(self.folder, pki.leaves(NODE, "127.0.0.1", ()), now=now)
        authority = pki.authority(self.folder)
        for subject in pki.subjects(NODE):
            path = self.folder / f"{subject.file}.conf"
            pki.write_kubeconfig(path, subject, authority, "tour", self.url, now=now)

    def flags(self) -> dict[str, list[str]]:
        at, port = self.folder, self.url.rpartition(":")[2]
        return {
            "kube-apiserver": [
                "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
                f"--secure-port={port}", "--grpc-port=0", "--grpc-token-port=0",
                f"--store-file={at / 'store.db'}", f"--client-ca-file={at / 'ca.crt'}",
                f"--tls-cert-file={at / 'apiserver.crt'}",
                f"--tls-private-key-file={at / 'apiserver.key'}",
                f"--service-account-key-file={at / 'sa.pub'}",
                f"--service-account-signing-key-file={at / 'sa.key'}",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--allow-privileged",
            ],
            "kube-controller-manager": [
                f"--kubeconfig={at / 'controller-manager.conf'}", f"--secure-port={free_port()}",
                "--bind-address=127.0.0.1", "--leader-elect=false",
                f"--root-ca-file={at / 'ca.crt'}", "--node-monitor-grace-period=1h",
            ],
            "kube-scheduler": [
                f"--kubeconfig={at / 'scheduler.conf'}", f"--secure-port={free_port()}",
                "--bind-address=127.0.0.1", "--leader-elect=false",
            ],
        }  # fmt: skip

    @contextmanager
    def running(self) -> Iterator[None]:
        started: list[subprocess.Popen[bytes]] = []
        environment = {"PYTHONPATH": str(ROOT)}
        try:
            for name, flags in self.flags().items():
                words = [sys.executable, ROOT / "cmd" / name, *flags]
                log = self.folder / f"{name}.log"
                started.append(processes.spawn(words, log, environment=environment))
                if name == "kube-apiserver":
                    self._wait()
            yield
        finally:
            for process in reversed(started):
                process.terminate()
            for process in started:
                process.wait(END_SECONDS)

    def _wait(self) -> None:
        admin = Kubectl(self.kubeconfig)
        wait_for(lambda: admin.run("get", "--raw=/readyz").stdout == "ok", "the apiserver")

    def words(self, size: int) -> list[tuple[str, str]]:
        """The last `size` bytes of each log."""
        return [(log.name, log.read_bytes()[-size:].decode()) for log in self.folder.glob("*.log")]
