"""What a Service's type needs, and what follows when the type or the addresses change."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import Service, ServiceSpec

CLUSTER_IP, NODE_PORT, LOAD_BALANCER, EXTERNAL_NAME = (
    "ClusterIP", "NodePort", "LoadBalancer", "ExternalName",
)  # fmt: skip
NONE = "None"


def is_headless(service: Service) -> bool:
    return service.spec.clusterIPs[:1] == (NONE,) or service.spec.clusterIP == NONE


def needs_cluster_ip(service: Service) -> bool:
    return service.spec.type in (CLUSTER_IP, NODE_PORT, LOAD_BALANCER)


def needs_node_port(service: Service) -> bool:
    """Whether its ports get node ports; a load balancer may do without."""
    spec = service.spec
    if spec.type == LOAD_BALANCER:
        return spec.allocateLoadBalancerNodePorts is not False
    return spec.type == NODE_PORT


def externally_accessible(spec: ServiceSpec) -> bool:
    return (
        spec.type in (LOAD_BALANCER, NODE_PORT)
        or spec.type == CLUSTER_IP
        and bool(spec.externalIPs)
    )


def needs_health_check(spec: ServiceSpec) -> bool:
    return spec.type == LOAD_BALANCER and spec.externalTrafficPolicy == "Local"


def normalize_cluster_ips(new: Service, old: Service | None) -> Service:
    """clusterIP and clusterIPs say the same, whichever of them the client knows."""
    spec = new.spec
    if old is None:
        if spec.clusterIP and not spec.clusterIPs:
            return replace(new, spec=replace(spec, clusterIPs=(spec.clusterIP,)))
        return new
    before = old.spec
    if before.clusterIP == spec.clusterIP and before.clusterIPs == spec.clusterIPs:
        return new
    if before.clusterIP != spec.clusterIP and before.clusterIPs == spec.clusterIPs:
        changed = (spec.clusterIP, *spec.clusterIPs[1:]) if spec.clusterIP else ()
        return replace(new, spec=replace(spec, clusterIPs=changed))
    if before.clusterIP == spec.clusterIP and not spec.clusterIPs:
        return replace(new, spec=replace(spec, clusterIP=""))
    return new


def patch_allocated(new: Service, old: Service) -> Service:
    """A client that leaves out what was allocated to the service keeps it."""
    spec, before = new.spec, old.spec
    if needs_cluster_ip(old) and needs_cluster_ip(new) and not spec.clusterIP:
        spec = replace(spec, clusterIP=before.clusterIP, clusterIPs=before.clusterIPs)
    if needs_node_port(old) and needs_node_port(new):
        known = {port.name: port.nodePort for port in before.ports}
        used = {port.nodePort for port in spec.ports}
        ports = []
        for port in spec.ports:
            kept = known.get(port.name, 0)
            if not port.nodePort and kept and kept not in used:
                port = replace(port, nodePort=kept)
            ports.append(port)
        spec = replace(spec, ports=tuple(ports))
    if needs_health_check(before) and needs_health_check(spec) and not spec.healthCheckNodePort:
        spec = replace(spec, healthCheckNodePort=before.healthCheckNodePort)
    return replace(new, spec=spec)


def drop_type_dependent(new: Service, old: Service) -> Service:
    """What the old type needed and the new one does not goes, unless the client changed it."""
    spec, before = new.spec, old.spec
    if needs_cluster_ip(old) and not needs_cluster_ip(new) and _same(spec, before, "clusterIPs"):
        spec = replace(spec, clusterIP="", clusterIPs=())
    if before.type != EXTERNAL_NAME and spec.type == EXTERNAL_NAME:
        if spec.ipFamilies == before.ipFamilies:
            spec = replace(spec, ipFamilies=())
        if spec.ipFamilyPolicy == before.ipFamilyPolicy:
            spec = replace(spec, ipFamilyPolicy=None)
        if spec.internalTrafficPolicy == before.internalTrafficPolicy:
            spec = replace(spec, internalTrafficPolicy=None)
    if needs_node_port(old) and not needs_node_port(new) and _same_node_ports(spec, before):
        ports = tuple(replace(port, nodePort=0) for port in spec.ports)
        spec = replace(spec, ports=ports)
    if needs_health_check(before) and not needs_health_check(spec):
        if spec.healthCheckNodePort == before.healthCheckNodePort:
            spec = replace(spec, healthCheckNodePort=0)
    if before.type == LOAD_BALANCER and spec.type != LOAD_BALANCER:
        for name in ("allocateLoadBalancerNodePorts", "loadBalancerClass"):
            if _same(spec, before, name):
                spec = replace(spec, **{name: None})
    if externally_accessible(before) and not externally_accessible(spec):
        if _same(spec, before, "externalTrafficPolicy"):
            spec = replace(spec, externalTrafficPolicy="")
    return replace(new, spec=spec)


def _same(spec: ServiceSpec, before: ServiceSpec, name: str) -> bool:
    return bool(getattr(spec, name) == getattr(before, name))


def _same_node_ports(spec: ServiceSpec, before: ServiceSpec) -> bool:
    return {p.nodePort for p in spec.ports if p.nodePort} <= {p.nodePort for p in before.ports}
