"""Discovery of all servers together: what APIServices say is ordered, merged and named. Pure.

APIServices ─── groups by priority, versions by priority and name ──► /apis, /apis/<group>
own document ─┐
others' ──────┴─ the same order ──► /apis in the aggregated form
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from kubepy.api.apidiscovery.v2 import (
    APIGroupDiscovery,
    APIGroupDiscoveryList,
    APIResourceDiscovery,
    APISubresourceDiscovery,
    APIVersionDiscovery,
)
from kubepy.api.apiregistration.v1 import APIService
from kubepy.api.meta.v1 import (
    APIGroup,
    APIGroupList,
    APIResource,
    APIResourceList,
    GroupVersionKind,
    ObjectMeta,
)
from kubepy.apiserver.aggregation import priorities
from kubepy.apiserver.aggregation.priorities import (
    ALWAYS,
    CUSTOM,
    OWN_GROUP,
    OWN_PRIORITY,
    GroupVersion,
)
from kubepy.apiserver.discovery.documents import head
from kubepy.meta.versions import rank

CURRENT, STALE = "Current", "Stale"
Documents = Mapping[GroupVersion, APIVersionDiscovery]


def ordered(services: Iterable[APIService]) -> list[list[APIService]]:
    """The APIServices, a list a group, the most important group and version first."""
    by_importance = sorted(
        services, key=lambda each: (-each.spec.groupPriorityMinimum, each.metadata.name)
    )
    groups: dict[str, list[APIService]] = {}
    for each in by_importance:
        groups.setdefault(each.spec.group, []).append(each)
    return [
        sorted(group, key=lambda each: (-each.spec.versionPriority, rank(each.spec.version)))
        for group in groups.values()
    ]


def completed(services: Iterable[APIService], served: Iterable[GroupVersion]) -> list[APIService]:
    """The APIServices, and stand-ins for what is served without one."""
    known = {(each.spec.group, each.spec.version): each for each in services}
    for group, version in served:
        priority = (OWN_PRIORITY, 1) if group == OWN_GROUP else CUSTOM
        known.setdefault((group, version), priorities.local((group, version), priority, ALWAYS))
    return list(known.values())


def groups(own: APIGroupList, services: Iterable[APIService]) -> APIGroupList:
    """GET /apis: `own` with what other servers serve."""
    served = [(group.name, each.version) for group in own.groups for each in group.versions]
    found = ordered(completed(services, served))
    return APIGroupList(groups=tuple(_group(each) for each in found if each[0].spec.group))


def group(name: str, own: APIGroup | None, services: Iterable[APIService]) -> APIGroup | None:
    """GET /apis/<group>; None: nobody serves it."""
    served = [(name, each.version) for each in own.versions] if own is not None else []
    found = ordered(completed((s for s in services if s.spec.group == name), served))
    return _group(found[0]) if found else None


def _group(services: Sequence[APIService]) -> APIGroup:
    return head(services[0].spec.group, (each.spec.version for each in services))


def aggregated(
    own: APIGroupDiscoveryList, services: Iterable[APIService], documents: Documents
) -> APIGroupDiscoveryList:
    """`own` with the documents of other servers; these stand before our own of the same name."""
    known = {
        (group.metadata.name, version.version): version
        for group in own.items
        for version in group.versions
    }
    known.update(documents)
    relevant = [s for s in services if (s.spec.group, s.spec.version) in known]
    items = []
    for each in ordered(completed(relevant, known)):
        name = each[0].spec.group
        versions = tuple(known[name, service.spec.version] for service in each)
        items.append(APIGroupDiscovery(metadata=ObjectMeta(name=name), versions=versions))
    return replace(own, items=tuple(items))


def documents_of(found: APIGroupDiscoveryList) -> dict[GroupVersion, APIVersionDiscovery]:
    """Another server's document, by group version."""
    return {
        (group.metadata.name, version.version): version
        for group in found.items
        for version in group.versions
    }


def entry(found: APIVersionDiscovery | None, version: str, *, fresh: bool) -> APIVersionDiscovery:
    """What is shown of a group version; None: its server did not tell, or does not know it."""
    found = found or APIVersionDiscovery(version=version)
    return replace(found, freshness=CURRENT if fresh else STALE)


def converted(version: str, plain: APIResourceList) -> APIVersionDiscovery:
    """The older form of a group version's document as the newer one."""
    subresources: dict[str, list[APISubresourceDiscovery]] = {}
    parents: dict[str, APIResource] = {}
    for each in plain.resources:
        parent, slash, sub = each.name.partition("/")
        if not slash:
            parents[parent] = each
            continue
        found = APISubresourceDiscovery(subresource=sub, responseKind=_kind(each), verbs=each.verbs)
        subresources.setdefault(parent, []).append(found)
    names = dict.fromkeys(chain(parents, subresources))
    resources = tuple(_resource(n, parents.get(n), subresources.get(n, ())) for n in names)
    return APIVersionDiscovery(version=version, resources=resources)


def _resource(
    name: str, plain: APIResource | None, subresources: Sequence[APISubresourceDiscovery]
) -> APIResourceDiscovery:
    if plain is None:  # only its subresources are served
        return APIResourceDiscovery(resource=name, subresources=tuple(subresources))
    return APIResourceDiscovery(
        resource=name,
        responseKind=_kind(plain),
        scope="Namespaced" if plain.namespaced else "Cluster",
        singularResource=plain.singularName,
        verbs=plain.verbs,
        shortNames=plain.shortNames,
        categories=plain.categories,
        subresources=tuple(subresources),
    )


def _kind(plain: APIResource) -> GroupVersionKind | None:
    if not plain.kind:
        return None
    return GroupVersionKind(group=plain.group, version=plain.version, kind=plain.kind)
