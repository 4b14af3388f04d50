"""discovery.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Rules, Wire, empty_string, no_items

PACKAGE = "k8s.io.api.discovery.v1"
API_VERSION = "discovery.k8s.io/v1"


class EndpointConditions(Wire, frozen=True, kw_only=True):
    """`ready` absent means ready; `serving` says the same of a pod that is going away."""

    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Endpoint(Wire, frozen=True, kw_only=True):
    """One backend; `addresses` are the same backend's, and proxies use the first."""

    addresses: tuple[str, ...] = _field(default_factory=no_items)
    conditions: EndpointConditions = _field(default_factory=EndpointConditions)
    hostname: str | None = None
    targetRef: core_v1.ObjectReference | None = None
    deprecatedTopology: dict[str, str] = _field(default_factory=dict)
    nodeName: str | None = None
    zone: str | None = None
    hints: EndpointHints | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "addresses": Rules(list_type="set", required=True),
    }


class EndpointHints(Wire, frozen=True, kw_only=True):
    """Which zones or nodes should prefer this endpoint."""

    forZones: tuple[ForZone, ...] = ()
    forNodes: tuple[ForNode, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "forZones": Rules(list_type="atomic"),
        "forNodes": Rules(list_type="atomic"),
    }


class EndpointPort(Wire, frozen=True, kw_only=True):
    """A port of every endpoint of the slice; no number means every port."""

    name: str | None = None
    protocol: str | None = None
    port: Int32 | None = None
    appProtocol: str | None = None

    __atomic__: ClassVar[bool] = True


class EndpointSlice(Wire, frozen=True, kw_only=True):
    """Up to a thousand endpoints of one Service and one address family. The label
    kubernetes.io/service-name says of which Service.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    addressType: str = _field(default_factory=empty_string)
    endpoints: tuple[Endpoint, ...] = _field(default_factory=no_items)
    ports: tuple[EndpointPort, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "addressType": Rules(required=True),
        "endpoints": Rules(list_type="atomic"),
        "ports": Rules(list_type="atomic"),
    }
    __nulls__: ClassVar[tuple[str, ...]] = ("endpoints", "ports")


class EndpointSliceList(Wire, frozen=True, kw_only=True):
    """A list of EndpointSlices."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[EndpointSlice, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ForNode(Wire, frozen=True, kw_only=True):
    """A node that an endpoint is meant for."""

    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class ForZone(Wire, frozen=True, kw_only=True):
    """A zone that an endpoint is meant for."""

    name: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }
