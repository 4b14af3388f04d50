"""A pod's phase, from the statuses of its containers."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from kubepy.api.core.v1 import ContainerStatus, Pod
from kubepy.kubelet.pod.containers import is_sidecar, is_static

TERMINAL = ("Succeeded", "Failed")


class _Count(Struct):
    """How many sidecars and regular containers are in which state."""

    pending: int = 0  # init containers that are not through yet
    failed_init: int = 0
    unknown: int = 0
    running: int = 0
    waiting: int = 0
    stopped: int = 0
    succeeded: int = 0


def phase(pod: Pod, statuses: Mapping[str, ContainerStatus], *, ended: bool) -> str:
    """The phase; `ended` when no container will ever be started again."""
    count = _Count()
    for container in pod.spec.initContainers:
        if is_sidecar(container):
            _count_sidecar(count, statuses.get(container.name))
        else:
            _count_init(count, statuses.get(container.name))
    for container in pod.spec.containers:
        _count_regular(count, statuses.get(container.name))
    return _phase(pod, count, any_started(pod, statuses), ended)


def any_started(pod: Pod, statuses: Mapping[str, ContainerStatus]) -> bool:
    """Whether a regular container has ever run, so that initialization must be over."""
    for container in pod.spec.containers:
        status = statuses.get(container.name)
        if status is None:
            continue
        if status.started or status.state.terminated or status.lastState.terminated:
            return True
    return False


def _phase(pod: Pod, count: _Count, started: bool, ended: bool) -> str:
    policy = pod.spec.restartPolicy or "Always"
    if count.failed_init and policy == "Never":
        return "Failed"
    if count.waiting or (count.pending and not started):
        return "Pending"
    if count.unknown:
        return "Pending"
    if count.running:
        return "Running"
    if not count.stopped:
        return "Pending"
    outcome = "Succeeded" if count.stopped == count.succeeded else "Failed"
    if ended and not is_static(pod):
        return outcome
    if policy == "Always":
        return "Running"
    if outcome == "Succeeded" or policy == "Never":
        return outcome
    return "Running"


def _count_init(count: _Count, status: ContainerStatus | None) -> None:
    if status is None:
        count.pending += 1
        return
    state, last = status.state, status.lastState
    if state.terminated is not None:
        count.failed_init += state.terminated.exitCode != 0
    elif state.waiting is not None and last.terminated is not None:
        count.failed_init += last.terminated.exitCode != 0
    else:
        count.pending += 1


def _count_sidecar(count: _Count, status: ContainerStatus | None) -> None:
    """A sidecar that ended is no reason for any phase."""
    if status is None:
        count.unknown += 1
    elif status.state.running is not None:
        count.pending += not status.started
        count.running += 1
    elif status.state.waiting is not None and status.lastState.terminated is None:
        count.pending += 1
        count.waiting += 1


def _count_regular(count: _Count, status: ContainerStatus | None) -> None:
    if status is None:
        count.unknown += 1
    elif status.state.running is not None:
        count.running += 1
    elif status.state.terminated is not None:
        count.stopped += 1
        count.succeeded += status.state.terminated.exitCode == 0
    elif status.lastState.terminated is not None:
        count.stopped += 1
    else:
        count.waiting += 1
