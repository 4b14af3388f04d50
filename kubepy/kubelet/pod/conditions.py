"""A pod's conditions as the kubelet sets them: what they say, and when they last changed.

Conditions of others (schedulers, readiness gates, disruption) stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from kubepy.api.core.v1 import ContainerStatus, Pod, PodCondition
from kubepy.api.types import Time
from kubepy.kubelet.pod.containers import is_sidecar
from kubepy.kubelet.pod.phase import any_started

OWNED = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def conditions(
    pod: Pod, statuses: Mapping[str, ContainerStatus], phase: str, *, sandbox_ready: bool
) -> tuple[PodCondition, ...]:
    """The kubelet's own conditions of the pod, not stamped with a time yet."""
    containers_ready = _containers_ready(pod, statuses, phase)
    own = (
        _condition("PodReadyToStartContainers", sandbox_ready),
        _initialized(pod, statuses, phase),
        _ready(pod, foreign(pod), containers_ready),
        containers_ready,
        _condition("PodScheduled", True),
    )
    generation = pod.metadata.generation
    return tuple(replace(c, observedGeneration=generation) for c in own)


def foreign(pod: Pod) -> tuple[PodCondition, ...]:
    """The conditions that others set."""
    return tuple(c for c in pod.status.conditions if c.type not in OWNED)


def stamp(
    new: Iterable[PodCondition], old: Sequence[PodCondition], now: Time
) -> tuple[PodCondition, ...]:
    """The new conditions; the time of the last change is kept where the status did not change."""
    before = {c.type: c for c in old}

    def since(condition: PodCondition) -> Time:
        previous = before.get(condition.type)
        if previous is None or previous.status != condition.status:
            return now
        return previous.lastTransitionTime or now

    return tuple(replace(c, lastTransitionTime=since(c)) for c in new)


def _condition(kind: str, true: bool, reason: str = "", message: str = "") -> PodCondition:
    return PodCondition(
        type=kind, status="True" if true else "False", reason=reason, message=message
    )


def _initialized(pod: Pod, statuses: Mapping[str, ContainerStatus], phase: str) -> PodCondition:
    unknown, incomplete = [], []
    for container in pod.spec.initContainers:
        status = statuses.get(container.name)
        if status is None:
            unknown.append(container.name)
        elif not (status.started if is_sidecar(container) else status.ready):
            incomplete.append(container.name)
    if phase == "Succeeded" and not unknown:
        return _condition("Initialized", True, "PodCompleted")
    if any_started(pod, statuses):
        return _condition("Initialized", True)
    message = _listed(("unknown", unknown), ("incomplete", incomplete))
    if message:
        return _condition("Initialized", False, "ContainersNotInitialized", message)
    return _condition("Initialized", True)


def _containers_ready(
    pod: Pod, statuses: Mapping[str, ContainerStatus], phase: str
) -> PodCondition:
    unknown, unready = [], []
    sidecars = (c for c in pod.spec.initContainers if is_sidecar(c))
    for container in (*sidecars, *pod.spec.containers):
        status = statuses.get(container.name)
        if status is None:
            unknown.append(container.name)
        elif not status.ready:
            unready.append(container.name)
    if phase == "Succeeded" and not unknown:
        return _condition("ContainersReady", False, "PodCompleted")
    if phase == "Failed":
        return _condition("ContainersReady", False, "PodFailed")
    message = _listed(("unknown", unknown), ("unready", unready))
    if message:
        return _condition("ContainersReady", False, "ContainersNotReady", message)
    return _condition("ContainersReady", True)


def _ready(
    pod: Pod, others: Iterable[PodCondition], containers_ready: PodCondition
) -> PodCondition:
    if containers_ready.status != "True":
        return replace(containers_ready, type="Ready")
    by_type = {c.type: c for c in others}
    problems = []
    for gate in pod.spec.readinessGates:
        condition = by_type.get(gate.conditionType)
        if condition is None:
            problems.append(
                f'corresponding condition of pod readiness gate "{gate.conditionType}" '
                "does not exist."
            )
        elif condition.status != "True":
            problems.append(
                f'the status of pod readiness gate "{gate.conditionType}" is not "True", '
                f"but {condition.status}"
            )
    if problems:
        return _condition("Ready", False, "ReadinessGatesNotReady", ", ".join(problems))
    return _condition("Ready", True)


def _listed(*groups: tuple[str, Sequence[str]]) -> str:
    return ", ".join(
        f"containers with {what} status: [{' '.join(names)}]" for what, names in groups if names
    )
