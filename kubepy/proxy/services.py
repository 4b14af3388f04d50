"""What is wanted: Services and their EndpointSlices, as one node should forward them. Pure.

    forwardings(service, slices, node) -> one Forwarding for each port and address family

Which endpoints get traffic follows Kubernetes: ready ones; where none is ready, those that still
serve while they terminate (KEP-1669); fewer where hints name zones or nodes (KEP-2433); only this
node's own where a traffic policy is Local (KEP-2086).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from socket import AF_INET, AF_INET6, inet_pton

from msgspec import Struct

from kubepy.api.core.v1 import Service, ServicePort
from kubepy.api.discovery.v1 import Endpoint, EndpointSlice
from kubepy.proxy.ruleset import Family

PROTOCOLS = {"TCP": 6, "UDP": 17, "SCTP": 132}
DEFAULT_AFFINITY = 10_800  # seconds
ZONE_LABEL = "topology.kubernetes.io/zone"
SERVICE_NAME_LABEL = "kubernetes.io/service-name"
PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name"
HEADLESS_LABEL = "service.kubernetes.io/headless"

_FAMILIES = {"IPv4": Family.IPV4, "IPv6": Family.IPV6}


class Target(Struct, frozen=True, gc=False, order=True):
    """Where a connection may go: a packed address and a port."""

    address: bytes
    port: int


class Network(Struct, frozen=True, gc=False):
    """A range of addresses: packed, with as many leading bits as count."""

    address: bytes
    prefix: int

    @property
    def mask(self) -> bytes:
        bits = len(self.address) * 8
        return ((1 << bits) - (1 << (bits - self.prefix))).to_bytes(len(self.address), "big")

    @property
    def family(self) -> Family:
        return Family.IPV4 if len(self.address) == 4 else Family.IPV6


class NodeView(Struct, frozen=True):
    """What of its own node decides how services are forwarded."""

    name: str
    zone: str = ""


class Forwarding(Struct, frozen=True, gc=False):
    """One port of a Service in one family. Addresses are packed, `targets` sorted.

    `cluster` are the endpoints for traffic under the policy Cluster, `local` under Local;
    `anywhere` says that some endpoint exists, so that an empty `local` means drop, not refuse.
    """

    name: str  # namespace/service:port, for people
    family: Family
    protocol: int
    port: int
    cluster_ip: bytes
    external_ips: tuple[bytes, ...] = ()
    load_balancer_ips: tuple[bytes, ...] = ()
    source_ranges: tuple[Network, ...] = ()  # empty: the load balancer's addresses are open to all
    node_port: int = 0
    affinity: int = 0  # seconds; 0: none
    internal_local: bool = False
    external_local: bool = False
    cluster: tuple[Target, ...] = ()
    local: tuple[Target, ...] = ()
    own: tuple[bytes, ...] = ()  # addresses of the endpoints on this node
    anywhere: bool = False

    @property
    def internal(self) -> tuple[Target, ...]:
        """Who answers at the cluster IP."""
        return self.local if self.internal_local else self.cluster


class HealthCheck(Struct, frozen=True):
    """What load balancers ask this node about a Service: has it endpoints of its own?"""

    port: int
    endpoints: int


def family_of(address: str) -> Family:
    return Family.IPV6 if ":" in address else Family.IPV4


def pack(address: str) -> bytes:
    """Raises OSError if it is no IP address."""
    return inet_pton(AF_INET6 if ":" in address else AF_INET, address)


def network(text: str) -> Network:
    """Raises ValueError if it is no range such as 10.244.0.0/16."""
    parsed = ipaddress.ip_network(text.strip(), strict=False)
    return Network(parsed.network_address.packed, parsed.prefixlen)


def is_ours(service: Service) -> bool:
    """Not for a Service that is headless, an alias, or another proxy's."""
    spec = service.spec
    return (
        spec.type != "ExternalName"
        and spec.clusterIP not in ("", "None")
        and PROXY_NAME_LABEL not in service.metadata.labels
    )


def forwardings(
    service: Service, slices: Sequence[EndpointSlice], node: NodeView
) -> tuple[Forwarding, ...]:
    """Everything this node forwards for a Service; nothing if it is not ours."""
    if not is_ours(service):
        return ()
    cluster_ips = service.spec.clusterIPs or (service.spec.clusterIP,)
    found = []
    for cluster_ip in cluster_ips:
        family = family_of(cluster_ip)
        for port in service.spec.ports:
            found.append(_forwarding(service, port, family, cluster_ip, slices, node))
    return tuple(found)


def health_check(service: Service, slices: Sequence[EndpointSlice], node: NodeView) -> HealthCheck:
    """Port 0 if the Service asks for none."""
    spec = service.spec
    asked = spec.type == "LoadBalancer" and spec.externalTrafficPolicy == "Local"
    if not (asked and spec.healthCheckNodePort and is_ours(service)):
        return HealthCheck(0, 0)
    local = {
        target.address
        for forwarding in forwardings(service, slices, node)
        for target in forwarding.local
    }
    return HealthCheck(spec.healthCheckNodePort, len(local))


def _forwarding(
    service: Service,
    port: ServicePort,
    family: Family,
    cluster_ip: str,
    slices: Sequence[EndpointSlice],
    node: NodeView,
) -> Forwarding:
    spec, meta = service.spec, service.metadata
    external_local = spec.externalTrafficPolicy == "Local"
    internal_local = spec.internalTrafficPolicy == "Local"
    reachable = bool(port.nodePort or spec.externalIPs or service.status.loadBalancer.ingress)
    choice = _choose(
        _endpoints(slices, port, family),
        node,
        want_cluster=not internal_local or reachable,
        want_local=internal_local or external_local,
    )
    return Forwarding(
        name=f"{meta.namespace}/{meta.name}" + (f":{port.name}" if port.name else ""),
        family=family,
        protocol=PROTOCOLS.get(port.protocol or "TCP", 0),
        port=port.port,
        cluster_ip=pack(cluster_ip),
        external_ips=_of_family(spec.externalIPs, family),
        load_balancer_ips=_of_family(_ingress(service), family),
        source_ranges=_ranges(spec.loadBalancerSourceRanges, family),
        node_port=port.nodePort,
        affinity=_affinity(service),
        internal_local=internal_local,
        external_local=external_local,
        cluster=choice.cluster,
        local=choice.local,
        own=choice.own,
        anywhere=choice.anywhere,
    )


def _ingress(service: Service) -> list[str]:
    """The addresses whose packets arrive unchanged (KEP-1860); `Proxy` ones have been rewritten."""
    points = service.status.loadBalancer.ingress
    return [point.ip for point in points if point.ip and point.ipMode in (None, "VIP")]


def _of_family(addresses: Iterable[str], family: Family) -> tuple[bytes, ...]:
    return tuple(pack(address) for address in addresses if family_of(address) is family)


def _ranges(texts: Iterable[str], family: Family) -> tuple[Network, ...]:
    """Of the family; if all are of the other one, a range that holds nobody."""
    parsed = [network(text) for text in texts]
    own = tuple(one for one in parsed if one.family is family)
    if parsed and not own:
        return (Network(b"\xff" * family.width, family.width * 8),)
    return own


def _affinity(service: Service) -> int:
    if service.spec.sessionAffinity != "ClientIP":
        return 0
    config = service.spec.sessionAffinityConfig
    client = config.clientIP if config else None
    seconds = client.timeoutSeconds if client else None
    return DEFAULT_AFFINITY if seconds is None else seconds


# --- which endpoints ----------------------------------------------------------------------------


class _Candidate(Struct, frozen=True, gc=False):
    target: Target
    ready: bool
    draining: bool  # serving while it terminates
    here: bool
    zones: frozenset[str]
    nodes: frozenset[str]


class _Choice(Struct, frozen=True):
    cluster: tuple[Target, ...]
    local: tuple[Target, ...]
    own: tuple[bytes, ...]
    anywhere: bool


def _endpoints(
    slices: Sequence[EndpointSlice], port: ServicePort, family: Family
) -> list[tuple[Endpoint, int]]:
    """The endpoints behind a port of the Service, with their own port, of one family."""
    found = []
    for one in slices:
        if _FAMILIES.get(one.addressType) is not family:
            continue
        for offered in one.ports:
            protocol = offered.protocol or "TCP"
            if (offered.name or "") != port.name or protocol != (port.protocol or "TCP"):
                continue
            if offered.port:
                found += [(endpoint, offered.port) for endpoint in one.endpoints]
    return found


def _choose(
    endpoints: Sequence[tuple[Endpoint, int]],
    node: NodeView,
    *,
    want_cluster: bool,
    want_local: bool,
) -> _Choice:
    candidates = [
        _candidate(endpoint, port, node) for endpoint, port in endpoints if endpoint.addresses
    ]
    fit = _hinted(candidates, node)
    cluster = _usable(candidates, fit) if want_cluster else ()
    local = _usable(candidates, lambda one: True, here=True) if want_local else ()
    everyone = _usable(candidates, lambda one: True)
    own = tuple(sorted({one.target.address for one in candidates if one.here}))
    return _Choice(cluster, local, own, bool(everyone))


def _candidate(endpoint: Endpoint, port: int, node: NodeView) -> _Candidate:
    conditions = endpoint.conditions
    ready = conditions.ready is not False  # unknown counts as ready
    serving = ready if conditions.serving is None else conditions.serving
    hints = endpoint.hints
    return _Candidate(
        target=Target(pack(endpoint.addresses[0]), port),
        ready=ready,
        draining=serving and bool(conditions.terminating),
        here=endpoint.nodeName == node.name,
        zones=frozenset(zone.name for zone in hints.forZones) if hints else frozenset(),
        nodes=frozenset(one.name for one in hints.forNodes) if hints else frozenset(),
    )


def _usable(
    candidates: Sequence[_Candidate], fit: Callable[[_Candidate], bool], *, here: bool = False
) -> tuple[Target, ...]:
    """The ready ones that fit; where there is none, those that drain."""
    among = [one for one in candidates if one.here] if here else candidates
    ready = {one.target for one in among if one.ready and fit(one)}
    return tuple(sorted(ready or {one.target for one in among if one.draining}))


def _hinted(candidates: Sequence[_Candidate], node: NodeView) -> Callable[[_Candidate], bool]:
    """Hints count only if every ready endpoint has them and one of them names us."""
    ready = [one for one in candidates if one.ready]
    if all(one.nodes for one in ready) and any(node.name in one.nodes for one in ready):
        return lambda one: node.name in one.nodes
    if all(one.zones for one in ready) and any(node.zone in one.zones for one in ready):
        return lambda one: node.zone in one.zones
    return lambda one: True


def service_key(labels: Mapping[str, str], namespace: str) -> str:
    """The `namespace/name` of the Service that a slice belongs to; empty if it has none."""
    name = labels.get(SERVICE_NAME_LABEL, "")
    return f"{namespace}/{name}" if name else ""
