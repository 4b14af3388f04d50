"""The kubelet on a real containerd: its cases run inside a node of namespaces.

Probes, hooks and volumes need the node's own network and mounts, so the cases are a pytest run of
their own, in there, with an apiserver in memory beside the kubelet.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.e2e.kubelet_node import ADDRESS, RealNode

HERE = Path(__file__).parent


@pytest.mark.e2e
def test_kubelet_in_a_node(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    with RealNode("kubelet-e2e", tmp_path) as node:
        environment = {
            "NODE_SOCKET": str(node.layout.containerd_socket),
            "NODE_FOLDER": str(node.layout.root),
            "NODE_ADDRESS": ADDRESS,
            "PYTHONPATH": str(HERE.parents[1]),
        }
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = node.run([*command, str(HERE / "kubelet_cases.py")], environment, timeout=300)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
