"""Questions about a pod's containers that plans, statuses and configurations all ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from kubepy.api.core.v1 import Container, EphemeralContainer, Pod

AnyContainer = Container | EphemeralContainer
Kind = Literal["init", "regular", "ephemeral"]

_FNV_OFFSET, _FNV_PRIME = 0x811C9DC5, 0x01000193


def is_sidecar(container: AnyContainer) -> bool:
    """An init container that keeps running beside the regular ones."""
    return container.restartPolicy == "Always"


def is_host_network(pod: Pod) -> bool:
    return pod.spec.hostNetwork


def is_static(pod: Pod) -> bool:
    """Whether the pod comes from a manifest on this node, not from the apiserver."""
    source = pod.metadata.annotations.get("kubernetes.io/config.source", "")
    return source not in ("", "api")


def each(pod: Pod) -> Iterator[tuple[Kind, AnyContainer]]:
    """Every container of the pod with its kind: init, regular, ephemeral."""
    for container in pod.spec.initContainers:
        yield "init", container
    for container in pod.spec.containers:
        yield "regular", container
    for ephemeral in pod.spec.ephemeralContainers:
        yield "ephemeral", ephemeral


def find(pod: Pod, name: str) -> tuple[Kind, AnyContainer] | None:
    return next(((kind, c) for kind, c in each(pod) if c.name == name), None)


def definition_hash(container: AnyContainer) -> str:
    """Changes when a running container must be replaced: with its name or its image (FNV-1a)."""
    value = _FNV_OFFSET
    for byte in f"{container.name}\0{container.image}".encode():
        value = ((value ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return f"{value:x}"


def restarts_after(pod: Pod, kind: Kind, container: AnyContainer, exit_code: int) -> bool:
    """Whether a container that ended with `exit_code` is started again by its restart policy.

    A container's own rules come before its own policy, and that before the pod's.
    """
    if kind == "ephemeral":
        return False
    for rule in container.restartPolicyRules:
        codes = rule.exitCodes
        if codes is None or rule.action != "Restart":
            continue
        if (exit_code in codes.values) == (codes.operator == "In"):
            return True
    policy = container.restartPolicy or pod.spec.restartPolicy or "Always"
    if policy == "Always" and kind == "init" and not is_sidecar(container):
        return exit_code != 0
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)
