"""The README's demo, as it stands there."""

from __future__ import annotations

import subprocess

import pytest
from kubectl import Kubectl
from local_cluster import ROOT, Cluster

pytestmark = pytest.mark.e2e


def demo() -> str:
    """The first block of the section: the shell commands."""
    section = (ROOT / "README.md").read_text().split("## A demo", 1)[1]
    return section.split("```", 2)[1].strip()


def test_the_demo_runs_as_written(cluster: Cluster) -> None:
    kubectl = Kubectl(cluster.kubeconfig)
    script = demo().replace("use-context kubepy", f"use-context {cluster.layout.context}")
    ran = subprocess.run(
        ["bash", "-e"], input=script, capture_output=True, text=True, timeout=150,
        env=kubectl.environment(),
    )  # fmt: skip

    assert ran.returncode == 0, ran.stdout + ran.stderr
    answers = [
        line for line in ran.stdout.splitlines() if line.startswith("web-") and " " not in line
    ]
    assert len(answers) == 6
    assert 'deployment.apps "web" deleted' in ran.stdout
