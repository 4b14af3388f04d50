"""NodeResourcesBalancedAllocation: a node whose resources are used up evenly wastes none.

What counts is whether the pod makes a node's balance better or worse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from kubepy.scheduler.columns import Ints, Mask
from kubepy.scheduler.framework import MAX_SCORE, Plugin
from kubepy.scheduler.nodetable import NodeTable
from kubepy.scheduler.plugins.node_resources_fit import ResourceWeight
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.requests import CPU, MEMORY


class BalancedAllocationArgs(Struct, frozen=True, forbid_unknown_fields=True):
    """kubescheduler.config.k8s.io/v1 NodeResourcesBalancedAllocationArgs."""

    resources: tuple[ResourceWeight, ...] = (ResourceWeight(CPU), ResourceWeight(MEMORY))


class NodeResourcesBalancedAllocation(Plugin):
    name = "NodeResourcesBalancedAllocation"

    def __init__(self, args: BalancedAllocationArgs | None = None) -> None:
        self._resources = tuple(r.name for r in (args or BalancedAllocationArgs()).resources)

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> NodeResourcesBalancedAllocation:
        return cls(msgspec.convert(args, BalancedAllocationArgs))

    def score(self, pod: PodInfo, nodes: NodeTable, feasible: Mask) -> Ints | None:
        if not any(pod.requests.get(resource) for resource in self._resources):
            return None  # it changes no balance
        before = self._balance(nodes, {})
        after = self._balance(nodes, pod.requests)
        half = MAX_SCORE // 2
        return half + (half + after - before) // 2

    def _balance(self, nodes: NodeTable, more: Mapping[str, int]) -> Ints:
        """MAX_SCORE where all resources are used by the same part, less the more they differ."""
        used, counted = [], []
        for resource in self._resources:
            capacity = nodes.allocatable(resource)
            part = (nodes.requested(resource) + more.get(resource, 0)) / np.maximum(capacity, 1)
            used.append(np.where(capacity > 0, np.minimum(part, 1.0), 0.0))
            counted.append(capacity > 0)
        return ((1 - _deviation(np.array(used), np.array(counted))) * MAX_SCORE).astype(np.int64)


def _deviation(parts: NDArray[np.float64], counted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The standard deviation of each node's parts, over the resources that the node has."""
    number = np.maximum(counted.sum(axis=0), 1)
    mean = parts.sum(axis=0) / number
    squares = np.where(counted, (parts - mean) ** 2, 0.0)
    return np.asarray(np.sqrt(squares.sum(axis=0) / number))
