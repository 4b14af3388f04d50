"""An operator that kopf runs, in a process of its own, with peering."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from control_plane import ControlPlane
from kubectl import Kubectl, wait_for

from kubepy.cluster import processes

pytestmark = pytest.mark.e2e

NAMESPACE = "kopf"
OPERATOR = Path(__file__).with_name("kite_operator.py")
END_SECONDS = 20.0
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def definition(group: str, plural: str, kind: str, scope: str, schema: Any) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": scope,
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True,
                          "subresources": {"status": {}} if kind == "Kite" else {},
                          "schema": {"openAPIV3Schema": schema}}],
        },
    }  # fmt: skip


KITE = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "required": ["image"],
            "properties": {
                "image": {"type": "string"},
                "length": {"type": "integer", "minimum": 0, "default": 1},
            },
        },
        "status": ANYTHING,
    },
}
DEFINITIONS = (
    definition("kopf.example.com", "kites", "Kite", "Namespaced", KITE),
    definition("kopf.dev", "clusterkopfpeerings", "ClusterKopfPeering", "Cluster", ANYTHING),
)


@pytest.fixture(scope="module")
def kubectl(plane: ControlPlane) -> Iterator[Kubectl]:
    """The operator runs."""
    kubectl = Kubectl(plane.kubeconfig, NAMESPACE)
    kubectl("create", "namespace", NAMESPACE)
    kubectl.apply(*DEFINITIONS)
    names = [f"crd/{each['metadata']['name']}" for each in DEFINITIONS]
    kubectl("wait", "--for=condition=Established", *names)
    peering = {"kind": "ClusterKopfPeering", "metadata": {"name": "default"}}
    kubectl.apply({"apiVersion": "kopf.dev/v1", **peering})
    operator = processes.spawn(
        [sys.executable, "-m", "kopf", "run", OPERATOR, "--all-namespaces", "--verbose"],
        plane.folder / "kopf.log", environment={"KUBECONFIG": str(plane.kubeconfig)},
    )  # fmt: skip
    try:
        yield kubectl
        kubectl("delete", *names)  # while there is somebody who takes off the finalizers
    finally:
        operator.kill()  # it would wait for kinds that are gone
        operator.wait(END_SECONDS)


def kite(name: str, **spec: Any) -> dict[str, Any]:
    meta = {"name": name}
    return {"apiVersion": "kopf.example.com/v1", "kind": "Kite", "metadata": meta, "spec": spec}


def status(kubectl: Kubectl, name: str) -> dict[str, Any]:
    found: dict[str, Any] = kubectl.get("kite", name).get("status", {})
    return found


def reasons(kubectl: Kubectl) -> set[str]:
    return {each["reason"] for each in kubectl.get("events")["items"]}


def test_a_kite_from_its_creation_to_its_end(kubectl: Kubectl) -> None:
    kubectl.apply(kite("red", image="kite:1"))
    wait_for(lambda: status(kubectl, "red").get("created"), "the handler of creation")
    assert status(kubectl, "red")["created"] == {"deployment": "red"}
    wait_for(lambda: status(kubectl, "red").get("ticks") == 3, "the timer")
    wait_for(lambda: "Watched" in reasons(kubectl), "the daemon")
    found = kubectl.get("kite", "red")
    assert found["metadata"]["finalizers"] == ["kopf.zalando.org/KopfFinalizerMarker"]
    child = kubectl.get("deployment", "red")
    [owner] = child["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("Kite", found["metadata"]["uid"])

    kubectl("patch", "kite", "red", "--type=merge", "-p", '{"spec":{"length":2}}')
    handler = "lengthened/spec.length"
    wait_for(lambda: status(kubectl, "red").get(handler), "the handler of an update")
    assert status(kubectl, "red")[handler] == {"from": 1, "to": 2}
    assert kubectl.get("deployment", "red")["spec"]["replicas"] == 2

    kubectl("delete", "kite", "red", "--timeout=60s")
    wait_for(lambda: "Landed" in reasons(kubectl), "the event of its end")
    wait_for(lambda: not kubectl.get("deployments")["items"], "the end of the child")


def test_events_of_a_built_in_kind(kubectl: Kubectl) -> None:
    kubectl.apply(kite("blue", image="kite:1", length=0))
    wait_for(lambda: status(kubectl, "blue").get("created"), "the handler of creation")
    kubectl("create", "configmap", "blue", "--from-literal=colour=blue")
    kubectl("label", "configmap", "blue", "kite=blue")
    wait_for(lambda: status(kubectl, "blue").get("seen") == {"colour": "blue"}, "the event")
    kubectl("delete", "kite", "blue", "--timeout=60s")


def test_the_operator_is_known_to_its_peers(kubectl: Kubectl) -> None:
    def peers() -> list[dict[str, Any]]:
        found = json.loads(kubectl("get", "clusterkopfpeering", "default", "-o", "json"))
        return [each for each in found.get("status", {}).values() if each]

    [peer] = wait_for(peers, "the operator's sign of life")
    assert peer["priority"] == 0
