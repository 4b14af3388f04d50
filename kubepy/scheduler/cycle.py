"""One scheduling cycle: pod and nodes in, decision out. Touches nothing."""

from __future__ import annotations

import random

import numpy as np
from msgspec import Struct

from kubepy.scheduler.columns import Mask
from kubepy.scheduler.diagnosis import Diagnosis, Rejection
from kubepy.scheduler.framework import Profile, Verdicts
from kubepy.scheduler.nodetable import NodeTable
from kubepy.scheduler.podinfo import PodInfo

FEWEST_SCORED = 100  # nodes; a percentage of nodes to score never means fewer


class Placement(Struct, frozen=True):
    """The node, out of how many that would do. `scores`: of each plugin for it, weighted."""

    node: str
    feasible: int
    scores: dict[str, int]


def place(
    pod: PodInfo, nodes: NodeTable, profile: Profile, rng: random.Random
) -> Placement | Diagnosis:
    """The best node for `pod`, a random one of several equally good; or why there is none."""
    feasible, rejections, hopeless = _filter(pod, nodes, profile)
    if not feasible.any():
        return Diagnosis(
            nodes.names,
            nodes.live.copy(),
            tuple(rejections),
            curable=nodes.live & ~hopeless,
            victims=nodes.lowest_priority < pod.priority,
            may_preempt=pod.pod.spec.preemptionPolicy != "Never",
        )
    return _best(pod, nodes, profile, _limited(feasible, nodes, profile, rng), rng)


def _filter(pod: PodInfo, nodes: NodeTable, profile: Profile) -> tuple[Mask, list[Rejection], Mask]:
    """The nodes that every plugin lets through; why not the others; where eviction cannot help."""
    left = nodes.live.copy()
    hopeless = nodes.nothing()
    rejections: list[Rejection] = []

    narrowed = {plugin.name: plugin.narrow(pod, nodes) for plugin in profile.filters}
    named = {name: mask for name, mask in narrowed.items() if mask is not None}
    if named:
        outside = left & ~np.logical_and.reduce(list(named.values()))
        reason = f"node(s) didn't satisfy plugin(s) [{' '.join(sorted(named))}]"
        rejections += [Rejection(name, reason, outside) for name in sorted(named)][:1]
        hopeless |= outside
        left &= ~outside

    for plugin in profile.filters:
        if not left.any():
            break
        verdicts = plugin.filter(pod, nodes)
        if verdicts is not None:
            rejected = _take(verdicts, plugin.name, left, rejections)
            hopeless |= rejected & verdicts.hopeless
            left &= ~rejected
    return left, rejections, hopeless


def _take(verdicts: Verdicts, plugin: str, left: Mask, rejections: list[Rejection]) -> Mask:
    """Note what a plugin says of the nodes that are left; return those that it turns down."""
    rejected = np.zeros_like(left)
    for reason, mask in verdicts.reasons.items():
        concerned = mask & left
        if concerned.any():
            rejections.append(Rejection(plugin, reason, concerned))
            rejected |= concerned
    return rejected


def _limited(feasible: Mask, nodes: NodeTable, profile: Profile, rng: random.Random) -> Mask:
    """With percentageOfNodesToScore: that many feasible nodes, from a random one onwards."""
    percentage = profile.percentage_of_nodes_to_score
    if not 0 < percentage < 100:
        return feasible
    limit = max(FEWEST_SCORED, int(nodes.live.sum()) * percentage // 100)
    rows = np.flatnonzero(feasible)
    if len(rows) <= limit:
        return feasible
    chosen = np.zeros_like(feasible)
    chosen[np.roll(rows, -rng.randrange(len(rows)))[:limit]] = True
    return chosen


def _best(
    pod: PodInfo, nodes: NodeTable, profile: Profile, feasible: Mask, rng: random.Random
) -> Placement:
    rows = np.flatnonzero(feasible)
    if len(rows) == 1:
        return Placement(nodes.names[int(rows[0])], 1, {})
    total = np.zeros(nodes.rows, np.int64)
    scores = {}
    for plugin, weight in profile.scorers:
        score = plugin.score(pod, nodes, feasible)
        if score is not None:
            scores[plugin.name] = score * weight
            total += scores[plugin.name]
    best = rows[total[rows] == total[rows].max()]
    row = int(best[rng.randrange(len(best))])
    return Placement(nodes.names[row], len(rows), {n: int(s[row]) for n, s in scores.items()})
