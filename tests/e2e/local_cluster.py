"""A cluster that `kubepy up` made, as tests reach into it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from kubepy.cluster.layout import Layout

ROOT = Path(__file__).resolve().parents[2]
FETCH = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=3).read().decode())"


class Cluster:
    """A running cluster, and the way into its node."""

    def __init__(self, name: str, kubeconfig: Path) -> None:
        self.name = name
        self.kubeconfig = kubeconfig
        self.layout = Layout(name)

    def kubepy(self, *arguments: str, timeout: float = 180.0) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "cmd" / "kubepy"), *arguments, "--name", self.name],
            capture_output=True, text=True, timeout=timeout,
            env=os.environ | {"KUBECONFIG": str(self.kubeconfig), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.layout.state.read_bytes())
        return found

    def in_node(self, *command: str, timeout: float = 30.0) -> subprocess.CompletedProcess[str]:
        """Run a command in the node's namespaces, as somebody logged into it would."""
        holder = str(self.state["processes"]["holder"]["pid"])
        enter = ["nsenter", "-t", holder, "-m", "-n", "-p", "-u", "-i"]
        return subprocess.run([*enter, *command], capture_output=True, text=True, timeout=timeout)

    def words(self, size: int) -> list[tuple[str, str]]:
        """What there is to say of its state: its pods, and the last `size` bytes of each log."""
        pods = subprocess.run(
            ["kubectl", "get", "pods,events", "--all-namespaces", "--output=wide"],
            capture_output=True, text=True, timeout=20,
            env=os.environ | {"KUBECONFIG": str(self.kubeconfig)},
        )  # fmt: skip
        logs = sorted(self.layout.logs.glob("*.log"))
        texts = [(f"{self.name}: {log.name}", log.read_bytes()[-size:].decode()) for log in logs]
        return [(f"{self.name}: pods and events", (pods.stdout + pods.stderr)[-2 * size :]), *texts]

    def fetch(self, url: str) -> str:
        """The body that the URL answers, asked from within the node; empty if it does not."""
        return self.in_node(sys.executable, "-c", FETCH, url).stdout
