"""Services of every kind, and a node that is emptied, with every binary run by hand."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from by_hand import Hand
from kubectl import Kubectl, wait_for

pytestmark = pytest.mark.e2e

NAMESPACE = "services"
ECHO = "app=echo"
SERVER = (
    "mkdir -p /www/cgi-bin; printf '#!/bin/sh\\necho\\necho $(hostname) $REMOTE_ADDR\\n' "
    "> /www/cgi-bin/who; chmod +x /www/cgi-bin/who; exec httpd -f -p 8080 -h /www"
)


def deployment(name: str, replicas: int) -> dict[str, Any]:
    container = {
        "name": "httpd",
        "image": "busybox",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", SERVER],
        "readinessProbe": {"httpGet": {"path": "/cgi-bin/who", "port": 8080}, "periodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [container]},
            },
        },
    }


def service(name: str, **spec: Any) -> dict[str, Any]:
    ports = [{"port": 80, "targetPort": 8080}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": "echo"}, "ports": ports, **spec},
    }


@pytest.fixture(scope="module")
def kubectl(hand: Hand) -> Iterator[Kubectl]:
    admin = Kubectl(hand.kubeconfig)
    admin("create", "namespace", NAMESPACE)
    kubectl = Kubectl(hand.kubeconfig, NAMESPACE)
    kubectl.apply(
        deployment("echo", 3),
        deployment("moved", 2),
        service("sticky", sessionAffinity="ClientIP"),
        service("outside", type="NodePort"),
        service("local", type="NodePort", externalTrafficPolicy="Local"),
        service("headless", clusterIP="None"),
        service("elsewhere", externalIPs=[external(hand)]),
        service("empty", selector={"app": "nobody"}),
    )
    kubectl.ready(ECHO, 3)
    kubectl.ready("app=moved", 2)
    yield kubectl
    admin.run("delete", "namespace", NAMESPACE, "--wait=false")


def external(hand: Hand) -> str:
    """An address of the node's network that nobody has."""
    return hand.place.address.rpartition(".")[0] + ".77"


def names(kubectl: Kubectl) -> set[str]:
    return {pod["metadata"]["name"] for pod in kubectl.pods(ECHO)}


def from_outside(hand: Hand, kubectl: Kubectl, name: str) -> tuple[str, str]:
    """Which pod answers at the node's port, and whom it takes the asking machine for."""
    port = kubectl.get("service", name)["spec"]["ports"][0]["nodePort"]
    url = f"http://{hand.place.node_address}:{port}/cgi-bin/who"
    pod, address = urllib.request.urlopen(url, timeout=10).read().decode().split()
    return pod, address.strip("[]").removeprefix("::ffff:")


def test_one_client_stays_with_one_pod(hand: Hand, kubectl: Kubectl) -> None:
    url = f"http://{kubectl.get('service', 'sticky')['spec']['clusterIP']}/cgi-bin/who"
    wait_for(lambda: hand.fetch(url), "the first answer")
    assert len({hand.fetch(url).split()[0] for _ in range(8)}) == 1


def test_a_node_port_from_outside_the_node(hand: Hand, kubectl: Kubectl) -> None:
    answers = {from_outside(hand, kubectl, "outside") for _ in range(24)}
    assert {pod for pod, _ in answers} == names(kubectl)
    assert hand.place.address not in {address for _, address in answers}  # the node speaks for it


def test_a_local_node_port_keeps_the_clients_address(hand: Hand, kubectl: Kubectl) -> None:
    pod, address = from_outside(hand, kubectl, "local")
    assert pod in names(kubectl)
    assert address == hand.place.address


def test_an_external_address(hand: Hand, kubectl: Kubectl) -> None:
    assert hand.fetch(f"http://{external(hand)}/cgi-bin/who").split()[0] in names(kubectl)


def test_a_headless_service_is_a_list_of_pods(hand: Hand, kubectl: Kubectl) -> None:
    slices = kubectl.get("endpointslices", "-l", "kubernetes.io/service-name=headless")["items"]
    listed = {a for s in slices for e in s["endpoints"] for a in e["addresses"]}
    assert listed == {pod["status"]["podIP"] for pod in kubectl.pods(ECHO)}
    assert slices[0]["metadata"]["labels"]["service.kubernetes.io/headless"] == ""
    old = kubectl.get("endpoints", "headless")["subsets"][0]["addresses"]
    assert {each["ip"] for each in old} == listed


def test_nobody_behind_a_service_is_refused_at_once(hand: Hand, kubectl: Kubectl) -> None:
    address = kubectl.get("service", "empty")["spec"]["clusterIP"]
    script = f"import socket; socket.create_connection(('{address}', 80), timeout=20)"
    asked = hand.in_node(sys.executable, "-c", script)
    assert "ConnectionRefusedError" in asked.stderr


def test_an_affinity_can_be_given_up(hand: Hand, kubectl: Kubectl) -> None:
    kubectl("patch", "service", "sticky", "-p", '{"spec": {"sessionAffinity": "None"}}')
    url = f"http://{kubectl.get('service', 'sticky')['spec']['clusterIP']}/cgi-bin/who"
    wait_for(lambda: {hand.fetch(url).split()[0] for _ in range(12)} == names(kubectl), "every pod")


def test_draining_the_node(hand: Hand, kubectl: Kubectl) -> None:
    node, moved = hand.layout.node_name, "app=moved"
    before = {pod["metadata"]["uid"] for pod in kubectl.pods(moved)}
    drained = kubectl("drain", node, f"--pod-selector={moved}", "--timeout=60s", timeout=70)
    assert f"node/{node} cordoned" in drained
    assert drained.count("evicted") >= 2

    def waiting() -> list[dict[str, Any]]:
        pods = kubectl.pods(moved)
        fresh = len(pods) == 2 and not before & {pod["metadata"]["uid"] for pod in pods}
        told = [
            c for pod in pods for c in pod["status"].get("conditions", [])
            if c["type"] == "PodScheduled" and c["status"] == "False"
        ]  # fmt: skip
        return told if fresh and len(told) == 2 else []

    told = wait_for(waiting, "two pods without a place")
    assert told[0]["reason"] == "Unschedulable"
    assert "0/1 nodes are available: 1 node(s) were unschedulable" in told[0]["message"]
    assert "SchedulingDisabled" in kubectl("get", "nodes")
    kubectl("uncordon", node)
    kubectl.ready(moved, 2)
