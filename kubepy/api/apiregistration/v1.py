"""apiregistration.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Rules, Time, Wire, empty_string, no_items, null, zero

PACKAGE = "k8s.io.kube_aggregator.pkg.apis.apiregistration.v1"
API_VERSION = "apiregistration.k8s.io/v1"


class APIServiceSpec(Wire, frozen=True, kw_only=True):
    """The group version, where its server is, and how high it ranks among the others."""

    service: ServiceReference | None = None
    group: str = ""
    version: str = ""
    insecureSkipTLSVerify: bool = False
    caBundle: bytes = b""
    groupPriorityMinimum: Int32 = _field(default_factory=zero)
    versionPriority: Int32 = _field(default_factory=zero)

    __rules__: ClassVar[dict[str, Rules]] = {
        "caBundle": Rules(list_type="atomic"),
        "groupPriorityMinimum": Rules(required=True),
        "versionPriority": Rules(required=True),
    }


class APIServiceStatus(Wire, frozen=True, kw_only=True):
    """What was last seen of the server."""

    conditions: tuple[APIServiceCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class APIService(Wire, frozen=True, kw_only=True):
    """Who serves an API group version: this server, or another one behind a Service."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: APIServiceSpec = _field(default_factory=APIServiceSpec)
    status: APIServiceStatus = _field(default_factory=APIServiceStatus)


class APIServiceCondition(Wire, frozen=True, kw_only=True):
    """Whether something is true of an APIService, since when and why."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Available",)),
        "status": Rules(required=True, values=("True", "False", "Unknown")),
    }


class APIServiceList(Wire, frozen=True, kw_only=True):
    """A list of APIServices."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[APIService, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class ServiceReference(Wire, frozen=True, kw_only=True):
    """A Service by namespace, name and port (443 if not given)."""

    namespace: str = ""
    name: str = ""
    port: Int32 | None = None
