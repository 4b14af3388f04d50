"""A machine that loses power: what ran runs again, and nothing acknowledged is forgotten."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubectl import Kubectl, wait_for
from local_cluster import Cluster

pytestmark = pytest.mark.e2e

WEB = "app=web"
COUNTER = (
    "echo started >> /kept/starts; mkdir /www; wc -l < /kept/starts > /www/index.html; "
    "exec httpd -f -p 8080 -h /www"
)
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "terminationGracePeriodSeconds": 1,
                "volumes": [{"name": "kept", "emptyDir": {}}],
                "containers": [
                    {
                        "name": "httpd",
                        "image": "busybox",
                        "imagePullPolicy": "IfNotPresent",
                        "command": ["sh", "-c", COUNTER],
                        "volumeMounts": [{"name": "kept", "mountPath": "/kept"}],
                        "readinessProbe": {"httpGet": {"path": "/", "port": 8080},
                                           "periodSeconds": 1},
                    }
                ],
            },
        },
    },
}  # fmt: skip
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
}


@pytest.fixture
def crashing(tmp_path: Path) -> Iterator[Cluster]:
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    cluster = Cluster("e2e-crash", tmp_path / "config")
    cluster.kubepy("down")
    up = cluster.kubepy("up")
    assert up.returncode == 0, up.stdout + up.stderr
    yield cluster
    down = cluster.kubepy("down")
    assert down.returncode == 0, down.stderr


def kill_everything(cluster: Cluster) -> None:
    """As a power failure would; the holder takes every process of the node with it."""
    for process in cluster.state["processes"].values():
        try:
            os.kill(process["pid"], signal.SIGKILL)
        except ProcessLookupError:
            continue


def test_pods_and_services_are_there_after_a_power_failure(crashing: Cluster) -> None:
    kubectl = Kubectl(crashing.kubeconfig)
    kubectl.apply(DEPLOYMENT, SERVICE)
    before = {pod["metadata"]["name"] for pod in kubectl.ready(WEB, 2)}
    address = kubectl.get("service", "web")["spec"]["clusterIP"]
    wait_for(lambda: crashing.fetch(f"http://{address}/").strip() == "1", "an answer")

    kubectl("scale", "deployment/web", "--replicas=3")  # acknowledged: it must come true
    kill_everything(crashing)
    again = crashing.kubepy("up")
    assert again.returncode == 0, again.stdout + again.stderr

    def restarted() -> dict[str, int]:
        """How often each pod of before was started anew, once all have been."""
        counts = {pod["metadata"]["name"]: restarts(pod) for pod in kubectl.ready(WEB, 3)}
        found = {name: counts.get(name, 0) for name in before}
        return found if all(found.values()) else {}

    def answers() -> set[str]:
        seen = {crashing.fetch(f"http://{address}/").strip() for _ in range(12)}
        return seen if seen == {"1", "2"} else set()

    # the same pods, started a second time, with what they had kept; and the new one
    assert set(wait_for(restarted, "the pods of before").values()) == {1}
    wait_for(answers, "answers of the pods of before and of the new one")
    pods = kubectl.ready(WEB, 3)
    assert kubectl("exec", pods[0]["metadata"]["name"], "--", "echo", "in") == "in\n"


def test_containers_outlive_their_containerd(crashing: Cluster) -> None:
    kubectl = Kubectl(crashing.kubeconfig)
    kubectl.apply(DEPLOYMENT)
    before = ids(kubectl.ready(WEB, 2))
    node = crashing.layout.node_name
    os.kill(crashing.state["processes"]["containerd"]["pid"], signal.SIGKILL)
    kubectl("wait", f"node/{node}", "--for=condition=Ready=false", "--timeout=60s", timeout=70)
    told = kubectl.get("node", node)["status"]["conditions"]
    assert "container runtime is down" in next(c["message"] for c in told if c["type"] == "Ready")

    assert crashing.kubepy("up").returncode == 0
    kubectl("wait", f"node/{node}", "--for=condition=Ready", "--timeout=60s", timeout=70)
    pods = kubectl.ready(WEB, 2)
    assert ids(pods) == before
    assert kubectl("exec", pods[0]["metadata"]["name"], "--", "echo", "in") == "in\n"
    kubectl("scale", "deployment/web", "--replicas=3")
    assert ids(kubectl.ready(WEB, 3)) > before
    kubectl("delete", "deployment", "web")
    kubectl("wait", "pod", "-l", WEB, "--for=delete", "--timeout=60s", timeout=70)


def ids(pods: list[dict[str, Any]]) -> set[str]:
    return {pod["status"]["containerStatuses"][0]["containerID"] for pod in pods}


def restarts(pod: dict[str, Any]) -> int:
    return int(pod["status"]["containerStatuses"][0]["restartCount"])
