"""Discovery: the groups, versions and resources of the scheme, in both of Kubernetes' forms. Pure.

The plain form takes a request a group version; the aggregated one (apidiscovery.k8s.io/v2) says all
of it in two. Everything follows from the resources that a server knows, so every document is made
once for each change of them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256

from msgspec import Struct

from kubepy.api.apidiscovery.v2 import (
    APIGroupDiscovery,
    APIGroupDiscoveryList,
    APIResourceDiscovery,
    APISubresourceDiscovery,
    APIVersionDiscovery,
)
from kubepy.api.meta.v1 import (
    APIGroup,
    APIGroupList,
    APIResource,
    APIResourceList,
    APIVersions,
    GroupVersionForDiscovery,
    GroupVersionKind,
    ObjectMeta,
    ServerAddressByClientCIDR,
)
from kubepy.api.scheme import Resource, Subresource
from kubepy.apiserver.catalog import Known
from kubepy.apiserver.crd.resource import CustomResource
from kubepy.meta import versions as ranks_of_versions

CORE = ""
KEPT = 64  # documents of the same sort: of several servers in a process, of a few changes
recent = lru_cache(maxsize=KEPT)
GROUP_ORDER = (  # the order in which Kubernetes prefers groups; clients search kinds in it
    CORE,
    "apiregistration.k8s.io",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
    "resource.k8s.io",
    "flowcontrol.apiserver.k8s.io",
)
STORED_ELSEWHERE = {  # kinds that Kubernetes stores as another group's or version's
    ("events.k8s.io", "v1", "Event"): ("", "v1", "Event"),
    **{
        (group, "v1", kind): (group, version, kind)
        for group, version, kind in (
            ("autoscaling", "v2", "HorizontalPodAutoscaler"),
            ("admissionregistration.k8s.io", "v1beta1", "MutatingAdmissionPolicy"),
            ("admissionregistration.k8s.io", "v1beta1", "MutatingAdmissionPolicyBinding"),
            # an older apiserver left its name behind
            ("apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition"),
        )
    },
}


class Versions(Struct, frozen=True):
    """A group's versions with their resources, the preferred version first."""

    group: str
    versions: tuple[str, ...]

    def group_version(self, version: str) -> str:
        return f"{self.group}/{version}" if self.group else version


@recent
def served(known: Known) -> tuple[Versions, ...]:
    """Every group that is served, in the order of preference."""
    found: dict[str, list[str]] = {}
    for resource in known:
        versions = found.setdefault(resource.group, [])
        if resource.version not in versions:
            versions.append(resource.version)
    ranks = {group: rank for rank, group in enumerate(GROUP_ORDER)}
    ordered = sorted(found, key=lambda group: (ranks.get(group, len(ranks)), group))
    return tuple(
        Versions(group, tuple(sorted(found[group], key=ranks_of_versions.rank)))
        for group in ordered
    )


def resources_of(known: Known, group: str, version: str) -> list[Resource]:
    return sorted(
        (r for r in known if (r.group, r.version) == (group, version)),
        key=lambda resource: resource.plural,
    )


def versions(known: Known, server_address: str) -> APIVersions:
    """GET /api."""
    return APIVersions(
        versions=next(found.versions for found in served(known) if found.group == CORE),
        serverAddressByClientCIDRs=(
            ServerAddressByClientCIDR(clientCIDR="0.0.0.0/0", serverAddress=server_address),
        ),
    )


@recent
def groups(known: Known) -> APIGroupList:
    """GET /apis."""
    return APIGroupList(
        groups=tuple(
            head(found.group, found.versions) for found in served(known) if found.group != CORE
        )
    )


@recent
def group(known: Known, name: str) -> APIGroup | None:
    """GET /apis/<group>; None if it is not served."""
    found = next((each for each in served(known) if each.group == name != CORE), None)
    return head(name, found.versions) if found is not None else None


def head(name: str, versions: Iterable[str]) -> APIGroup:
    """A group with its versions, the preferred one first."""
    found = tuple(
        GroupVersionForDiscovery(groupVersion=Versions(name, ()).group_version(each), version=each)
        for each in versions
    )
    return APIGroup(name=name, versions=found, preferredVersion=found[0])


@recent
def resources(known: Known, group: str, version: str) -> APIResourceList | None:
    """GET /api/v1, /apis/<group>/<version>; None if it is not served."""
    found = resources_of(known, group, version)
    if not found:
        return None
    listed = tuple(entry for resource in found for entry in _entries(resource))
    return APIResourceList(groupVersion=found[0].group_version, resources=listed)


def _entries(resource: Resource) -> Iterator[APIResource]:
    yield APIResource(
        name=resource.plural,
        singularName=resource.singular,
        namespaced=resource.namespaced,
        kind=resource.kind,
        verbs=resource.verbs,
        shortNames=resource.short_names,
        categories=resource.categories,
        storageVersionHash=storage_version_hash(resource),
    )
    for sub in _subresources(resource):
        group, version = _home(resource, sub)
        yield APIResource(
            name=f"{resource.plural}/{sub.name}",
            namespaced=resource.namespaced,
            group=group,
            version=version,
            kind=sub.kind,
            verbs=sub.verbs,
        )


def _subresources(resource: Resource) -> list[Subresource]:
    """In the order of their names; those of custom kinds as they are."""
    if isinstance(resource, CustomResource):
        return list(resource.subresources)
    return sorted(resource.subresources, key=lambda sub: sub.name)


def _home(resource: Resource, sub: Subresource) -> tuple[str, str]:
    """Group and version of a subresource's kind; empty where they are the resource's own."""
    if not sub.group or (sub.group, sub.version) == (resource.group, resource.version):
        return "", ""
    return sub.group, sub.version


def storage_version_hash(resource: Resource) -> str:
    """A digest of the kind that objects are stored as; empty for what is never stored."""
    if isinstance(resource, CustomResource):
        return digest(resource.group, resource.storage_version, resource.kind)
    if "list" not in resource.verbs or "create" not in resource.verbs:
        return ""
    own = (resource.group, resource.version, resource.kind)
    stored = STORED_ELSEWHERE.get(own, own)
    return digest(*stored)


def digest(*names: str) -> str:
    return base64.b64encode(sha256("/".join(names).encode()).digest()[:8]).decode()


@recent
def aggregated(known: Known, *, core: bool) -> APIGroupDiscoveryList:
    """GET /api or /apis in the aggregated form."""
    return APIGroupDiscoveryList(
        items=tuple(
            APIGroupDiscovery(
                metadata=ObjectMeta(name=found.group),
                versions=tuple(_version(known, found.group, version) for version in found.versions),
            )
            for found in served(known)
            if (found.group == CORE) == core
        )
    )


def _version(known: Known, group: str, version: str) -> APIVersionDiscovery:
    return APIVersionDiscovery(
        version=version,
        resources=tuple(_resource(resource) for resource in resources_of(known, group, version)),
        freshness="Current",
    )


def _resource(resource: Resource) -> APIResourceDiscovery:
    return APIResourceDiscovery(
        resource=resource.plural,
        responseKind=_kind("", "", resource.kind),
        scope="Namespaced" if resource.namespaced else "Cluster",
        singularResource=resource.singular,
        verbs=resource.verbs,
        shortNames=resource.short_names,
        categories=resource.categories,
        subresources=tuple(
            APISubresourceDiscovery(
                subresource=sub.name,
                responseKind=_kind(*_home(resource, sub), sub.kind),
                verbs=sub.verbs,
            )
            for sub in _subresources(resource)
        ),
    )


def _kind(group: str, version: str, kind: str) -> GroupVersionKind:
    return GroupVersionKind(group=group, version=version, kind=kind)
