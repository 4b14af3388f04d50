"""NodePorts: two pods cannot have the same port of a node."""

from __future__ import annotations

from kubepy.scheduler.framework import Plugin, Verdicts
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import PodInfo


class NodePorts(Plugin):
    name = "NodePorts"
    wakes_on = frozenset((Change.NODE_ADDED, Change.POD_REMOVED))

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Verdicts | None:
        if not pod.host_ports:
            return None
        taken = nodes.nothing()
        for port in pod.host_ports:
            taken |= nodes.port_users(port)
        return Verdicts(
            {"node(s) didn't have free ports for the requested pod ports": taken}, nodes.nothing()
        )
