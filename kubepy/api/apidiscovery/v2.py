"""apidiscovery.k8s.io/v2: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Rules, Wire, empty_string, no_items

PACKAGE = "k8s.io.api.apidiscovery.v2"
API_VERSION = "apidiscovery.k8s.io/v2"


class APIGroupDiscovery(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    versions: tuple[APIVersionDiscovery, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "versions": Rules(list_type="map", list_map_keys=("version",)),
    }


class APIGroupDiscoveryList(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[APIGroupDiscovery, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class APIResourceDiscovery(Wire, frozen=True, kw_only=True):
    resource: str = _field(default_factory=empty_string)
    responseKind: meta_v1.GroupVersionKind | None = None
    scope: str = _field(default_factory=empty_string)
    singularResource: str = _field(default_factory=empty_string)
    verbs: tuple[str, ...] = _field(default_factory=no_items)
    shortNames: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[APISubresourceDiscovery, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "resource": Rules(required=True),
        "scope": Rules(required=True, values=("Cluster", "Namespaced")),
        "singularResource": Rules(required=True),
        "verbs": Rules(list_type="set", required=True),
        "shortNames": Rules(list_type="set"),
        "categories": Rules(list_type="set"),
        "subresources": Rules(list_type="map", list_map_keys=("subresource",)),
    }


class APISubresourceDiscovery(Wire, frozen=True, kw_only=True):
    subresource: str = _field(default_factory=empty_string)
    responseKind: meta_v1.GroupVersionKind | None = None
    acceptedTypes: tuple[meta_v1.GroupVersionKind, ...] = ()
    verbs: tuple[str, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "subresource": Rules(required=True),
        "acceptedTypes": Rules(list_type="map", list_map_keys=("group", "version", "kind")),
        "verbs": Rules(list_type="set", required=True),
    }


class APIVersionDiscovery(Wire, frozen=True, kw_only=True):
    version: str = _field(default_factory=empty_string)
    resources: tuple[APIResourceDiscovery, ...] = ()
    freshness: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "version": Rules(required=True),
        "resources": Rules(list_type="map", list_map_keys=("resource",)),
        "freshness": Rules(values=("Current", "Stale")),
    }
