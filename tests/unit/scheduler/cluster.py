"""Small pods, nodes and tables to schedule with."""

from __future__ import annotations

from typing import Any

from kubepy.api import codec
from kubepy.api.core.v1 import Node, Pod
from kubepy.scheduler.nodetable import NodeTable
from kubepy.scheduler.podinfo import PodInfo


def pod(name: str = "p", *, cpu: str = "", memory: str = "", ports: Any = (), **spec: Any) -> Pod:
    """A pod of one container; `spec` is as in a manifest."""
    requests = {k: v for k, v in (("cpu", cpu), ("memory", memory)) if v}
    container = {
        "name": "c",
        "image": "app:1",
        "resources": {"requests": requests},
        "ports": [{"containerPort": 80, **port} for port in ports],
    }
    data = {
        "metadata": {"name": name, "namespace": "default", "uid": f"uid-{name}"},
        "spec": {"containers": [container], "schedulerName": "default-scheduler", **spec},
    }
    return codec.from_builtins(Pod, data)


def node(
    name: str,
    *,
    cpu: str = "4",
    memory: str = "8Gi",
    pods: int = 110,
    labels: dict[str, str] | None = None,
    taints: str = "",
    unschedulable: bool = False,
    images: dict[str, int] | None = None,
) -> Node:
    """`taints` as kubectl writes them: `key=value:Effect,...`"""
    data = {
        "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name, **(labels or {})}},
        "spec": {"unschedulable": unschedulable, "taints": _taints(taints)},
        "status": {
            "allocatable": {"cpu": cpu, "memory": memory, "pods": str(pods)},
            "images": [{"names": [n], "sizeBytes": size} for n, size in (images or {}).items()],
        },
    }
    return codec.from_builtins(Node, data)


def _taints(text: str) -> list[dict[str, str]]:
    found = []
    for taint in filter(None, text.split(",")):
        pair, effect = taint.split(":")
        key, _, value = pair.partition("=")
        found.append({"key": key, "value": value, "effect": effect})
    return found


def table(*nodes: Node, pods: dict[str, list[Pod]] | None = None) -> NodeTable:
    """`pods`: those on each node."""
    found = NodeTable()
    for one in nodes:
        found.put_node(one)
    for name, there in (pods or {}).items():
        for wanted in there:
            found.add_pod(PodInfo.of(wanted), name)
    return found
