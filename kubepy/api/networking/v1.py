"""networking.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, IntOrString, Rules, Wire, empty_string, no_items, null, zero

PACKAGE = "k8s.io.api.networking.v1"
API_VERSION = "networking.k8s.io/v1"


class IngressBackend(Wire, frozen=True, kw_only=True):
    service: IngressServiceBackend | None = None
    resource: core_v1.TypedLocalObjectReference | None = None


class HTTPIngressPath(Wire, frozen=True, kw_only=True):
    path: str = ""
    pathType: str | None = _field(default_factory=null)
    backend: IngressBackend = _field(default_factory=IngressBackend)

    __rules__: ClassVar[dict[str, Rules]] = {
        "pathType": Rules(required=True, values=("Exact", "ImplementationSpecific", "Prefix")),
        "backend": Rules(required=True),
    }


class HTTPIngressRuleValue(Wire, frozen=True, kw_only=True):
    paths: tuple[HTTPIngressPath, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "paths": Rules(list_type="atomic", required=True),
    }


class IPAddressSpec(Wire, frozen=True, kw_only=True):
    parentRef: ParentReference | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "parentRef": Rules(required=True),
    }


class IPAddress(Wire, frozen=True, kw_only=True):
    """An address that is taken: its name is the address, and its parent has it."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: IPAddressSpec = _field(default_factory=IPAddressSpec)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class IPAddressList(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[IPAddress, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class IPBlock(Wire, frozen=True, kw_only=True):
    cidr: str = _field(default_factory=empty_string)
    except_: tuple[str, ...] = _field(default=(), name="except")

    __rules__: ClassVar[dict[str, Rules]] = {
        "cidr": Rules(required=True),
        "except": Rules(list_type="atomic"),
    }


class IngressSpec(Wire, frozen=True, kw_only=True):
    ingressClassName: str | None = None
    defaultBackend: IngressBackend | None = None
    tls: tuple[IngressTLS, ...] = ()
    rules: tuple[IngressRule, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "tls": Rules(list_type="atomic"),
        "rules": Rules(list_type="atomic"),
    }


class IngressLoadBalancerStatus(Wire, frozen=True, kw_only=True):
    ingress: tuple[IngressLoadBalancerIngress, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ingress": Rules(list_type="atomic"),
    }


class IngressStatus(Wire, frozen=True, kw_only=True):
    loadBalancer: IngressLoadBalancerStatus = _field(default_factory=IngressLoadBalancerStatus)


class Ingress(Wire, frozen=True, kw_only=True):
    """HTTP routes from outside to Services: by host, then by path."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: IngressSpec = _field(default_factory=IngressSpec)
    status: IngressStatus = _field(default_factory=IngressStatus)


class IngressClassSpec(Wire, frozen=True, kw_only=True):
    controller: str = ""
    parameters: IngressClassParametersReference | None = None


class IngressClass(Wire, frozen=True, kw_only=True):
    """Which controller an Ingress is for; one of them may be the default."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: IngressClassSpec = _field(default_factory=IngressClassSpec)


class IngressClassList(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[IngressClass, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class IngressClassParametersReference(Wire, frozen=True, kw_only=True):
    apiGroup: str | None = None
    kind: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    scope: str | None = _field(default_factory=null)
    namespace: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "kind": Rules(required=True),
        "name": Rules(required=True),
    }


class IngressList(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Ingress, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class IngressLoadBalancerIngress(Wire, frozen=True, kw_only=True):
    ip: str = ""
    hostname: str = ""
    ports: tuple[IngressPortStatus, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(list_type="atomic"),
    }


class IngressPortStatus(Wire, frozen=True, kw_only=True):
    port: Int32 = _field(default_factory=zero)
    protocol: str = _field(default_factory=empty_string)
    error: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "port": Rules(required=True),
        "protocol": Rules(required=True, values=("SCTP", "TCP", "UDP")),
    }


class IngressRule(Wire, frozen=True, kw_only=True):
    host: str = ""
    http: HTTPIngressRuleValue | None = None


class IngressRuleValue(Wire, frozen=True, kw_only=True):
    http: HTTPIngressRuleValue | None = None


class ServiceBackendPort(Wire, frozen=True, kw_only=True):
    name: str = ""
    number: Int32 = 0

    __atomic__: ClassVar[bool] = True


class IngressServiceBackend(Wire, frozen=True, kw_only=True):
    name: str = _field(default_factory=empty_string)
    port: ServiceBackendPort = _field(default_factory=ServiceBackendPort)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class IngressTLS(Wire, frozen=True, kw_only=True):
    hosts: tuple[str, ...] = ()
    secretName: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "hosts": Rules(list_type="atomic"),
    }


class NetworkPolicySpec(Wire, frozen=True, kw_only=True):
    podSelector: meta_v1.LabelSelector = _field(default_factory=meta_v1.LabelSelector)
    ingress: tuple[NetworkPolicyIngressRule, ...] = ()
    egress: tuple[NetworkPolicyEgressRule, ...] = ()
    policyTypes: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ingress": Rules(list_type="atomic"),
        "egress": Rules(list_type="atomic"),
        "policyTypes": Rules(list_type="atomic", values=("Ingress", "Egress")),
    }


class NetworkPolicy(Wire, frozen=True, kw_only=True):
    """Who may talk to the pods that it selects, and to whom they may. A pod that no policy
    selects is open.
    """

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: NetworkPolicySpec = _field(default_factory=NetworkPolicySpec)


class NetworkPolicyEgressRule(Wire, frozen=True, kw_only=True):
    ports: tuple[NetworkPolicyPort, ...] = ()
    to: tuple[NetworkPolicyPeer, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(list_type="atomic"),
        "to": Rules(list_type="atomic"),
    }


class NetworkPolicyIngressRule(Wire, frozen=True, kw_only=True):
    ports: tuple[NetworkPolicyPort, ...] = ()
    from_: tuple[NetworkPolicyPeer, ...] = _field(default=(), name="from")

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(list_type="atomic"),
        "from": Rules(list_type="atomic"),
    }


class NetworkPolicyList(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[NetworkPolicy, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class NetworkPolicyPeer(Wire, frozen=True, kw_only=True):
    podSelector: meta_v1.LabelSelector | None = None
    namespaceSelector: meta_v1.LabelSelector | None = None
    ipBlock: IPBlock | None = None


class NetworkPolicyPort(Wire, frozen=True, kw_only=True):
    protocol: str | None = None
    port: IntOrString | None = None
    endPort: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "protocol": Rules(values=("SCTP", "TCP", "UDP")),
    }


class ParentReference(Wire, frozen=True, kw_only=True):
    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "resource": Rules(required=True),
        "name": Rules(required=True),
    }


class ServiceCIDRSpec(Wire, frozen=True, kw_only=True):
    cidrs: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "cidrs": Rules(list_type="atomic"),
    }


class ServiceCIDRStatus(Wire, frozen=True, kw_only=True):
    conditions: tuple[meta_v1.Condition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class ServiceCIDR(Wire, frozen=True, kw_only=True):
    """Ranges that Services' addresses are taken from."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ServiceCIDRSpec = _field(default_factory=ServiceCIDRSpec)
    status: ServiceCIDRStatus = _field(default_factory=ServiceCIDRStatus)


class ServiceCIDRList(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ServiceCIDR, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }
