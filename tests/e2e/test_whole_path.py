"""kubectl apply → real containers → requests through the Service. In order, in one namespace."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubectl import Kubectl, versions, wait_for
from local_cluster import FETCH, Cluster

pytestmark = pytest.mark.e2e

NAMESPACE = "shop"
IMAGE = "busybox"
WEB = "app=web"
SERVER = (
    "mkdir -p /www; hostname > /www/index.html; cp /etc/settings/greeting /www/greeting; "
    "cp /etc/keys/password /www/password; echo serving; exec httpd -f -v -p 8080 -h /www"
)


def container(name: str, command: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", command],
        **more,
    }


def deployment(version: str = "1", replicas: int = 3) -> dict[str, Any]:
    server = container(
        "httpd",
        SERVER,
        env=[
            {"name": "VERSION", "value": version},
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ],
        ports=[{"name": "http", "containerPort": 8080}],
        readinessProbe={"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 1},
        resources={"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
        volumeMounts=[
            {"name": "settings", "mountPath": "/etc/settings"},
            {"name": "keys", "mountPath": "/etc/keys", "readOnly": True},
        ],
    )
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {
                    "terminationGracePeriodSeconds": 1,
                    "containers": [server],
                    "volumes": [
                        {"name": "settings", "configMap": {"name": "settings"}},
                        {"name": "keys", "secret": {"secretName": "keys"}},
                    ],
                },
            },
        },
    }


SETTINGS = {
    "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"},
    "data": {"greeting": "hello"},
}  # fmt: skip
KEYS = {
    "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"},
    "stringData": {"password": "sesame"},
}  # fmt: skip
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {
        "type": "NodePort",
        "selector": {"app": "web"},
        "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
    },
}


@pytest.fixture(scope="module")
def kubectl(cluster: Cluster) -> Iterator[Kubectl]:
    admin = Kubectl(cluster.kubeconfig)
    admin("create", "namespace", NAMESPACE)
    kubectl = Kubectl(cluster.kubeconfig, NAMESPACE)
    kubectl.apply(SETTINGS, KEYS, deployment(), SERVICE)
    kubectl.apply(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "client"},
            "spec": {
                "terminationGracePeriodSeconds": 0,
                "containers": [container("sh", "while :; do sleep 1; done")],
            },
        }
    )
    yield kubectl
    admin.run("delete", "namespace", NAMESPACE, "--wait=false")


def names(pods: list[dict[str, Any]]) -> set[str]:
    return {pod["metadata"]["name"] for pod in pods}


def container_ids(pods: list[dict[str, Any]]) -> set[str]:
    return {pod["status"]["containerStatuses"][0]["containerID"] for pod in pods}


def answers(cluster: Cluster, url: str, count: int) -> set[str]:
    return {cluster.fetch(url).strip() for _ in range(count)} - {""}


def test_the_deployment_rolls_out(kubectl: Kubectl) -> None:
    kubectl("rollout", "status", "deployment/web", "--timeout=90s", timeout=100)
    wide = kubectl("get", "pods", "-l", WEB, "-o", "wide").splitlines()

    assert wide[0].split()[:7] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]
    assert [line.split()[1:3] for line in wide[1:]] == [["1/1", "Running"]] * 3


def test_all_replicas_answer_from_the_node_and_from_a_pod(
    cluster: Cluster, kubectl: Kubectl
) -> None:
    pods = names(kubectl.ready(WEB, 3))
    service = kubectl.get("service", "web")["spec"]
    address, port = service["clusterIP"], service["ports"][0]["nodePort"]
    node = kubectl.get("nodes")["items"][0]
    internal = next(a["address"] for a in node["status"]["addresses"] if a["type"] == "InternalIP")

    wait_for(lambda: answers(cluster, f"http://{address}/", 20) == pods, "every replica's answer")
    assert answers(cluster, f"http://{internal}:{port}/", 20) <= pods
    kubectl("wait", "--for=condition=Ready", "pod/client", "--timeout=60s")
    script = f"for i in $(seq 20); do timeout 2 wget -qO- http://{address}/; done"
    assert set(kubectl("exec", "client", "--", "sh", "-c", script).split()) == pods
    assert cluster.fetch(f"http://{address}/greeting").strip() == "hello"
    assert cluster.fetch(f"http://{address}/password").strip() == "sesame"


@pytest.mark.parametrize("program", versions(), ids=lambda path: Path(path).name)
def test_every_kubectl_gets_logs_and_enters(kubectl: Kubectl, program: str) -> None:
    this = Kubectl(kubectl.kubeconfig, NAMESPACE, program)
    pod = sorted(names(this.ready(WEB, 3)))[0]

    assert "serving" in this("logs", pod)
    assert this("exec", pod, "--", "sh", "-c", "echo $POD").strip() == pod
    assert this("exec", "-i", pod, "--", "sh", "-c", "cat; exit 0", stdin="piped\n") == "piped\n"
    failed = this.run("exec", pod, "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (failed.returncode, failed.stdout) == (7, "out\n")
    assert "err" in failed.stderr


def test_copy_and_port_forward(kubectl: Kubectl, tmp_path: Path) -> None:
    pod = sorted(names(kubectl.ready(WEB, 3)))[0]
    source, back = tmp_path / "file", tmp_path / "back"
    source.write_bytes(os.urandom(100_000))
    # busybox has tar only where the image links it; through exec the same bytes go both ways
    encoded = base64.b64encode(source.read_bytes()).decode()
    # containerd takes a command's stdin away once it has closed its stdout: the shell keeps it
    kubectl("exec", "-i", pod, "--", "sh", "-c", "base64 -d > /tmp/file; true", stdin=encoded)
    back.write_bytes(base64.b64decode(kubectl("exec", pod, "--", "sh", "-c", "base64 /tmp/file")))
    assert back.read_bytes() == source.read_bytes()
    kubectl("cp", str(source), f"{NAMESPACE}/{pod}:/tmp/copied")
    kubectl("cp", f"{NAMESPACE}/{pod}:/tmp/copied", str(tmp_path / "again"))
    assert (tmp_path / "again").read_bytes() == source.read_bytes()

    forward = subprocess.Popen(
        kubectl.command("port-forward", f"pod/{pod}", ":8080"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=kubectl.environment(),
    )  # fmt: skip
    try:
        assert forward.stdout is not None
        line = forward.stdout.readline()
        assert line.startswith("Forwarding from 127.0.0.1:"), line
        port = line.split(":")[1].split(" ")[0]
        fetched = subprocess.run(
            [sys.executable, "-c", FETCH, f"http://127.0.0.1:{port}/"],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        assert fetched.stdout.strip() == pod
    finally:
        forward.terminate()
        forward.wait(timeout=10)


def test_scaling(kubectl: Kubectl) -> None:
    kubectl("scale", "deployment/web", "--replicas=5")
    kubectl.ready(WEB, 5)
    kubectl("scale", "deployment/web", "--replicas=1")
    kubectl.ready(WEB, 1)
    kubectl("scale", "deployment/web", "--replicas=3")
    kubectl.ready(WEB, 3)


def test_a_rollout_and_its_undoing(kubectl: Kubectl) -> None:
    def running_version() -> set[str]:
        return {
            next(e["value"] for e in pod["spec"]["containers"][0]["env"] if e["name"] == "VERSION")
            for pod in kubectl.ready(WEB, 3)
        }

    kubectl("set", "env", "deployment/web", "VERSION=2")
    kubectl("rollout", "status", "deployment/web", "--timeout=90s", timeout=100)
    assert running_version() == {"2"}
    kubectl("rollout", "undo", "deployment/web")
    kubectl("rollout", "status", "deployment/web", "--timeout=90s", timeout=100)
    assert running_version() == {"1"}
    assert len(kubectl("rollout", "history", "deployment/web").strip().splitlines()) == 4
    kubectl("set", "image", "deployment/web", "httpd=docker.io/library/busybox:latest")
    kubectl("rollout", "status", "deployment/web", "--timeout=90s", timeout=100)


def test_a_crashing_container_restarts_with_back_off(kubectl: Kubectl) -> None:
    crashing = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "crash"},
        "spec": {"containers": [container("c", "exit 3")]},
    }
    kubectl.apply(crashing)

    def backed_off() -> dict[str, Any] | None:
        status = kubectl.get("pod", "crash")["status"].get("containerStatuses", [{}])[0]
        waiting = status.get("state", {}).get("waiting", {})
        return status if waiting.get("reason") == "CrashLoopBackOff" else None

    status = wait_for(backed_off, "CrashLoopBackOff")
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert status["restartCount"] >= 1
    assert "CrashLoopBackOff" in kubectl("get", "pod", "crash")
    expected = {"Scheduled", "Pulled", "Created", "Started", "BackOff"}

    def told() -> bool:
        return expected <= {event["reason"] for event in kubectl.get("events")["items"]}

    wait_for(told, "the events")
    kubectl("delete", "pod", "crash", "--grace-period=0", "--force")


def test_a_rollout_that_gets_nowhere_says_so(kubectl: Kubectl) -> None:
    stuck = deployment(replicas=1)
    stuck["metadata"]["name"] = "stuck"
    stuck["spec"] |= {"progressDeadlineSeconds": 2, "selector": {"matchLabels": {"app": "stuck"}}}
    stuck["spec"]["template"]["metadata"]["labels"] = {"app": "stuck"}
    stuck["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = {
        "exec": {"command": ["false"]}
    }
    kubectl.apply(stuck)
    followed = kubectl.run("rollout", "status", "deployment/stuck", "--timeout=60s", timeout=70)
    assert followed.returncode == 1
    assert 'deployment "stuck" exceeded its progress deadline' in followed.stderr
    kubectl("delete", "deployment", "stuck")


def test_a_killed_container_comes_back(cluster: Cluster, kubectl: Kubectl) -> None:
    pod = kubectl.ready(WEB, 3)[0]
    name = pod["metadata"]["name"]
    kubectl.run("exec", name, "--", "sh", "-c", "kill -9 1; kill 1; kill -INT 1")
    socket = f"/run/kubepy/{cluster.name}/containerd.sock"
    identity = pod["status"]["containerStatuses"][0]["containerID"].removeprefix("containerd://")
    cluster.in_node("ctr", "-a", socket, "-n", "k8s.io", "task", "kill", "-s", "SIGKILL", identity)

    def restarted() -> bool:
        status = kubectl.get("pod", name)["status"]["containerStatuses"][0]
        return status["restartCount"] >= 1 and status["ready"]

    wait_for(restarted, "the restart")


def test_a_deleted_pod_is_replaced_and_the_replacement_serves(
    cluster: Cluster, kubectl: Kubectl
) -> None:
    before = names(kubectl.ready(WEB, 3))
    victim = sorted(before)[0]
    kubectl("delete", "pod", victim)
    after = names(kubectl.ready(WEB, 3))
    address = kubectl.get("service", "web")["spec"]["clusterIP"]

    assert victim not in after
    wait_for(lambda: answers(cluster, f"http://{address}/", 20) == after, "the new one's answer")


@pytest.mark.parametrize("process", ["control-plane", "node"])
def test_nothing_is_lost_when_a_process_is_killed(
    cluster: Cluster, kubectl: Kubectl, process: str
) -> None:
    pods = kubectl.ready(WEB, 3)
    address = kubectl.get("service", "web")["spec"]["clusterIP"]
    os.kill(cluster.state["processes"][process]["pid"], signal.SIGKILL)

    assert answers(cluster, f"http://{address}/", 5) <= names(pods)
    again = cluster.kubepy("up")
    assert again.returncode == 0, again.stdout + again.stderr
    survivors = kubectl.ready(WEB, 3)
    assert container_ids(survivors) == container_ids(pods)
    kubectl("scale", "deployment/web", "--replicas=4")
    kubectl.ready(WEB, 4)
    kubectl("scale", "deployment/web", "--replicas=3")
    kubectl.ready(WEB, 3)


def test_bad_input_is_answered_as_kubernetes_does(kubectl: Kubectl) -> None:
    broken = deployment()
    broken["metadata"]["name"] = "broken"
    broken["spec"]["template"]["spec"]["containers"][0].pop("name")
    broken["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
    body = json.dumps(broken)
    refused = kubectl.run("create", "--validate=false", "-f", "-", stdin=body)
    assert refused.returncode == 1
    assert 'The Deployment "broken" is invalid' in refused.stderr
    assert "spec.template.spec.containers[0].name: Required value" in refused.stderr
    assert "`selector` does not match template `labels`" in refused.stderr

    odd = dict(SETTINGS, metadata={"name": "odd"}, dat={"a": "b"})
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    warned = kubectl.run("create", "--raw", path, "-f", "-", stdin=json.dumps(odd))
    assert 'unknown field "dat"' in warned.stderr


def test_nothing_is_left_of_a_deleted_namespace(cluster: Cluster, kubectl: Kubectl) -> None:
    socket = f"/run/kubepy/{cluster.name}/containerd.sock"
    address = kubectl.get("service", "web")["spec"]["clusterIP"]
    kubectl("delete", "namespace", NAMESPACE, "--timeout=90s", timeout=100)

    found = kubectl.run("get", "namespace", NAMESPACE)
    assert "NotFound" in found.stderr
    listed = cluster.in_node("ctr", "-a", socket, "-n", "k8s.io", "container", "ls", "-q").stdout

    def nothing_runs() -> bool:
        nonlocal listed
        listed = cluster.in_node(
            "ctr", "-a", socket, "-n", "k8s.io", "container", "ls", "-q"
        ).stdout
        return not listed.split()

    wait_for(nothing_runs, "containerd to be empty")
    links = json.loads(cluster.in_node("ip", "-json", "link").stdout)
    assert [link["ifname"] for link in links if link["ifname"].startswith("veth")] == []
    ruleset = cluster.in_node("nft", "list", "ruleset").stdout
    assert address not in ruleset
    stored = subprocess.run(
        [sys.executable, "-c", "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("
         "\"select count(*) from current where key like '%/shop/%'\").fetchone()[0])",
         str(cluster.layout.store)],
        capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert stored.strip() == "0"
