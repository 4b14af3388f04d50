"""Requests and limits as what the kernel understands: cpu shares, quotas, bytes, OOM scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from kubepy.api.core.v1 import Pod
from kubepy.api.types import Quantity
from kubepy.kubelet.pod.containers import AnyContainer, is_sidecar, is_static
from kubepy.kubelet.pod.qos import qos_class

PERIOD = 100_000  # microseconds of the cpu quota
LEAST_QUOTA = 1_000
LEAST_SHARES, MOST_SHARES = 2, 262_144
SHARES_PER_CPU = 1024

GUARANTEED_SCORE, BEST_EFFORT_SCORE = -997, 1000
CRITICAL_PRIORITY = 2_000_000_000


class Amounts(Struct, frozen=True):
    """What a cgroup gets; None: no bound."""

    cpu_shares: int
    cpu_quota: int | None = None
    memory: int | None = None


def shares(milli: int) -> int:
    """cpu.shares of so many thousandths of a cpu."""
    return max(LEAST_SHARES, min(MOST_SHARES, milli * SHARES_PER_CPU // 1000))


def quota(milli: int) -> int | None:
    """cpu.cfs_quota_us for a limit; None for no limit."""
    return max(LEAST_QUOTA, milli * PERIOD // 1000) if milli else None


def weight(cpu_shares: int) -> int:
    """cgroup v2's cpu.weight (1 to 10000) for v1's shares (2 to 262144)."""
    return 1 + (cpu_shares - LEAST_SHARES) * 9999 // (MOST_SHARES - LEAST_SHARES)


def of_container(container: AnyContainer) -> Amounts:
    limits, requests = container.resources.limits, container.resources.requests
    asked = _milli(requests) if "cpu" in requests else _milli(limits)
    return Amounts(shares(asked), quota(_milli(limits)), _memory(limits) or None)


def of_pod(pod: Pod) -> Amounts:
    """The bounds of the pod's own cgroup.

    cpu is the larger of what runs together at any time: the regular containers with the sidecars,
    or an init container with the sidecars before it. A limit holds only if every container has one.
    """
    own = pod.spec.resources
    cpu = _together(pod, "requests", "cpu")
    cpu_limit, memory_limit = _together(pod, "limits", "cpu"), _together(pod, "limits", "memory")
    everyone = [*pod.spec.initContainers, *pod.spec.containers]
    limits_cpu = all(c.resources.limits.get("cpu") for c in everyone)
    limits_memory = all(c.resources.limits.get("memory") for c in everyone)
    if own is not None:
        if "cpu" in own.requests:
            cpu = own.requests["cpu"].milli()
        if "cpu" in own.limits:
            cpu_limit, limits_cpu = own.limits["cpu"].milli(), True
        if "memory" in own.limits:
            memory_limit, limits_memory = own.limits["memory"].milli(), True
    return Amounts(
        shares(cpu),
        quota(cpu_limit) if limits_cpu else None,
        memory_limit // 1000 if limits_memory and memory_limit else None,
    )


def cpu_request(pod: Pod) -> int:
    """The pod's cpu request in thousandths."""
    return _together(pod, "requests", "cpu")


def oom_score(pod: Pod, container: AnyContainer, capacity: int) -> int:
    """Whom the kernel kills first when memory runs out: the higher, the sooner."""
    critical = (pod.spec.priority or 0) >= CRITICAL_PRIORITY
    if critical or (is_static(pod) and pod.spec.priorityClassName == "system-node-critical"):
        return GUARANTEED_SCORE
    match qos_class(pod):
        case "Guaranteed":
            return GUARANTEED_SCORE
        case "BestEffort":
            return BEST_EFFORT_SCORE
    asked = _memory(container.resources.requests) or _memory(container.resources.limits)
    score = 1000 - 1000 * asked // capacity if capacity else BEST_EFFORT_SCORE - 1
    return max(1000 + GUARANTEED_SCORE, min(score, BEST_EFFORT_SCORE - 1))


def linux_resources(
    pod: Pod, container: AnyContainer, memory_capacity: int, *, unified: bool
) -> dict[str, Any]:
    """CRI's LinuxContainerResources. `unified`: the node has cgroup v2."""
    amounts = of_container(container)
    found: dict[str, Any] = {
        "cpu_shares": amounts.cpu_shares,
        "oom_score_adj": oom_score(pod, container, memory_capacity),
    }
    if amounts.cpu_quota is not None:
        found |= {"cpu_period": PERIOD, "cpu_quota": amounts.cpu_quota}
    if amounts.memory is not None:
        found["memory_limit_in_bytes"] = amounts.memory
    if unified:
        found["unified"] = {"memory.oom.group": "1"}
    return found


def _together(pod: Pod, side: str, name: str) -> int:
    """Thousandths of a resource that the pod's containers may use at the same time."""

    def amount(container: AnyContainer) -> int:
        quantities: Mapping[str, Quantity] = getattr(container.resources, side)
        return quantities[name].milli() if name in quantities else 0

    most = sidecars = 0
    for container in pod.spec.initContainers:
        if is_sidecar(container):
            sidecars += amount(container)
            most = max(most, sidecars)
        else:
            most = max(most, sidecars + amount(container))
    return max(most, sidecars + sum(amount(c) for c in pod.spec.containers))


def _milli(quantities: Mapping[str, Quantity]) -> int:
    return quantities["cpu"].milli() if "cpu" in quantities else 0


def _memory(quantities: Mapping[str, Quantity]) -> int:
    return quantities["memory"].value() if "memory" in quantities else 0
