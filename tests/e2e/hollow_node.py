"""A node without containers: it reports ready, and says of each of its pods what a kubelet would.

It is a client of its own, so everything that a tour waits for has passed through a real watch.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

NOBODYS_PORT = 1  # a connection to this node's kubelet is refused at once
LOOK_SECONDS = 1  # a watch's length: how soon the node notices that it is to stop


class HollowNode:
    """One node, by its name."""

    def __init__(self, kubeconfig: Path, name: str) -> None:
        self.name = name
        self.core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        self._over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        self._register()
        thread = threading.Thread(target=self._serve, name=self.name)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _register(self) -> None:
        self.core.create_node({"metadata": {"name": self.name, "labels": {
            "kubernetes.io/hostname": self.name, "kubernetes.io/os": "linux"}}})  # fmt: skip
        room = {"cpu": "8", "memory": "16Gi", "pods": "500"}
        status = {"capacity": room, "allocatable": room, "conditions": [condition("Ready")],
                  "nodeInfo": node_info(), "addresses": [
                      {"type": "InternalIP", "address": "127.0.0.1"},
                      {"type": "Hostname", "address": self.name}],
                  "daemonEndpoints": {"kubeletEndpoint": {"Port": NOBODYS_PORT}}}  # fmt: skip
        self.core.patch_node_status(self.name, {"status": status})

    def _serve(self) -> None:
        mine = f"spec.nodeName={self.name}"
        version = None
        while not self._over.is_set():
            pods = watch.Watch().stream(
                self.core.list_pod_for_all_namespaces, field_selector=mine,
                resource_version=version, timeout_seconds=LOOK_SECONDS,
            )  # fmt: skip
            for event in pods:
                version = event["object"].metadata.resource_version
                if event["type"] != "DELETED":
                    with suppress(ApiException):  # gone, or changed: then it is seen again
                        self._tend(event["object"])

    def _tend(self, pod: Any) -> None:
        meta = pod.metadata
        if meta.deletion_timestamp is not None:
            self.core.delete_namespaced_pod(meta.name, meta.namespace, grace_period_seconds=0)
        elif pod.status.phase == "Pending":
            status = running_status(pod)
            self.core.patch_namespaced_pod_status(meta.name, meta.namespace, {"status": status})


def running_status(pod: Any) -> dict[str, Any]:
    containers = [
        {"name": each.name, "image": each.image, "imageID": each.image, "ready": True,
         "started": True, "restartCount": 0, "containerID": f"hollow://{each.name}",
         "state": {"running": {"startedAt": now()}}}
        for each in pod.spec.containers
    ]  # fmt: skip
    told = ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    return {
        "phase": "Running",
        "podIP": "192.0.2.20",
        "podIPs": [{"ip": "192.0.2.20"}],
        "startTime": now(),
        "conditions": [condition(type_) for type_ in told],
        "containerStatuses": containers,
    }


def condition(type_: str) -> dict[str, str]:
    return {"type": type_, "status": "True", "lastTransitionTime": now()}


def node_info() -> dict[str, str]:
    words = (
        "machineID", "systemUUID", "bootID", "kernelVersion", "osImage",
        "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion",
    )  # fmt: skip
    return dict.fromkeys(words, "hollow") | {"operatingSystem": "linux", "architecture": "amd64"}


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
