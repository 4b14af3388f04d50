"""NodeName: a pod that names its node runs there or nowhere."""

from __future__ import annotations

from kubepy.scheduler.framework import Plugin, Verdicts
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import PodInfo


class NodeName(Plugin):
    name = "NodeName"
    wakes_on = frozenset((Change.NODE_ADDED,))

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Verdicts | None:
        wanted = pod.pod.spec.nodeName
        if not wanted:
            return None
        others = ~nodes.named(frozenset((wanted,)))
        return Verdicts({"node(s) didn't match the requested node name": others}, others)
