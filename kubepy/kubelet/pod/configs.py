"""A pod as CRI's configurations, plain dicts with CRI's field names. Touches nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from kubepy.api import codec
from kubepy.api.core.v1 import Pod
from kubepy.kubelet.pod import security
from kubepy.kubelet.pod.containers import AnyContainer, definition_hash, each
from kubepy.kubelet.pod.dns import Resolver
from kubepy.kubelet.pod.env import expand
from kubepy.kubelet.runtime.model import (
    CONTAINER_GRACE,
    CONTAINER_HASH,
    CONTAINER_NAME,
    CONTAINER_PORTS,
    MESSAGE_PATH,
    MESSAGE_POLICY,
    POD_DELETION_GRACE,
    PRE_STOP,
    RESTART_COUNT,
    Image,
    pod_labels,
)
from kubepy.kubelet.volumes.mounts import Mount

PROTOCOLS = {"TCP": 0, "UDP": 1, "SCTP": 2}
PROPAGATION = {"None": 0, "HostToContainer": 1, "Bidirectional": 2}


def log_directory(root: str, pod: Pod) -> str:
    """/var/log/pods/<namespace>_<name>_<uid>"""
    meta = pod.metadata
    return f"{root}/{meta.namespace}_{meta.name}_{meta.uid}"


def sandbox_config(
    pod: Pod,
    attempt: int,
    *,
    hostname: str,
    resolver: Resolver,
    log_root: str,
    cgroup_parent: str,
    resources: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """PodSandboxConfig. Host ports are the network's work, so pods in the node's get none."""
    meta = pod.metadata
    context = pod.spec.securityContext or security.NO_POD_CONTEXT
    linux: dict[str, Any] = {
        "cgroup_parent": cgroup_parent,
        "security_context": security.of_sandbox(pod),
        "sysctls": {entry.name: entry.value for entry in context.sysctls},
    }
    if resources is not None:
        linux["resources"] = dict(resources)
    return {
        "metadata": {
            "name": meta.name, "namespace": meta.namespace, "uid": meta.uid, "attempt": attempt,
        },
        "hostname": "" if pod.spec.hostNetwork else hostname,
        "log_directory": log_directory(log_root, pod),
        "dns_config": {
            "servers": list(resolver.servers),
            "searches": list(resolver.searches),
            "options": list(resolver.options),
        },
        "port_mappings": [] if pod.spec.hostNetwork else _ports(pod),
        "labels": meta.labels | pod_labels(meta.name, meta.namespace, meta.uid),
        "annotations": dict(meta.annotations),
        "linux": linux,
    }  # fmt: skip


def _ports(pod: Pod) -> list[dict[str, Any]]:
    return [
        {
            "protocol": PROTOCOLS.get(port.protocol or "TCP", 0),
            "container_port": port.containerPort,
            "host_port": port.hostPort,
            "host_ip": port.hostIP,
        }
        for _, container in each(pod)
        for port in container.ports
        if port.hostPort
    ]


class ContainerInputs(Struct, frozen=True):
    """What a container's configuration needs beside the manifest."""

    restarts: int
    image: Image
    image_ref: str  # what to start from: the id that the name stood for when it was pulled
    environment: Mapping[str, str]
    mounts: Sequence[Mount]
    resources: Mapping[str, Any]
    target: str = ""  # the id of the container that an ephemeral one looks into
    seccomp_default: bool = False


def container_config(pod: Pod, container: AnyContainer, inputs: ContainerInputs) -> dict[str, Any]:
    """ContainerConfig. SecurityProblem if the container must not run so."""
    meta, variables = pod.metadata, inputs.environment
    security_context = security.of_container(
        pod,
        container,
        inputs.image,
        target=inputs.target,
        seccomp_default=inputs.seccomp_default,
    )
    return {
        "metadata": {"name": container.name, "attempt": inputs.restarts},
        "image": {"image": inputs.image_ref, "user_specified_image": container.image},
        "command": [expand(word, variables) for word in container.command],
        "args": [expand(word, variables) for word in container.args],
        "working_dir": container.workingDir,
        "envs": _envs(variables),
        "mounts": [_mount(mount) for mount in inputs.mounts],
        "labels": pod_labels(meta.name, meta.namespace, meta.uid)
        | {CONTAINER_NAME: container.name},
        "annotations": _annotations(pod, container, inputs.restarts),
        "log_path": f"{container.name}/{inputs.restarts}.log",
        "stdin": container.stdin,
        "stdin_once": container.stdinOnce,
        "tty": container.tty,
        "linux": {"resources": dict(inputs.resources), "security_context": security_context},
    }


def _envs(variables: Mapping[str, str]) -> list[dict[str, Any]]:
    """Values are bytes to CRI: a Secret's need not be text."""
    return [
        {"key": key, "value": value.encode(errors="surrogateescape")}
        for key, value in variables.items()
    ]


def _mount(mount: Mount) -> dict[str, Any]:
    return {
        "container_path": mount.container_path,
        "host_path": mount.host_path,
        "readonly": mount.read_only,
        "recursive_read_only": mount.recursive_read_only,
        "propagation": PROPAGATION[mount.propagation],
    }


def _annotations(pod: Pod, container: AnyContainer, restarts: int) -> dict[str, str]:
    """What a later kubelet needs to know of the container when the pod itself is gone."""
    found = {
        CONTAINER_HASH: definition_hash(container),
        RESTART_COUNT: str(restarts),
        MESSAGE_PATH: container.terminationMessagePath,
        MESSAGE_POLICY: container.terminationMessagePolicy,
    }
    if pod.metadata.deletionGracePeriodSeconds is not None:
        found[POD_DELETION_GRACE] = str(pod.metadata.deletionGracePeriodSeconds)
    if pod.spec.terminationGracePeriodSeconds is not None:
        found[CONTAINER_GRACE] = str(pod.spec.terminationGracePeriodSeconds)
    if container.lifecycle is not None and container.lifecycle.preStop is not None:
        found[PRE_STOP] = codec.encode(container.lifecycle.preStop).decode()
    if container.ports:
        found[CONTAINER_PORTS] = json.dumps(codec.to_builtins(container.ports))
    return found


def addresses(pod_ips: Sequence[str], host_ips: Sequence[str]) -> dict[str, str]:
    """The downward API's fields that the pod's status may not have yet."""
    found: dict[str, str] = {}
    if pod_ips:
        found |= {"status.podIP": pod_ips[0], "status.podIPs": ",".join(pod_ips)}
    if host_ips:
        found |= {"status.hostIP": host_ips[0], "status.hostIPs": ",".join(host_ips)}
    return found
