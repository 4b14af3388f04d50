"""The end of a namespace: in which order it is emptied, and what is told meanwhile.

Pods go first and alone: what they use (ConfigMaps, Secrets, NetworkPolicies) must outlive them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Namespace, NamespaceCondition
from kubepy.api.scheme import Resource
from kubepy.api.types import Time
from kubepy.meta import conditions

FINALIZER = "kubernetes"
NEEDED = {"deletecollection", "list"}
SHORTEST_WAIT, LONGEST_WAIT = 0.2, 10.0  # seconds between two looks at what remains


class Remains(Struct, frozen=True):
    """What is left of one resource: how many objects, and how many bear each finalizer."""

    count: int
    finalizers: Mapping[str, int] = {}


class Findings(Struct, frozen=True, kw_only=True):
    """What one pass over a namespace came upon."""

    remaining: Mapping[str, Remains] = {}  # group resource → what is left
    errors: tuple[str, ...] = ()
    pods_first: bool = False  # only pods were looked at, the rest has to wait for them

    @property
    def done(self) -> bool:
        return not self.errors and not any(r.count for r in self.remaining.values())


def waves(resources: Iterable[Resource]) -> tuple[list[Resource], list[Resource]]:
    """The resources whose content has to go: pods, then everything else.

    Events are stored once and served by two groups; one of them will do.
    """
    content = [
        resource
        for resource in resources
        if resource.namespaced and set(resource.verbs) >= NEEDED
        if (resource.group, resource.plural) != ("events.k8s.io", "events")
    ]
    pods = [r for r in content if (r.group, r.plural) == ("", "pods")]
    return pods, [r for r in content if r not in pods]


def report(namespace: Namespace, found: Findings, now: float) -> tuple[NamespaceCondition, ...]:
    """The namespace's conditions after a pass."""
    time = Time.from_unix(now)
    result = namespace.status.conditions
    for told in _conditions(found):
        known = conditions.find(result, told.type)
        same = known is not None and (known.status, known.reason, known.message) == (
            told.status,
            told.reason,
            told.message,
        )
        if not same:
            result = conditions.put(result, replace(told, lastTransitionTime=time))
    return result


def _conditions(found: Findings) -> list[NamespaceCondition]:
    left = {name: r for name, r in sorted(found.remaining.items()) if r.count}
    finalizers: dict[str, int] = {}
    for remains in left.values():
        for name, count in remains.finalizers.items():
            finalizers[name] = finalizers.get(name, 0) + count
    return [
        NamespaceCondition(
            type="NamespaceDeletionDiscoveryFailure",
            status="False",
            reason="ResourcesDiscovered",
            message="All resources successfully discovered",
        ),
        NamespaceCondition(
            type="NamespaceDeletionGroupVersionParsingFailure",
            status="False",
            reason="ParsedGroupVersions",
            message="All legacy kube types successfully parsed",
        ),
        _failure(found),
        _content(left),
        _finalizers(finalizers),
    ]


def _failure(found: Findings) -> NamespaceCondition:
    if found.errors:
        text = "; ".join(found.errors)
        return NamespaceCondition(
            type="NamespaceDeletionContentFailure",
            status="True",
            reason="ContentDeletionFailed",
            message=f"Failed to delete all resource types, {len(found.errors)} remaining: {text}",
        )
    return NamespaceCondition(
        type="NamespaceDeletionContentFailure",
        status="False",
        reason="ContentDeleted",
        message="All content successfully deleted, may be waiting on finalization",
    )


def _content(left: Mapping[str, Remains]) -> NamespaceCondition:
    if left:
        text = ", ".join(f"{name} has {r.count} resource instances" for name, r in left.items())
        return NamespaceCondition(
            type="NamespaceContentRemaining",
            status="True",
            reason="SomeResourcesRemain",
            message=f"Some resources are remaining: {text}",
        )
    return NamespaceCondition(
        type="NamespaceContentRemaining",
        status="False",
        reason="ContentRemoved",
        message="All content successfully removed",
    )


def _finalizers(counts: Mapping[str, int]) -> NamespaceCondition:
    if counts:
        text = ", ".join(f"{name} in {n} resource instances" for name, n in sorted(counts.items()))
        return NamespaceCondition(
            type="NamespaceFinalizersRemaining",
            status="True",
            reason="SomeFinalizersRemain",
            message=f"Some content in the namespace has finalizers remaining: {text}",
        )
    return NamespaceCondition(
        type="NamespaceFinalizersRemaining",
        status="False",
        reason="ContentHasNoFinalizers",
        message="All content-preserving finalizers finished",
    )


def next_look(namespace: Namespace, now: float) -> float:
    """Seconds until what remains is looked at again: in proportion to how long it takes already."""
    since = namespace.metadata.deletionTimestamp
    waited = now - since.unix() if since is not None else 0.0
    return min(max(waited / 4, SHORTEST_WAIT), LONGEST_WAIT)
