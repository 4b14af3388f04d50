"""Discovery: the groups, versions and resources of the scheme, in both of Kubernetes' forms. Pure.

The plain form takes a request a group version; the aggregated one (apidiscovery.k8s.io/v2) says all
of it in two. Everything follows from `scheme.resources()`, so every document is made once.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from hashlib import sha256, sha512

from msgspec import Struct

from kubepy.api import codec, scheme
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

CORE = ""
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
        )
    },
}


class Versions(Struct, frozen=True):
    """A group's versions with their resources, the preferred version first."""

    group: str
    versions: tuple[str, ...]

    def group_version(self, version: str) -> str:
        return f"{self.group}/{version}" if self.group else version


@cache
def served() -> tuple[Versions, ...]:
    """Every group that is served, in the order of preference."""
    found: dict[str, list[str]] = {}
    for resource in scheme.resources():
        versions = found.setdefault(resource.group, [])
        if resource.version not in versions:
            versions.append(resource.version)
    ranks = {group: rank for rank, group in enumerate(GROUP_ORDER)}
    ordered = sorted(found, key=lambda group: (ranks.get(group, len(ranks)), group))
    return tuple(Versions(group, tuple(sorted(found[group], reverse=True))) for group in ordered)


def resources_of(group: str, version: str) -> list[Resource]:
    return sorted(
        (r for r in scheme.resources() if (r.group, r.version) == (group, version)),
        key=lambda resource: resource.plural,
    )


def versions(server_address: str) -> APIVersions:
    """GET /api."""
    return APIVersions(
        versions=next(found.versions for found in served() if found.group == CORE),
        serverAddressByClientCIDRs=(
            ServerAddressByClientCIDR(clientCIDR="0.0.0.0/0", serverAddress=server_address),
        ),
    )


@cache
def groups() -> APIGroupList:
    """GET /apis."""
    return APIGroupList(groups=tuple(_group(found) for found in served() if found.group != CORE))


@cache
def group(name: str) -> APIGroup | None:
    """GET /apis/<group>; None if it is not served."""
    return next((_group(found) for found in served() if found.group == name != CORE), None)


def _group(found: Versions) -> APIGroup:
    versions = tuple(
        GroupVersionForDiscovery(groupVersion=found.group_version(version), version=version)
        for version in found.versions
    )
    return APIGroup(name=found.group, versions=versions, preferredVersion=versions[0])


@cache
def resources(group: str, version: str) -> APIResourceList | None:
    """GET /api/v1, /apis/<group>/<version>; None if it is not served."""
    found = resources_of(group, version)
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
    for sub in sorted(resource.subresources, key=lambda sub: sub.name):
        group, version = _home(resource, sub)
        yield APIResource(
            name=f"{resource.plural}/{sub.name}",
            namespaced=resource.namespaced,
            group=group,
            version=version,
            kind=sub.kind,
            verbs=sub.verbs,
        )


def _home(resource: Resource, sub: Subresource) -> tuple[str, str]:
    """Group and version of a subresource's kind; empty where they are the resource's own."""
    if not sub.group or (sub.group, sub.version) == (resource.group, resource.version):
        return "", ""
    return sub.group, sub.version


def storage_version_hash(resource: Resource) -> str:
    """A digest of the kind that objects are stored as; empty for what is never stored."""
    if "list" not in resource.verbs or "create" not in resource.verbs:
        return ""
    own = (resource.group, resource.version, resource.kind)
    stored = STORED_ELSEWHERE.get(own, own)
    return base64.b64encode(sha256("/".join(stored).encode()).digest()[:8]).decode()


@cache
def aggregated(*, core: bool) -> APIGroupDiscoveryList:
    """GET /api or /apis in the aggregated form."""
    return APIGroupDiscoveryList(
        items=tuple(
            APIGroupDiscovery(
                metadata=ObjectMeta(name=found.group),
                versions=tuple(_version(found.group, version) for version in found.versions),
            )
            for found in served()
            if (found.group == CORE) == core
        )
    )


def _version(group: str, version: str) -> APIVersionDiscovery:
    return APIVersionDiscovery(
        version=version,
        resources=tuple(_resource(resource) for resource in resources_of(group, version)),
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
            for sub in sorted(resource.subresources, key=lambda sub: sub.name)
        ),
    )


def _kind(group: str, version: str, kind: str) -> GroupVersionKind:
    return GroupVersionKind(group=group, version=version, kind=kind)


@cache
def aggregated_etag(*, core: bool) -> str:
    """Changes when the document does, so that clients may keep it."""
    return sha512(codec.encode(aggregated(core=core))).hexdigest().upper()
