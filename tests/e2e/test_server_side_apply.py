"""kubectl apply --server-side: owners of fields, conflicts, and the way there from client-side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from kubectl import Kubectl
from local_cluster import Cluster

pytestmark = pytest.mark.e2e

NAMESPACE = "applied"


@pytest.fixture(scope="module")
def kubectl(cluster: Cluster) -> Iterator[Kubectl]:
    admin = Kubectl(cluster.kubeconfig)
    admin("create", "namespace", NAMESPACE)
    yield Kubectl(cluster.kubeconfig, NAMESPACE)
    admin.run("delete", "namespace", NAMESPACE, "--wait=false")


def deployment(name: str, replicas: int = 0, **labels: str) -> dict[str, Any]:
    """One that makes no pods."""
    pod = {"containers": [{"name": "c", "image": "none:1", "ports": [{"containerPort": 80}]}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": replicas,
            "paused": True,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        },
    }


def apply(kubectl: Kubectl, body: dict[str, Any], *options: str) -> str:
    return kubectl("apply", "--server-side", "-f", "-", *options, stdin=json.dumps(body))


def refusal(kubectl: Kubectl, body: dict[str, Any], *options: str) -> str:
    arguments = ("apply", "--server-side", "-f", "-", *options)
    result = kubectl.run(*arguments, stdin=json.dumps(body))
    assert result.returncode != 0, result.stdout
    return result.stderr


def owners(kubectl: Kubectl, *what: str) -> set[tuple[str, str]]:
    found = json.loads(kubectl("get", *what, "-o", "json", "--show-managed-fields"))
    return {(each["manager"], each["operation"]) for each in found["metadata"]["managedFields"]}


def test_what_is_applied_no_more_goes(kubectl: Kubectl) -> None:
    assert "serverside-applied" in apply(kubectl, deployment("web", a="1", b="2"))
    apply(kubectl, deployment("web", a="1"))
    assert kubectl.get("deployment", "web")["metadata"]["labels"] == {"a": "1"}
    assert ("kubectl", "Apply") in owners(kubectl, "deployment", "web")


def test_a_conflict_names_the_field_and_force_takes_it(kubectl: Kubectl) -> None:
    apply(kubectl, deployment("shared", a="1"))
    theirs = ("--field-manager", "other")
    words = refusal(kubectl, deployment("shared", a="2"), *theirs)
    assert 'conflict with "kubectl": .metadata.labels.a' in words
    apply(kubectl, deployment("shared", a="2"), *theirs, "--force-conflicts")
    assert kubectl.get("deployment", "shared")["metadata"]["labels"] == {"a": "2"}


def test_replicas_that_were_scaled_are_somebody_elses(kubectl: Kubectl) -> None:
    apply(kubectl, deployment("scaled"))
    kubectl("scale", "deployment", "scaled", "--replicas=1")
    words = refusal(kubectl, deployment("scaled"))
    assert 'conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas' in words
    kubectl("scale", "deployment", "scaled", "--replicas=0")


def test_from_client_side_to_server_side(kubectl: Kubectl) -> None:
    kubectl("apply", "-f", "-", stdin=json.dumps(deployment("moved", a="1", b="1")))
    apply(kubectl, deployment("moved", a="1", b="1"))
    apply(kubectl, deployment("moved", a="2"))
    assert kubectl.get("deployment", "moved")["metadata"]["labels"] == {"a": "2"}
    noted = json.loads(kubectl("apply", "view-last-applied", "deployment", "moved", "-o", "json"))
    assert noted["metadata"]["labels"] == {"a": "2"}


def test_a_difference_is_shown_before_it_is_made(kubectl: Kubectl) -> None:
    def settings(value: str) -> dict[str, Any]:
        meta = {"name": "seen"}
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"a": value}}

    apply(kubectl, settings("1"))
    difference = ("diff", "--server-side", "-f", "-")
    same = kubectl.run(*difference, stdin=json.dumps(settings("1")))
    assert (same.returncode, same.stdout) == (0, "")
    other = kubectl.run(*difference, stdin=json.dumps(settings("2")))
    assert other.returncode == 1
    assert '+  a: "2"' in other.stdout
