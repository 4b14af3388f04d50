"""One control plane for all tours; a namespace for each file and client."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from control_plane import NODE, ControlPlane
from hollow_node import HollowNode
from kubectl import Kubectl, minor_version, toured


def version(program: str) -> str:
    return f"{Path(program).name.partition('.')[0]}-1.{minor_version(program)}"


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    plane = ControlPlane(tmp_path_factory.mktemp("tour"))
    with plane.running(), HollowNode(plane.kubeconfig, NODE).running():
        yield plane


@pytest.fixture(scope="module", params=toured(), ids=version)
def kubectl(
    plane: ControlPlane, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kubectl]:
    """Its namespace is the tour's own."""
    topic = Path(request.fspath).stem.removeprefix("test_kubectl_")
    namespace = f"{topic}-{minor_version(request.param)}"
    kubectl = Kubectl(plane.kubeconfig, namespace, request.param)
    kubectl("create", "namespace", namespace)
    account = ("get", "serviceaccount", "default", "-o", "name")
    while kubectl.run(*account).returncode:  # pods need it
        time.sleep(0.05)
    yield kubectl
    kubectl.run("delete", "namespace", namespace, "--wait=false")
