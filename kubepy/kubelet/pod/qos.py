"""A pod's quality-of-service class, from its containers' cpu and memory."""

from __future__ import annotations

from typing import Literal

from kubepy.api.core.v1 import Pod

Qos = Literal["Guaranteed", "Burstable", "BestEffort"]
_COUNTED = ("cpu", "memory")


def qos_class(pod: Pod) -> Qos:
    """Guaranteed: every container limits both and requests as much. BestEffort: none asks."""
    if pod.status.qosClass:
        return pod.status.qosClass  # type: ignore[return-value]  # settled at creation
    holders = [pod.spec] if pod.spec.resources is not None else []
    holders += [*pod.spec.initContainers, *pod.spec.containers]  # type: ignore[list-item]
    guaranteed = True
    asks = False
    for holder in holders:
        resources = holder.resources
        if resources is None:
            continue
        for name in _COUNTED:
            limit = resources.limits.get(name)
            request = resources.requests.get(name, limit)
            if (limit and limit.exact() > 0) or (request and request.exact() > 0):
                asks = True
            if limit is None or request is None or limit.exact() != request.exact():
                guaranteed = False
        if holder is pod.spec:
            break  # resources of the pod as a whole decide alone
    if not asks:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"
