"""NodeAffinity: nodeSelector, and the node affinity that a pod requires or prefers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from kubepy.api.core.v1 import NodeAffinity as Affinity
from kubepy.api.core.v1 import NodeSelectorRequirement, NodeSelectorTerm
from kubepy.scheduler.columns import Ints, Mask
from kubepy.scheduler.framework import Plugin, Verdicts, normalized
from kubepy.scheduler.nodetable import Change, NodeTable
from kubepy.scheduler.podinfo import PodInfo

MISMATCH = "node(s) didn't match Pod's node affinity/selector"
NAME_FIELD = "metadata.name"


class NodeAffinityArgs(Struct, frozen=True, forbid_unknown_fields=True):
    """kubescheduler.config.k8s.io/v1 NodeAffinityArgs: affinity that every pod gets besides."""

    addedAffinity: Affinity | None = None


class NodeAffinity(Plugin):
    name = "NodeAffinity"
    wakes_on = frozenset((Change.NODE_ADDED, Change.NODE_LABELS))

    def __init__(self, args: NodeAffinityArgs | None = None) -> None:
        self._added = (args or NodeAffinityArgs()).addedAffinity

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> NodeAffinity:
        return cls(msgspec.convert(args, NodeAffinityArgs))

    def narrow(self, pod: PodInfo, nodes: NodeTable) -> Mask | None:
        """The nodes that required terms name, if every one names some: the pods of DaemonSets."""
        affinity = _affinity(pod)
        required = affinity and affinity.requiredDuringSchedulingIgnoredDuringExecution
        if not required or not required.nodeSelectorTerms:
            return None
        wanted: frozenset[str] = frozenset()
        for term in required.nodeSelectorTerms:
            names = [
                frozenset(field.values)
                for field in term.matchFields
                if field.key == NAME_FIELD and field.operator == "In"
            ]
            if not names:
                return None
            wanted |= frozenset.intersection(*names)
        return nodes.named(wanted)

    def filter(self, pod: PodInfo, nodes: NodeTable) -> Verdicts | None:
        masks = [
            nodes.label(key).among(nodes.rows, (value,))
            for key, value in pod.pod.spec.nodeSelector.items()
        ]
        for affinity in filter(None, (self._added, _affinity(pod))):
            required = affinity.requiredDuringSchedulingIgnoredDuringExecution
            if required is not None:
                masks.append(_any_term(required.nodeSelectorTerms, nodes))
        if not masks:
            return None
        elsewhere = ~np.logical_and.reduce(masks)
        return Verdicts({MISMATCH: elsewhere}, elsewhere)

    def score(self, pod: PodInfo, nodes: NodeTable, feasible: Mask) -> Ints | None:
        preferred = [
            preference
            for affinity in filter(None, (self._added, _affinity(pod)))
            for preference in affinity.preferredDuringSchedulingIgnoredDuringExecution
            if preference.weight
        ]
        if not preferred:
            return None
        total = np.zeros(nodes.rows, np.int64)
        for preference in preferred:
            total += preference.weight * _matches(preference.preference, nodes)
        return normalized(total, feasible)


def _affinity(pod: PodInfo) -> Affinity | None:
    affinity = pod.pod.spec.affinity
    return affinity.nodeAffinity if affinity is not None else None


def _any_term(terms: tuple[NodeSelectorTerm, ...], nodes: NodeTable) -> Mask:
    mask = nodes.nothing()
    for term in terms:
        mask |= _matches(term, nodes)
    return mask


def _matches(term: NodeSelectorTerm, nodes: NodeTable) -> Mask:
    """Where all of the term holds; an empty term holds nowhere."""
    if not term.matchExpressions and not term.matchFields:
        return nodes.nothing()
    mask = ~nodes.nothing()
    for requirement in term.matchExpressions:
        mask &= _label_holds(requirement, nodes)
    for field in term.matchFields:
        named = nodes.named(frozenset(field.values))
        mask &= ~named if field.operator == "NotIn" else named
    return mask


def _label_holds(requirement: NodeSelectorRequirement, nodes: NodeTable) -> Mask:
    column, rows = nodes.label(requirement.key), nodes.rows
    match requirement.operator:
        case "In":
            return column.among(rows, requirement.values)
        case "NotIn":
            return ~column.among(rows, requirement.values)
        case "Exists":
            return column.present(rows)
        case "DoesNotExist":
            return ~column.present(rows)
        case "Gt":
            return column.where(rows, _compared(requirement, lambda value, bound: value > bound))
        case "Lt":
            return column.where(rows, _compared(requirement, lambda value, bound: value < bound))
    return nodes.nothing()


def _compared(
    requirement: NodeSelectorRequirement, compare: Callable[[int, int], bool]
) -> Callable[[str], bool]:
    """Labels that are no integers compare to nothing."""

    def test(value: str) -> bool:
        try:
            return compare(int(value), int(requirement.values[0]))
        except (ValueError, IndexError):
            return False

    return test
