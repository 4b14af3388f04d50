"""The plugins that a profile can name, in the order in which Kubernetes asks them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubepy.scheduler.framework import Plugin
from kubepy.scheduler.plugins.image_locality import ImageLocality
from kubepy.scheduler.plugins.node_affinity import NodeAffinity
from kubepy.scheduler.plugins.node_name import NodeName
from kubepy.scheduler.plugins.node_ports import NodePorts
from kubepy.scheduler.plugins.node_resources_balanced_allocation import (
    NodeResourcesBalancedAllocation,
)
from kubepy.scheduler.plugins.node_resources_fit import NodeResourcesFit
from kubepy.scheduler.plugins.node_unschedulable import NodeUnschedulable
from kubepy.scheduler.plugins.taint_toleration import TaintToleration

Make = Callable[[Mapping[str, Any]], Plugin]  # from pluginConfig's args; raises ValueError

PLUGINS: Mapping[str, Make] = {
    "NodeUnschedulable": lambda args: NodeUnschedulable(),
    "NodeName": lambda args: NodeName(),
    "TaintToleration": lambda args: TaintToleration(),
    "NodeAffinity": NodeAffinity.of,
    "NodePorts": lambda args: NodePorts(),
    "NodeResourcesFit": NodeResourcesFit.of,
    "NodeResourcesBalancedAllocation": NodeResourcesBalancedAllocation.of,
    "ImageLocality": lambda args: ImageLocality(),
}
WEIGHTS: Mapping[str, int] = {"TaintToleration": 3, "NodeAffinity": 2}  # the others have 1

ELSEWHERE = frozenset(
    ("SchedulingGates", "PrioritySort", "DefaultBinder", "DefaultPreemption")
)  # part of the queue and the cycle themselves
UNSUPPORTED = frozenset(
    (
        "VolumeRestrictions", "NodeVolumeLimits", "VolumeBinding", "VolumeZone",
        "PodTopologySpread", "InterPodAffinity", "DynamicResources", "NodeDeclaredFeatures",
        "EBSLimits", "GCEPDLimits", "AzureDiskLimits", "GangScheduling",
    )
)  # fmt: skip
