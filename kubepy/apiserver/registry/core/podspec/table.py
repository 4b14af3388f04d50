"""The Table's row of a pod: one word for its state, from its phase, conditions and containers."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kubepy.api.core.v1 import ContainerState, ContainerStatus, Pod, PodStatus
from kubepy.api.types import Time
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.strategy import age
from kubepy.meta.conditions import is_true

GATED = "SchedulingGated"
FINISHED = ("Succeeded", "Failed")


class _Progress(Struct, frozen=True):
    """What a group of containers tells: a reason if one is worth telling, and counts."""

    reason: str = ""
    ready: int = 0
    restarts: int = 0
    last_restart: Time | None = None


def row(pod: Pod, now: float) -> tuple[Any, ...]:
    spec, status = pod.spec, pod.status
    sidecars = _sidecars(pod)
    reason, progress = _state(pod, sidecars)
    restarts = str(progress.restarts)
    if progress.restarts and progress.last_restart is not None:
        restarts = f"{restarts} ({age(progress.last_restart, now)} ago)"
    return (
        pod.metadata.name,
        f"{progress.ready}/{len(spec.containers) + len(sidecars)}",
        reason,
        restarts,
        age(pod.metadata.creationTimestamp, now),
        (status.podIPs[0].ip if status.podIPs else "") or NONE,
        spec.nodeName or NONE,
        status.nominatedNodeName or NONE,
        _gates_cell(pod),
    )


def _sidecars(pod: Pod) -> frozenset[str]:
    """Init containers that go on running beside the others."""
    return frozenset(
        container.name
        for container in pod.spec.initContainers
        if container.restartPolicy == "Always"
    )


def _state(pod: Pod, sidecars: frozenset[str]) -> tuple[str, _Progress]:
    status = pod.status
    reason = status.reason or status.phase
    if any(c.type == "PodScheduled" and c.reason == GATED for c in status.conditions):
        reason = GATED
    init, aside = _initialization(pod, sidecars)
    progress = init
    reason = init.reason or reason
    if not init.reason or is_true(status.conditions, "Initialized"):
        main, running = _main(status)
        reason = main.reason or reason
        if reason == "Completed" and running:
            reason = "Running" if is_true(status.conditions, "Ready") else "NotReady"
        progress = _Progress(
            reason,
            init.ready + main.ready,
            aside.restarts + main.restarts,
            _later(aside.last_restart, main.last_restart),
        )
    if pod.metadata.deletionTimestamp is not None:
        if status.reason == "NodeLost":
            reason = "Unknown"
        elif status.phase not in FINISHED:
            reason = "Terminating"
    return reason, progress


def _initialization(pod: Pod, sidecars: frozenset[str]) -> tuple[_Progress, _Progress]:
    """All init containers up to the one that is not done, and the sidecars among them."""
    ready = restarts = side_restarts = 0
    last = side_last = None
    reason = ""
    for index, container in enumerate(pod.status.initContainerStatuses):
        sidecar = container.name in sidecars
        restarts += container.restartCount
        last = _later(last, _ended(container))
        if sidecar:
            side_restarts += container.restartCount
            side_last = _later(side_last, _ended(container))
        done = container.state.terminated is not None and container.state.terminated.exitCode == 0
        if done:
            continue
        if sidecar and container.started:
            ready += container.ready
            continue
        why = _stop_reason(container.state)
        if why == "PodInitializing":
            why = ""
        reason = f"Init:{why or f'{index}/{len(pod.spec.initContainers)}'}"
        break
    return (
        _Progress(reason, ready, restarts, last),
        _Progress("", ready, side_restarts, side_last),
    )


def _main(status: PodStatus) -> tuple[_Progress, bool]:
    """The containers themselves, and whether one of them runs and is ready."""
    reason, ready, restarts, last, running = "", 0, 0, None, False
    for container in reversed(status.containerStatuses):
        restarts += container.restartCount
        last = _later(last, _ended(container))
        why = _stop_reason(container.state)
        if why:
            reason = why
        elif container.ready and container.state.running is not None:
            running = True
            ready += 1
    return _Progress(reason, ready, restarts, last), running


def _stop_reason(state: ContainerState) -> str:
    """Why a container does not run: `CrashLoopBackOff`, `Error`, `ExitCode:1`."""
    if state.terminated is None:
        return state.waiting.reason if state.waiting is not None else ""
    if state.waiting is not None and state.waiting.reason:
        return state.waiting.reason
    if state.terminated.reason:
        return state.terminated.reason
    if state.terminated.signal:
        return f"Signal:{state.terminated.signal}"
    return f"ExitCode:{state.terminated.exitCode}"


def _ended(container: ContainerStatus) -> Time | None:
    before = container.lastState.terminated
    return before.finishedAt if before is not None else None


def _later(one: Time | None, other: Time | None) -> Time | None:
    if one is None or other is None:
        return one or other
    return max(one, other)


def _gates_cell(pod: Pod) -> str:
    gates = pod.spec.readinessGates
    if not gates:
        return NONE
    open_ = sum(is_true(pod.status.conditions, gate.conditionType) for gate in gates)
    return f"{open_}/{len(gates)}"
