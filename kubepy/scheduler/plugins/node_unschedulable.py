"""NodeUnschedulable: cordoned nodes take only pods that tolerate it."""

from __future__ import annotations

from kubepy.scheduler.framework import Plugin, Verdicts
from kubepy.scheduler.nodetable import Change, NodeTable, TaintKey
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.tolerations import NO_SCHEDULE, untolerated

CORDONED = TaintKey("node.kubernetes.io/unschedulable", "", NO_SCHEDULE)


class NodeUnschedulable(Plugin):
    name = "NodeUnschedulable"
    wakes_on = frozenset((Change.NODE_ADDED, Change.NODE_TAINTS))

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Verdicts | None:
        cordoned = nodes.unschedulable
        if not cordoned.any():
            return None
        if not untolerated(pod.pod.spec.tolerations, (CORDONED,), (NO_SCHEDULE,)):
            return None
        return Verdicts({"node(s) were unschedulable": cordoned}, cordoned)
