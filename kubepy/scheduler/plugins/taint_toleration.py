"""TaintToleration: taints keep pods away, or (PreferNoSchedule) make a node less welcome."""

from __future__ import annotations

from kubepy.scheduler.columns import Ints, Mask
from kubepy.scheduler.framework import Plugin, Verdicts, normalized
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.tolerations import (
    NO_EXECUTE,
    NO_SCHEDULE,
    PREFER_NO_SCHEDULE,
    untolerated,
)


class TaintToleration(Plugin):
    name = "TaintToleration"
    wakes_on = frozenset((Change.NODE_ADDED, Change.NODE_TAINTS))

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Verdicts | None:
        tolerations = pod.pod.spec.tolerations
        kept_away = nodes.taints.where(
            nodes.rows,
            lambda taints: bool(untolerated(tolerations, taints, (NO_SCHEDULE, NO_EXECUTE))),
        )
        return Verdicts({"node(s) had untolerated taint(s)": kept_away}, kept_away)

    def score(self, pod: PodInfo, nodes: NodeTable, feasible: Mask) -> Ints | None:
        tolerations = pod.pod.spec.tolerations
        unwelcome = nodes.taints.each(
            nodes.rows,
            lambda taints: len(untolerated(tolerations, taints, (PREFER_NO_SCHEDULE,))),
        )
        return normalized(unwelcome, feasible, reverse=True)
