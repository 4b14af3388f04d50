"""A cluster whose six binaries were started one by one, as the README shows.

`kubepy up` makes certificates, kubeconfigs, the node's namespaces and its containerd. Its own two
processes are stopped then, its store is thrown away, and each binary takes its flags.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from kubectl import Kubectl, wait_for
from local_cluster import ROOT, Cluster

from kubepy.cluster import components, machine, processes, state, up
from kubepy.cluster.namespaces import Inside, environment
from kubepy.cluster.processes import Process

CONTROL = (
    "kube-apiserver", "kube-controller-manager", "kube-scheduler", "cloud-controller-manager",
)  # fmt: skip
NODE = ("kubelet", "kube-proxy")
CLOUD = "cloud-controller-manager"

ASKER = """
import sys, time, urllib.request
while True:
    try:
        answer = urllib.request.urlopen(sys.argv[1], timeout=5).read().decode().strip()
    except Exception as error:
        answer = f"! {error!r}"
    print(answer, flush=True)
    time.sleep(0.05)
"""


class Hand(Cluster):
    """The cluster and its six processes."""

    def __init__(self, name: str, kubeconfig: Path) -> None:
        super().__init__(name, kubeconfig)
        self.running: dict[str, Process] = {}

    def take_over(self) -> None:
        """Put the binaries where `kubepy up` had its two processes."""
        for name in ("control-plane", "node"):
            processes.stop(processes.Process(**self.state["processes"][name]), grace=10)
        for file in self.layout.root.glob("store.db*"):
            file.unlink()
        self.configure_kubelet()
        self.flags = self._flags()
        for name in (*CONTROL, *NODE):
            self.start(name)
        self.wait_for_apiserver()

    def wait_for_apiserver(self) -> None:
        admin = Kubectl(self.kubeconfig)
        wait_for(lambda: admin.run("get", "--raw=/readyz").stdout == "ok", "the apiserver")

    def configure_kubelet(self) -> None:
        path = self.layout.root / "kubelet.yaml"
        config = yaml.safe_load(path.read_bytes())
        config["fileCheckFrequency"] = "1s"
        path.write_text(yaml.safe_dump(config))

    @property
    def place(self) -> components.Place:
        found = state.load(self.layout)
        assert found is not None
        return components.place(self.layout, found)

    @property
    def inside(self) -> Inside:
        place = self.place
        return Inside(
            place.state.processes["holder"], machine.look(self.layout.root), place.state.cgroup
        )

    def _flags(self) -> dict[str, list[str]]:
        layout, place, p = self.layout, self.place, self.layout.pki
        ports = place.state.ports
        elect = [  # longer than a busy machine takes to start an apiserver anew
            "--leader-elect=true", "--leader-elect-lease-duration=15s",
            "--leader-elect-renew-deadline=12s", "--leader-elect-retry-period=500ms",
            f"--bind-address={components.LOOPBACK}",
        ]  # fmt: skip
        return {
            "kube-apiserver": [
                f"--store-file={layout.store}", f"--client-ca-file={p / 'ca.crt'}",
                f"--tls-cert-file={p / 'apiserver.crt'}",
                f"--tls-private-key-file={p / 'apiserver.key'}",
                f"--service-account-key-file={p / 'sa.pub'}",
                f"--service-account-signing-key-file={p / 'sa.key'}",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-cluster-ip-range=10.96.0.0/16",
                f"--kubelet-client-certificate={p / 'apiserver-kubelet-client.crt'}",
                f"--kubelet-client-key={p / 'apiserver-kubelet-client.key'}",
                f"--advertise-address={place.address}", f"--secure-port={ports.https}",
                f"--grpc-port={ports.grpc}", f"--grpc-token-port={ports.grpc_token}",
                "--allow-privileged",
            ],
            "kube-controller-manager": [
                f"--kubeconfig={layout.kubeconfig('controller-manager')}",
                "--cluster-cidr=10.244.0.0/16", "--allocate-node-cidrs",
                f"--root-ca-file={p / 'ca.crt'}", f"--secure-port={ports.controllers}", *elect,
            ],
            "kube-scheduler": [
                f"--kubeconfig={layout.kubeconfig('scheduler')}",
                f"--secure-port={ports.scheduler}", *elect,
            ],
            CLOUD: [
                f"--kubeconfig={layout.kubeconfig(CLOUD)}", "--cloud-provider=local",
                f"--secure-port={free_port()}", *elect,
            ],
            "kubelet": [
                f"--kubeconfig={layout.kubeconfig('kubelet')}",
                f"--config={layout.root / 'kubelet.yaml'}", "--cloud-provider=external",
                f"--hostname-override={layout.node_name}", f"--node-ip={place.node_address}",
                f"--root-dir={layout.kubelet}",
            ],
            "kube-proxy": [
                f"--kubeconfig={layout.kubeconfig('kube-proxy')}", "--cluster-cidr=10.244.0.0/16",
                f"--hostname-override={layout.node_name}", "--conntrack-max-per-core=0",
            ],
        }  # fmt: skip

    def start(self, name: str, *more: str) -> None:
        """With its flags, and `more`, of which the last word on a flag counts."""
        words = [sys.executable, str(ROOT / "cmd" / name), *self.flags[name], *more]
        log = self.layout.logs / f"{name}.log"
        if name in NODE:
            self.running[name] = self.inside.spawn(words, log, environment())
        else:
            cgroup = up.control_cgroup(self.place.state)
            self.running[name] = up.spawn_on_machine(words, log, cgroup, environment())

    def kill(self, name: str) -> None:
        processes.stop(self.running.pop(name), grace=0)

    def stop(self, name: str) -> None:
        """As an operator would: SIGTERM."""
        processes.stop(self.running.pop(name), grace=30)

    @contextmanager
    def asking(self, url: str) -> Iterator[Asking]:
        """Ask for the URL, over and over, from within the node."""
        log = self.layout.logs / "asker.log"
        log.unlink(missing_ok=True)
        asker = self.inside.spawn([sys.executable, "-c", ASKER, url], log)
        try:
            yield Asking(log)
        finally:
            processes.stop(asker, grace=0)


class Asking:
    """The answers to an unending question."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def answers(self) -> list[str]:
        return self._log.read_text().splitlines()

    def goes_on(self, count: int = 20) -> None:
        """Fails unless the next `count` questions from now on are answered."""
        since = len(self.answers()) + 1  # one was asked before
        processes.wait_until(lambda: len(self.answers()) >= since + count, 60, "answers")
        failed = [answer for answer in self.answers()[since:] if answer.startswith("!")]
        assert failed == []


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
