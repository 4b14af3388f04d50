"""Why no node would take a pod: kept for each node, and said in Kubernetes' words.

    0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s).
    no new claims to deallocate, preemption: 0/3 nodes are available: 1 No preemption victims found
    for incoming pod, 2 Preemption is not helpful for scheduling.

(one line). Each node has the reasons of the first plugin that turned it down.
"""

from __future__ import annotations

from collections import Counter

import numpy as np
from msgspec import Struct

from kubepy.scheduler.columns import Mask

NO_NODES = "no nodes available to schedule pods"
_NO_CLAIMS = "no new claims to deallocate"  # v1.36 says so of every pod; v1.37 no longer does
_NOT_HELPFUL = "Preemption is not helpful for scheduling"
_NO_VICTIMS = "No preemption victims found for incoming pod"
_NEVER_PREEMPTS = "not eligible due to preemptionPolicy=Never."


class Rejection(Struct, frozen=True):
    """The nodes that `plugin` was the first to turn down, for this reason."""

    plugin: str
    reason: str
    nodes: Mask


class Diagnosis(Struct, frozen=True):
    """What came of a cycle that found no node. `names` are those of the table's rows.

    `curable`: where evicting pods could help; `victims`: where there are pods to evict for it.
    """

    names: tuple[str, ...]
    live: Mask
    rejections: tuple[Rejection, ...]
    curable: Mask
    victims: Mask
    may_preempt: bool = True

    @property
    def plugins(self) -> frozenset[str]:
        return frozenset(r.plugin for r in self.rejections if r.nodes.any())

    def reasons(self, node: str) -> list[str]:
        """Why this node did not take the pod."""
        row = self.names.index(node)
        return [r.reason for r in self.rejections if r.nodes[row]]

    def by_node(self) -> dict[str, list[str]]:
        return {self.names[row]: self.reasons(self.names[row]) for row in np.flatnonzero(self.live)}

    def message(self) -> str:
        total = int(self.live.sum())
        if total == 0:
            return NO_NODES
        counts: Counter[str] = Counter()
        for rejection in self.rejections:
            counts[rejection.reason] += int(rejection.nodes.sum())
        said = _available(total, counts)
        preemption = self._preemption(total)
        return f"{said} {_NO_CLAIMS}, preemption: {preemption}" if preemption else said

    def _preemption(self, total: int) -> str:
        if not self.may_preempt:
            return _NEVER_PREEMPTS
        if (self.curable & self.victims).any():
            return ""  # somebody could be evicted; that is not done yet, and nothing is claimed
        curable = int(self.curable.sum())
        return _available(total, Counter({_NO_VICTIMS: curable, _NOT_HELPFUL: total - curable}))


def _available(total: int, counts: Counter[str]) -> str:
    reasons = sorted(f"{count} {reason}" for reason, count in counts.items() if count)
    return f"0/{total} nodes are available: {', '.join(reasons)}."
