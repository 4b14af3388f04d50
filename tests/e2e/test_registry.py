"""Images from a registry: a mirror on loopback, seen from a node that has no way out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubectl import Kubectl, wait_for
from local_cluster import Cluster
from registry import Registry, program, registry

from kubepy.cluster.images import busybox, oci

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    if program() is None:
        pytest.skip("needs docker-registry, which `make e2e` fetches")
    with registry(tmp_path_factory.mktemp("registry")) as mirror:
        yield mirror


@pytest.fixture(scope="module")
def kubectl(mirror: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    cluster = Cluster("e2e-pulls", tmp_path_factory.mktemp("kube") / "config")
    cluster.kubepy("down")
    up = cluster.kubepy("up", "--registry-mirror", mirror.url)
    assert up.returncode == 0, up.stderr
    yield Kubectl(cluster.kubeconfig)
    down = cluster.kubepy("down")
    assert down.returncode == 0, down.stderr


def tool(version: str) -> bytes:
    """An archive with a busybox that says its version."""
    found = shutil.which("busybox")
    assert found is not None
    image = busybox.image(busybox.find(Path(found)))
    said = oci.Entry("etc/version", f"{version}\n".encode())
    name = "docker.io/library/tool:latest"
    return oci.archive(
        oci.Image((name,), (*image.entries, said), command=image.command), oci.architecture()
    )


def run(kubectl: Kubectl, name: str, image: str, *options: str) -> None:
    wait_for(lambda: kubectl.run("get", "serviceaccount", "default").returncode == 0, "its account")
    command = ("--", "sh", "-c", "cat /etc/version; exec sleep 1000")
    kubectl("run", name, f"--image={image}", "--grace-period=1", *options, *command)


def container(kubectl: Kubectl, name: str) -> dict[str, Any]:
    statuses = kubectl.get("pod", name)["status"].get("containerStatuses", [{}])
    found: dict[str, Any] = statuses[0]
    return found


def reason(kubectl: Kubectl, name: str) -> str:
    waiting = container(kubectl, name).get("state", {}).get("waiting", {})
    return str(waiting.get("reason", ""))


def told(kubectl: Kubectl, name: str, what: str) -> bool:
    """Whether an event of the pod says so, sooner or later: nobody waits for events."""
    return bool(wait_for(lambda: what in kubectl("describe", "pod", name), what))


def said(kubectl: Kubectl, name: str) -> str:
    kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s", timeout=70)
    return wait_for(lambda: kubectl("logs", name), f"{name}'s log").strip()


def test_an_image_is_pulled_every_time_it_is_asked_for(mirror: Registry, kubectl: Kubectl) -> None:
    first = mirror.push(tool("one"), "library/tool", "latest")
    run(kubectl, "one", "tool")
    assert said(kubectl, "one") == "one"
    assert first in container(kubectl, "one")["imageID"]
    assert kubectl.get("pod", "one")["spec"]["containers"][0]["imagePullPolicy"] == "Always"
    assert told(kubectl, "one", 'Successfully pulled image "tool"')

    second = mirror.push(tool("two"), "library/tool", "latest")
    run(kubectl, "two", "tool")
    assert said(kubectl, "two") == "two"
    assert second in container(kubectl, "two")["imageID"]
    assert container(kubectl, "one")["restartCount"] == 0

    run(kubectl, "old", "tool", "--image-pull-policy=IfNotPresent")
    assert said(kubectl, "old") == "two"
    assert told(kubectl, "old", "already present on machine")


def test_any_registry_s_name_leads_to_the_mirror(mirror: Registry, kubectl: Kubectl) -> None:
    mirror.push(tool("three"), "team/tool", "v3")
    run(kubectl, "three", "registry.example.com/team/tool:v3")
    assert said(kubectl, "three") == "three"


def test_an_image_that_is_not_there_is_asked_for_again_and_again(
    mirror: Registry, kubectl: Kubectl
) -> None:
    run(kubectl, "late", "late:v1")
    wait_for(lambda: reason(kubectl, "late") == "ErrImagePull", "ErrImagePull")
    wait_for(lambda: reason(kubectl, "late") == "ImagePullBackOff", "ImagePullBackOff")
    assert told(kubectl, "late", 'Failed to pull image "late:v1"')
    assert told(kubectl, "late", 'Back-off pulling image "late:v1"')

    mirror.push(tool("at last"), "library/late", "v1")
    assert said(kubectl, "late") == "at last"
