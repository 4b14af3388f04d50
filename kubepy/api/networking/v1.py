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
    """Where the requests of an Ingress go: either a Service or another object."""

    service: IngressServiceBackend | None = None
    resource: core_v1.TypedLocalObjectReference | None = None


class HTTPIngressPath(Wire, frozen=True, kw_only=True):
    """One path of an Ingress's host, and where requests for it go."""

    path: str = ""
    pathType: str | None = _field(default_factory=null)
    backend: IngressBackend = _field(default_factory=IngressBackend)

    __rules__: ClassVar[dict[str, Rules]] = {
        "pathType": Rules(required=True, values=("Exact", "ImplementationSpecific", "Prefix")),
        "backend": Rules(required=True),
    }


class HTTPIngressRuleValue(Wire, frozen=True, kw_only=True):
    """The paths that a rule of an Ingress tells apart by HTTP requests for its host."""

    paths: tuple[HTTPIngressPath, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "paths": Rules(list_type="atomic", required=True),
    }


class IPAddressSpec(Wire, frozen=True, kw_only=True):
    """Who has an IPAddress."""

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
    """A list of IPAddresses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[IPAddress, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class IPBlock(Wire, frozen=True, kw_only=True):
    """A range of IP addresses with holes, as a NetworkPolicy's peer."""

    cidr: str = _field(default_factory=empty_string)
    except_: tuple[str, ...] = _field(default=(), name="except")

    __rules__: ClassVar[dict[str, Rules]] = {
        "cidr": Rules(required=True),
        "except": Rules(list_type="atomic"),
    }


class IngressSpec(Wire, frozen=True, kw_only=True):
    """The routes of an Ingress. There is at least a rule or a default backend."""

    ingressClassName: str | None = None
    defaultBackend: IngressBackend | None = None
    tls: tuple[IngressTLS, ...] = ()
    rules: tuple[IngressRule, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "tls": Rules(list_type="atomic"),
        "rules": Rules(list_type="atomic"),
    }


class IngressLoadBalancerStatus(Wire, frozen=True, kw_only=True):
    """Where an Ingress is reached from outside."""

    ingress: tuple[IngressLoadBalancerIngress, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ingress": Rules(list_type="atomic"),
    }


class IngressStatus(Wire, frozen=True, kw_only=True):
    """What a controller made of an Ingress."""

    loadBalancer: IngressLoadBalancerStatus = _field(default_factory=IngressLoadBalancerStatus)


class Ingress(Wire, frozen=True, kw_only=True):
    """HTTP routes from outside to Services: by host, then by path."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: IngressSpec = _field(default_factory=IngressSpec)
    status: IngressStatus = _field(default_factory=IngressStatus)


class IngressClassSpec(Wire, frozen=True, kw_only=True):
    """Which controller serves a class, and with which settings."""

    controller: str = ""
    parameters: IngressClassParametersReference | None = None


class IngressClass(Wire, frozen=True, kw_only=True):
    """Which controller an Ingress is for; one of them may be the default."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: IngressClassSpec = _field(default_factory=IngressClassSpec)


class IngressClassList(Wire, frozen=True, kw_only=True):
    """A list of IngressClasses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[IngressClass, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class IngressClassParametersReference(Wire, frozen=True, kw_only=True):
    """An object with further settings for an IngressClass's controller."""

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
    """A list of Ingresses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Ingress, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class IngressLoadBalancerIngress(Wire, frozen=True, kw_only=True):
    """One address at which an Ingress is reached from outside."""

    ip: str = ""
    hostname: str = ""
    ports: tuple[IngressPortStatus, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(list_type="atomic"),
    }


class IngressPortStatus(Wire, frozen=True, kw_only=True):
    """One port at an address of an Ingress."""

    port: Int32 = _field(default_factory=zero)
    protocol: str = _field(default_factory=empty_string)
    error: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "port": Rules(required=True),
        "protocol": Rules(required=True, values=("SCTP", "TCP", "UDP")),
    }


class IngressRule(Wire, frozen=True, kw_only=True):
    """The routes of one host. Requests whose host fits no rule go to the default backend."""

    host: str = ""
    http: HTTPIngressRuleValue | None = None


class IngressRuleValue(Wire, frozen=True, kw_only=True):
    """What a rule of an Ingress does with its host's requests."""

    http: HTTPIngressRuleValue | None = None


class ServiceBackendPort(Wire, frozen=True, kw_only=True):
    """A port of a Service, either by name or by number."""

    name: str = ""
    number: Int32 = 0

    __atomic__: ClassVar[bool] = True


class IngressServiceBackend(Wire, frozen=True, kw_only=True):
    """A port of a Service, in the Ingress's own namespace."""

    name: str = _field(default_factory=empty_string)
    port: ServiceBackendPort = _field(default_factory=ServiceBackendPort)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class IngressTLS(Wire, frozen=True, kw_only=True):
    """A certificate of an Ingress, and the hosts that it is for."""

    hosts: tuple[str, ...] = ()
    secretName: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "hosts": Rules(list_type="atomic"),
    }


class NetworkPolicySpec(Wire, frozen=True, kw_only=True):
    """Whose connections a NetworkPolicy restricts, and which remain allowed. What several
    policies allow adds up.
    """

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
    """Connections that pods may open: those that fit both the ports and the peers of the rule."""

    ports: tuple[NetworkPolicyPort, ...] = ()
    to: tuple[NetworkPolicyPeer, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(list_type="atomic"),
        "to": Rules(list_type="atomic"),
    }


class NetworkPolicyIngressRule(Wire, frozen=True, kw_only=True):
    """Connections that pods may receive: those that fit both the ports and the peers of the
    rule.
    """

    ports: tuple[NetworkPolicyPort, ...] = ()
    from_: tuple[NetworkPolicyPeer, ...] = _field(default=(), name="from")

    __rules__: ClassVar[dict[str, Rules]] = {
        "ports": Rules(list_type="atomic"),
        "from": Rules(list_type="atomic"),
    }


class NetworkPolicyList(Wire, frozen=True, kw_only=True):
    """A list of NetworkPolicies."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[NetworkPolicy, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class NetworkPolicyPeer(Wire, frozen=True, kw_only=True):
    """The other side of a connection: pods by labels, or a range of addresses. At least one
    field is given.
    """

    podSelector: meta_v1.LabelSelector | None = None
    namespaceSelector: meta_v1.LabelSelector | None = None
    ipBlock: IPBlock | None = None


class NetworkPolicyPort(Wire, frozen=True, kw_only=True):
    """A port, or a row of ports, that a rule of a NetworkPolicy allows."""

    protocol: str | None = None
    port: IntOrString | None = None
    endPort: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "protocol": Rules(values=("SCTP", "TCP", "UDP")),
    }


class ParentReference(Wire, frozen=True, kw_only=True):
    """The object that an IPAddress was taken for, such as a Service."""

    group: str = ""
    resource: str = ""
    namespace: str = ""
    name: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "resource": Rules(required=True),
        "name": Rules(required=True),
    }


class ServiceCIDRSpec(Wire, frozen=True, kw_only=True):
    """The ranges of a ServiceCIDR."""

    cidrs: tuple[str, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "cidrs": Rules(list_type="atomic"),
    }


class ServiceCIDRStatus(Wire, frozen=True, kw_only=True):
    """Whether the ranges of a ServiceCIDR are in use."""

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
    """A list of ServiceCIDRs."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[ServiceCIDR, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }
