"""What a scheduling plugin is: asked once a pod, it answers for all nodes at once.

There is no state between calls and none between plugins: a plugin reads the pod and the table and
returns arrays with an entry for each row. A plugin implements what it has an opinion on; None
means that the pod is no concern of its own, and costs nothing further.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from msgspec import Struct

from kubepy.scheduler.columns import Ints, Mask
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import PodInfo

MAX_SCORE = 100  # of one plugin, before its weight


class Verdicts(Struct, frozen=True):
    """Which nodes a filter turns down, by reason; a node can have several.

    `hopeless`: where evicting other pods would not help.
    """

    reasons: dict[str, Mask]
    hopeless: Mask


class Plugin:
    """The opinions a plugin can have; it overrides those that it has."""

    name: ClassVar[str]
    wakes_on: ClassVar[frozenset[Change]] = frozenset()
    """Changes after which a pod that this plugin turned down is worth another try."""

    def narrow(self, pod: PodInfo, nodes: NodeTable) -> Mask | None:
        """The only nodes to look at. Comes before all filters (Kubernetes' PreFilter)."""
        return None

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Verdicts | None:
        """Where the pod cannot run, and why."""
        return None

    def score(self, pod: PodInfo, nodes: NodeTable, feasible: Mask) -> Ints | None:
        """How good each node is, 0 to MAX_SCORE; what it says of others than `feasible` is lost."""
        return None


class Profile(Struct, frozen=True):
    """The plugins for the pods of one `schedulerName`, in order; `scorers` with their weights."""

    name: str
    filters: tuple[Plugin, ...]
    scorers: tuple[tuple[Plugin, int], ...]
    percentage_of_nodes_to_score: int = 0  # 0: all of them

    def wakes_on(self, plugins: frozenset[str]) -> frozenset[Change]:
        """The changes that the named plugins wait for, and those to the pod itself.

        Without a plugin that turned the pod down (there was no node to ask about) any change.
        """
        if not plugins:
            return frozenset(Change)
        changes = {Change.POD_ITSELF}
        for plugin in self.filters:
            if plugin.name in plugins:
                changes |= plugin.wakes_on
        return frozenset(changes)


def normalized(raw: Ints, feasible: Mask, *, reverse: bool = False) -> Ints:
    """`raw` stretched so that the highest feasible is MAX_SCORE; with `reverse` upside down."""
    highest = int(raw[feasible].max(initial=0))
    if highest == 0:
        return np.full_like(raw, MAX_SCORE) if reverse else raw
    scaled = raw * MAX_SCORE // highest
    return MAX_SCORE - scaled if reverse else scaled
