"""Each binary by itself: they work together, and any of them may be killed at any time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from by_hand import CLOUD, CONTROL, NODE, Asking, Hand
from kubectl import Kubectl, is_ready, wait_for

from kubepy.cluster import processes

pytestmark = pytest.mark.e2e

NAMESPACE = "hand"
WEB = "app=web"
SERVER = "mkdir -p /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www"
ZONE = "topology.kubernetes.io/zone"


def service(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }


def deployment() -> dict[str, Any]:
    server = {
        "name": "httpd",
        "image": "busybox",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", SERVER],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"terminationGracePeriodSeconds": 1, "containers": [server]},
            },
        },
    }


@pytest.fixture(scope="module")
def kubectl(hand: Hand) -> Iterator[Kubectl]:
    admin = Kubectl(hand.kubeconfig)
    admin("create", "namespace", NAMESPACE)
    kubectl = Kubectl(hand.kubeconfig, NAMESPACE)
    kubectl.apply(deployment(), service("web"))
    kubectl.ready(WEB, 3)
    yield kubectl
    admin.run("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture(scope="module")
def asking(hand: Hand, kubectl: Kubectl) -> Iterator[Asking]:
    """The Service's address, asked all the time."""
    address = kubectl.get("service", "web")["spec"]["clusterIP"]
    wait_for(lambda: hand.fetch(f"http://{address}/").strip(), "the first answer")
    with hand.asking(f"http://{address}/") as asking:
        yield asking


def containers(kubectl: Kubectl) -> dict[str, str]:
    """The container of each pod that stays."""
    return {
        pod["metadata"]["name"]: pod["status"]["containerStatuses"][0]["containerID"]
        for pod in kubectl.pods(WEB)
        if is_ready(pod)
    }


def test_the_binaries_work_together(hand: Hand, kubectl: Kubectl, asking: Asking) -> None:
    asking.goes_on()
    assert set(asking.answers()) == set(containers(kubectl))
    leases = Kubectl(hand.kubeconfig, "kube-system").get("leases")["items"]
    leaders = {lease["metadata"]["name"] for lease in leases if lease["spec"]["holderIdentity"]}
    assert {"kube-controller-manager", "kube-scheduler", CLOUD} <= leaders


def test_the_cloud_says_where_the_node_is(kubectl: Kubectl) -> None:
    [node] = kubectl.get("nodes")["items"]
    assert node["spec"]["providerID"].startswith("local://")
    assert node["metadata"]["labels"][ZONE] == os.uname().nodename
    assert "taints" not in node["spec"]
    assert {a["type"] for a in node["status"]["addresses"]} >= {"InternalIP", "Hostname"}


def nothing_but_patience(hand: Hand, kubectl: Kubectl) -> Callable[[], object]:
    """The apiserver is away: nothing can be changed; afterwards all is as it was."""
    refused = kubectl.run("get", "pods", "--request-timeout=5s")
    assert refused.returncode == 1

    def caught_up() -> bool:
        scaled = kubectl.run("scale", "deployment/web", "--replicas=4").returncode == 0
        return scaled and len(containers(kubectl)) == 4

    return caught_up


def a_pod_less(hand: Hand, kubectl: Kubectl) -> Callable[[], object]:
    """Nobody replaces the pod while the controllers are away."""
    kubectl("delete", "pod", sorted(containers(kubectl))[0])
    assert len(kubectl.pods(WEB)) == 3
    return lambda: len(containers(kubectl)) == 4


def a_pod_more(hand: Hand, kubectl: Kubectl) -> Callable[[], object]:
    """Nobody places the pod while the scheduler is away."""
    kubectl("scale", "deployment/web", "--replicas=5")
    wait_for(lambda: len(kubectl.pods(WEB)) == 5, "the new pod")
    assert any("nodeName" not in pod["spec"] for pod in kubectl.pods(WEB))
    return lambda: len(containers(kubectl)) == 5


def a_dying_pod(hand: Hand, kubectl: Kubectl) -> Callable[[], object]:
    """Nobody ends the pod while the kubelet is away, and its replacement waits."""
    victim = sorted(containers(kubectl))[0]
    kubectl("delete", "pod", victim, "--wait=false")
    wait_for(lambda: len(kubectl.pods(WEB)) == 5, "the replacement")
    assert "deletionTimestamp" in kubectl.get("pod", victim)["metadata"]
    return lambda: (
        "NotFound" in kubectl.run("get", "pod", victim).stderr and (len(containers(kubectl)) == 5)
    )


def another_service(hand: Hand, kubectl: Kubectl) -> Callable[[], object]:
    """Nobody forwards to the new Service while the proxy is away."""
    kubectl.apply(service("again"))
    address = kubectl.get("service", "again")["spec"]["clusterIP"]
    return lambda: hand.fetch(f"http://{address}/").strip() in containers(kubectl)


def an_uninitialized_node(hand: Hand, kubectl: Kubectl) -> Callable[[], object]:
    """Nobody says where the node is while the cloud's controllers are away."""
    [node] = kubectl.get("nodes")["items"]
    name = node["metadata"]["name"]
    taint = "node.cloudprovider.kubernetes.io/uninitialized"
    kubectl("label", "node", name, f"{ZONE}-")
    kubectl("taint", "node", name, f"{taint}=true:NoSchedule")

    def caught_up() -> bool:
        [node] = kubectl.get("nodes")["items"]
        return "taints" not in node["spec"] and ZONE in node["metadata"]["labels"]

    assert not caught_up()
    return caught_up


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("kube-apiserver", nothing_but_patience),
        ("kube-controller-manager", a_pod_less),
        ("kube-scheduler", a_pod_more),
        ("kubelet", a_dying_pod),
        ("kube-proxy", another_service),
        (CLOUD, an_uninitialized_node),
    ],
)
def test_killed_and_started_again(
    hand: Hand,
    kubectl: Kubectl,
    asking: Asking,
    name: str,
    change: Callable[[Hand, Kubectl], Callable[[], object]],
) -> None:
    before = containers(kubectl)
    hand.kill(name)
    asking.goes_on()
    caught_up = change(hand, kubectl)
    hand.start(name)
    wait_for(caught_up, f"{name} to catch up")
    after = containers(kubectl)
    assert after.items() >= {(pod, id) for pod, id in before.items() if pod in after}
    assert len(set(before) - set(after)) <= 1  # the one that was deleted
    asking.goes_on()


def test_a_node_that_restarts_without_an_apiserver_goes_on(
    hand: Hand, kubectl: Kubectl, asking: Asking
) -> None:
    before = containers(kubectl)
    for name in (*CONTROL, *NODE):
        hand.kill(name)
    for name in NODE:
        hand.start(name)
    asking.goes_on(60)
    for name in CONTROL:
        hand.start(name)
    hand.wait_for_apiserver()
    wait_for(lambda: containers(kubectl) == before, "all to be as before")
    asking.goes_on()


def test_a_second_manager_takes_over_from_one_that_was_killed(hand: Hand, kubectl: Kubectl) -> None:
    leases = Kubectl(hand.kubeconfig, "kube-system")

    def leader() -> str:
        return str(leases.get("lease", "kube-controller-manager")["spec"]["holderIdentity"])

    def replaced() -> None:
        count = len(containers(kubectl))
        kubectl("delete", "pod", sorted(containers(kubectl))[0])
        kubectl.ready(WEB, count)

    replaced()  # so the manager of now leads
    before = leader()
    first = hand.running.pop("kube-controller-manager")
    hand.start("kube-controller-manager", "--secure-port=0")
    replaced()
    assert leader() == before  # the second one waits
    processes.stop(first, grace=0)
    replaced()
    assert leader() != before


def test_a_leader_that_is_told_to_stop_makes_room(hand: Hand, kubectl: Kubectl) -> None:
    count = len(containers(kubectl))
    leases = Kubectl(hand.kubeconfig, "kube-system")

    def leader() -> str:
        spec = leases.get("lease", "kube-scheduler")["spec"]
        return str(spec.get("holderIdentity", ""))

    kubectl("delete", "pod", "-l", WEB)
    kubectl.ready(WEB, count)  # so the scheduler of now leads
    before = leader()
    hand.stop("kube-scheduler")
    assert leader() == ""
    hand.start("kube-scheduler")
    assert wait_for(leader, "the next leader") != before
    kubectl("delete", "pod", "-l", WEB)
    kubectl.ready(WEB, count)
