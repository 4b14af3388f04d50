"""What a pod asks of a node, in whole units: millicores of cpu, bytes, or pieces.

The rules are those of Kubernetes' `component-helpers/resource`: containers run together, init
containers one after another beside the sidecars (restartPolicy Always) that were started before.

    init "setup" 500m, sidecar "proxy" 100m, init "check" 300m, container "app" 200m
    → max(500m, 100m + 300m, 100m + 200m) = 500m
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from kubepy.api.core.v1 import Container, Pod
from kubepy.api.types import Quantity

Amounts = dict[str, int]

CPU, MEMORY, PODS = "cpu", "memory", "pods"

# What a container that names no request is taken to need when nodes are compared, so that many
# such pods do not all land on one node.
ASSUMED: Mapping[str, int] = {CPU: 100, MEMORY: 200 << 20}

_POD_LEVEL = (CPU, MEMORY)  # and hugepages-*: what spec.resources may say for the whole pod


@lru_cache(maxsize=8192)
def units(resource: str, quantity: Quantity) -> int:
    return quantity.milli() if resource == CPU else quantity.value()


def amounts(quantities: Mapping[str, Quantity]) -> Amounts:
    return {name: units(name, quantity) for name, quantity in quantities.items()}


def pod_requests(pod: Pod) -> Amounts:
    """What the pod asks for, without the zeros."""
    found = _combined(pod, {})
    if pod.spec.resources is not None:
        for name, amount in amounts(pod.spec.resources.requests).items():
            if name in _POD_LEVEL or name.startswith("hugepages-"):
                found[name] = amount
    _add(found, amounts(pod.spec.overhead))
    return {name: amount for name, amount in found.items() if amount > 0}


def assumed_requests(pod: Pod) -> Amounts:
    """The cpu and memory that the pod is taken to need when nodes are compared."""
    found = _combined(pod, ASSUMED)
    if pod.spec.resources is not None:
        found.update(amounts(pod.spec.resources.requests))
    _add(found, amounts(pod.spec.overhead))
    return {name: found.get(name, 0) for name in ASSUMED}


def _combined(pod: Pod, assumed: Mapping[str, int]) -> Amounts:
    together: Amounts = {}
    peak: Amounts = {}
    for container in pod.spec.initContainers:
        wanted = _container(container, assumed)
        if container.restartPolicy == "Always":
            _add(together, wanted)
            _raise(peak, together)
        else:
            _raise(peak, _sum((together, wanted)))
    for container in pod.spec.containers:
        _add(together, _container(container, assumed))
    _raise(peak, together)
    return peak


def _container(container: Container, assumed: Mapping[str, int]) -> Amounts:
    return {**assumed, **amounts(container.resources.requests)}


def _add(total: Amounts, more: Mapping[str, int]) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, 0) + amount


def _raise(peak: Amounts, level: Mapping[str, int]) -> None:
    for name, amount in level.items():
        peak[name] = max(peak.get(name, 0), amount)


def _sum(parts: Iterable[Mapping[str, int]]) -> Amounts:
    total: Amounts = {}
    for part in parts:
        _add(total, part)
    return total
