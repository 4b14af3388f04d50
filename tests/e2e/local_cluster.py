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

    def fetch(self, url: str) -> str:
        """The body that the URL answers, asked from within the node; empty if it does not."""
        return self.in_node(sys.executable, "-c", FETCH, url).stdout
