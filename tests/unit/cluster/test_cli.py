"""What the command says, and what it never shows: tracebacks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def kubepy(*arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "cmd" / "kubepy"), *arguments],
        capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["up", "--nam", "x"], "No such option '--nam'"),
        (["up", "--name", "No Name"], "'No Name' is no name for a cluster"),
        (["up", "--wait", "5"], "--wait: '5' is not a duration (such as 1m30s)"),
        (["up", "--registry-mirror", "x"], "'x' is no registry mirror"),
        (["status", "--name", "absent"], "there is no cluster 'absent'"),
        (["kubeconfig", "--name", "absent"], "there is no cluster 'absent'"),
        (["logs", "--name", "absent"], "there is no cluster 'absent'"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_mistakes_are_one_line(arguments, message):
    done = kubepy(*arguments)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("kubepy: error: ") and message in done.stderr
    assert done.stderr.count("\n") == 1


def test_taking_down_what_is_not_there_is_no_mistake():
    done = kubepy("down", "--name", "absent")
    assert (done.returncode, done.stdout) == (0, "There is no cluster 'absent'.\n")


def test_help_teaches():
    page = kubepy("--help").stdout
    for word in ("kubepy up", "kubectl get nodes", "image load", "kubepy down"):
        assert word in page


def test_images_are_built_without_a_cluster(tmp_path):
    done = kubepy("image", "build", "--output", str(tmp_path))
    assert "registry.k8s.io/pause:3.10" in done.stdout
    assert (tmp_path / "pause.tar").exists()
