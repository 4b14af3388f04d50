"""NodeResourcesFit: what a pod requests must be free; the emptier (or fuller) node is better."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec import Struct

from kubepy.scheduler.columns import Ints, Mask
from kubepy.scheduler.framework import MAX_SCORE, Plugin, Verdicts
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.requests import ASSUMED, CPU, MEMORY, PODS


class ResourceWeight(Struct, frozen=True):
    name: str
    weight: int = 1


class ScoringStrategy(Struct, frozen=True):
    type: Literal["LeastAllocated", "MostAllocated"] = "LeastAllocated"
    resources: tuple[ResourceWeight, ...] = (ResourceWeight(CPU), ResourceWeight(MEMORY))


class NodeResourcesFitArgs(Struct, frozen=True, forbid_unknown_fields=True):
    """kubescheduler.config.k8s.io/v1 NodeResourcesFitArgs, without RequestedToCapacityRatio."""

    ignoredResources: tuple[str, ...] = ()
    ignoredResourceGroups: tuple[str, ...] = ()
    scoringStrategy: ScoringStrategy = ScoringStrategy()


class NodeResourcesFit(Plugin):
    name = "NodeResourcesFit"
    wakes_on = frozenset((Change.NODE_ADDED, Change.NODE_ALLOCATABLE, Change.POD_REMOVED))

    def __init__(self, args: NodeResourcesFitArgs | None = None) -> None:
        self.args = args or NodeResourcesFitArgs()

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> NodeResourcesFit:
        return cls(msgspec.convert(args, NodeResourcesFitArgs))

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Verdicts | None:
        reasons = {"Too many pods": nodes.pod_count + 1 > nodes.allocatable(PODS)}
        hopeless = nodes.nothing()
        for resource, needed in pod.requests.items():
            if self._ignored(resource):
                continue
            reasons[f"Insufficient {resource}"] = nodes.free(resource) < needed
            hopeless |= nodes.allocatable(resource) < needed
        return Verdicts(reasons, hopeless)

    def score(self, pod: PodInfo, nodes: NodeTable, feasible: Mask) -> Ints | None:
        """The mean over the resources, of how much stays free (or gets used) of each, weighted."""
        strategy = self.args.scoringStrategy
        total = np.zeros(nodes.rows, np.int64)
        weights = np.zeros(nodes.rows, np.int64)
        for resource in strategy.resources:
            wanted = pod.assumed if resource.name in ASSUMED else pod.requests
            if resource.name not in ASSUMED and resource.name not in wanted:
                continue
            capacity = nodes.allocatable(resource.name)
            used = nodes.assumed(resource.name) + wanted.get(resource.name, 0)
            counted = used if strategy.type == "MostAllocated" else capacity - used
            part = counted * MAX_SCORE // np.maximum(capacity, 1)
            part[used > capacity] = 0
            total += np.where(capacity > 0, part * resource.weight, 0)
            weights += np.where(capacity > 0, resource.weight, 0)
        return total // np.maximum(weights, 1)

    def _ignored(self, resource: str) -> bool:
        """Extended resources that somebody else looks after."""
        group, slash, _ = resource.partition("/")
        return bool(slash) and (
            resource in self.args.ignoredResources or group in self.args.ignoredResourceGroups
        )
