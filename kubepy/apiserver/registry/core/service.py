"""Service: defaults, rules and columns.

Addresses and node ports are given out by the allocator, before these rules are asked.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    ClientIPConfig,
    Service,
    ServicePort,
    ServiceSpec,
    SessionAffinityConfig,
)
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.core.servicetypes import (
    CLUSTER_IP,
    EXTERNAL_NAME,
    LOAD_BALANCER,
    NODE_PORT,
    NONE,
    drop_type_dependent,
    externally_accessible,
    is_headless,
    needs_health_check,
    normalize_cluster_ips,
    patch_allocated,
)
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)
from kubepy.meta.labels import check_labels

PROTOCOLS = ("SCTP", "TCP", "UDP")
POLICIES = ("Cluster", "Local")
FAMILIES = ("IPv4", "IPv6")
FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
AFFINITY_SECONDS = 10800  # 3 hours
MAX_AFFINITY_SECONDS = 86400
KUBELET_PORT = 10250
ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'"


def default(service: Service) -> Service:
    spec = service.spec
    type_ = spec.type or CLUSTER_IP
    affinity = spec.sessionAffinity or NONE
    config = spec.sessionAffinityConfig if affinity == "ClientIP" else None
    if affinity == "ClientIP" and not (
        config and config.clientIP and config.clientIP.timeoutSeconds is not None
    ):
        config = SessionAffinityConfig(clientIP=ClientIPConfig(timeoutSeconds=AFFINITY_SECONDS))
    spec = replace(
        spec,
        type=type_,
        sessionAffinity=affinity,
        sessionAffinityConfig=config,
        ports=tuple(_default_port(port) for port in spec.ports),
    )
    if externally_accessible(spec) and not spec.externalTrafficPolicy:
        spec = replace(spec, externalTrafficPolicy="Cluster")
    if type_ != EXTERNAL_NAME and spec.internalTrafficPolicy is None:
        spec = replace(spec, internalTrafficPolicy="Cluster")
    if type_ == LOAD_BALANCER and spec.allocateLoadBalancerNodePorts is None:
        spec = replace(spec, allocateLoadBalancerNodePorts=True)
    return service if spec == service.spec else replace(service, spec=spec)


def _default_port(port: ServicePort) -> ServicePort:
    return replace(port, protocol=port.protocol or "TCP", targetPort=port.targetPort or port.port)


def prepare_create(service: Service) -> Service:
    return normalize_cluster_ips(replace(service, status=Service().status), None)


def prepare_update(new: Service, old: Service) -> Service:
    new = replace(new, status=old.status)
    new = normalize_cluster_ips(new, old)
    return drop_type_dependent(patch_allocated(new, old), old)


# ---- rules


def validate(service: Service) -> list[FieldError]:
    spec = service.spec
    errors = []
    if not spec.ports and not is_headless(service) and spec.type != EXTERNAL_NAME:
        errors.append(required("spec.ports"))
    errors += _type_errors(service)
    errors += _ports_errors(service)
    errors += check_labels(spec.selector, "spec.selector")
    errors += _affinity_errors(spec)
    errors += cluster_ip_errors(service)
    for index, address in enumerate(spec.externalIPs):
        errors += network.special_ip_errors(f"spec.externalIPs[{index}]", address)
    if spec.type not in (CLUSTER_IP, NODE_PORT, LOAD_BALANCER, EXTERNAL_NAME):
        choices = {CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT}
        errors.append(not_supported("spec.type", spec.type, choices))
    errors += _node_port_errors(spec)
    errors += _duplicate_port_errors(spec)
    errors += _load_balancer_errors(spec)
    return errors + _policy_errors(spec)


def _type_errors(service: Service) -> list[FieldError]:
    spec = service.spec
    errors = []
    if spec.type in (LOAD_BALANCER, NODE_PORT):
        if spec.type == LOAD_BALANCER:
            why = "may not expose port 10250 externally since it is used by kubelet"
            errors += [
                invalid(f"spec.ports[{index}]", port.port, why)
                for index, port in enumerate(spec.ports)
                if port.port == KUBELET_PORT
            ]
        if is_headless(service):
            why = f"may not be set to 'None' for {spec.type} services"
            errors.append(invalid("spec.clusterIPs[0]", NONE, why))
    elif spec.type == EXTERNAL_NAME:
        why = "may not be set for ExternalName services"
        for name in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if getattr(spec, name):
                errors.append(forbidden(f"spec.{name}", why))
        cname = spec.externalName.removesuffix(".")
        if cname:
            messages = names.dns1123_subdomain(cname)
            errors += [invalid("spec.externalName", cname, message) for message in messages]
        else:
            errors.append(required("spec.externalName"))
    return errors


def _ports_errors(service: Service) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    several = len(service.spec.ports) > 1
    for index, port in enumerate(service.spec.ports):
        path = f"spec.ports[{index}]"
        if port.name:
            messages = names.dns1123_label(port.name)
            errors += [invalid(f"{path}.name", port.name, message) for message in messages]
            if port.name in seen:
                errors.append(duplicate(f"{path}.name", port.name))
            seen.add(port.name)
        elif several:
            errors.append(required(f"{path}.name"))
        errors += network.port_errors(f"{path}.port", port.port)
        if port.protocol not in PROTOCOLS:
            errors.append(not_supported(f"{path}.protocol", port.protocol, PROTOCOLS))
        errors += network.target_port_errors(f"{path}.targetPort", port.targetPort)
        if port.appProtocol is not None:
            messages = names.qualified_name(port.appProtocol)
            errors += [invalid(f"{path}.appProtocol", port.appProtocol, m) for m in messages]
    return errors


def _affinity_errors(spec: ServiceSpec) -> list[FieldError]:
    if spec.sessionAffinity not in ("ClientIP", NONE):
        return [not_supported("spec.sessionAffinity", spec.sessionAffinity, ("ClientIP", NONE))]
    config = spec.sessionAffinityConfig
    path = "spec.sessionAffinityConfig"
    if spec.sessionAffinity == NONE:
        why = "must not be set when session affinity is None"
        return [forbidden(path, why)] if config else []
    if config is None or config.clientIP is None or config.clientIP.timeoutSeconds is None:
        return [required(path, "when session affinity type is ClientIP")]
    seconds = config.clientIP.timeoutSeconds
    if not 0 < seconds <= MAX_AFFINITY_SECONDS:
        why = f"must be greater than 0 and less than {MAX_AFFINITY_SECONDS}"
        return [invalid(f"{path}.clientIP.timeoutSeconds", seconds, why)]
    return []


def cluster_ip_errors(service: Service) -> list[FieldError]:
    """The rules on clusterIP(s) and IP families; the allocator asks them before it allocates."""
    spec = service.spec
    if spec.type == EXTERNAL_NAME:
        return []
    path = "spec.clusterIPs"
    errors = []
    if spec.clusterIP:
        if not spec.clusterIPs:
            errors.append(required(path))
        elif spec.clusterIPs[0] != spec.clusterIP:
            errors.append(invalid(path, spec.clusterIPs, "first value must match `clusterIP`"))
    elif spec.clusterIPs:
        why = "must be empty when `clusterIP` is not specified"
        errors.append(invalid(path, spec.clusterIPs, why))
    errors += _family_errors(spec)
    unusable = False
    for index, address in enumerate(spec.clusterIPs):
        if index == 0 and address == NONE:
            if len(spec.clusterIPs) > 1:
                why = "'None' must be the first and only value"
                errors.append(invalid(path, spec.clusterIPs, why))
                unusable = True
            continue
        found = network.ip_errors(f"{path}[{index}]", address)
        unusable = unusable or bool(found)
        errors += found
    if len(spec.clusterIPs) > len(FAMILIES):
        errors.append(invalid(path, spec.clusterIPs, "may only hold up to 2 values"))
    if unusable:
        return errors
    if len({network.is_ipv6(address) for address in spec.clusterIPs}) < len(spec.clusterIPs):
        why = "may specify no more than one IP for each IP family"
        errors.append(invalid(path, spec.clusterIPs, why))
    if not is_headless(service):
        errors += _family_match_errors(spec)
    return errors


def _family_errors(spec: ServiceSpec) -> list[FieldError]:
    errors = []
    for index, family in enumerate(spec.ipFamilies):
        where = f"spec.ipFamilies[{index}]"
        if family not in FAMILIES:
            errors.append(not_supported(where, family, FAMILIES))
        if family in spec.ipFamilies[:index]:
            errors.append(duplicate(where, family))
    policy = spec.ipFamilyPolicy
    if policy is not None and policy not in FAMILY_POLICIES:
        errors.append(not_supported("spec.ipFamilyPolicy", policy, FAMILY_POLICIES))
    return errors


def _family_match_errors(spec: ServiceSpec) -> list[FieldError]:
    errors = []
    for index, (address, family) in enumerate(zip(spec.clusterIPs, spec.ipFamilies, strict=False)):
        if network.is_ipv6(address) != (family == "IPv6"):
            why = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            errors.append(invalid(f"spec.clusterIPs[{index}]", address, why))
    return errors


def _node_port_errors(spec: ServiceSpec) -> list[FieldError]:
    errors: list[FieldError] = []
    if spec.type == CLUSTER_IP:
        why = "may not be used when `type` is 'ClusterIP'"
        errors += [
            forbidden(f"spec.ports[{index}].nodePort", why)
            for index, port in enumerate(spec.ports)
            if port.nodePort
        ]
    seen = set()
    for index, port in enumerate(spec.ports):
        if port.nodePort and (port.protocol, port.nodePort) in seen:
            errors.append(duplicate(f"spec.ports[{index}].nodePort", port.nodePort))
        seen.add((port.protocol, port.nodePort))
    return errors


def _duplicate_port_errors(spec: ServiceSpec) -> list[FieldError]:
    errors, seen = [], set()
    for index, port in enumerate(spec.ports):
        key = ServicePort(protocol=port.protocol, port=port.port)
        if (port.protocol, port.port) in seen:
            errors.append(duplicate(f"spec.ports[{index}]", key))
        seen.add((port.protocol, port.port))
    return errors


def _load_balancer_errors(spec: ServiceSpec) -> list[FieldError]:
    is_balancer = spec.type == LOAD_BALANCER
    errors = []
    if spec.loadBalancerSourceRanges:
        path = "spec.LoadBalancerSourceRanges"
        if not is_balancer:
            errors.append(forbidden(path, ONLY_LOAD_BALANCER))
        for index, cidr in enumerate(spec.loadBalancerSourceRanges):
            errors += network.cidr_errors(f"{path}[{index}]", cidr.strip())
    allocate = spec.allocateLoadBalancerNodePorts
    if is_balancer and allocate is None:
        errors.append(required("spec.allocateLoadBalancerNodePorts"))
    if not is_balancer and allocate is not None:
        errors.append(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER))
    class_ = spec.loadBalancerClass
    if class_ is not None:
        if not is_balancer:
            errors.append(forbidden("spec.loadBalancerClass", ONLY_LOAD_BALANCER))
        messages = names.qualified_name(class_) if is_balancer else []
        errors += [invalid("spec.loadBalancerClass", class_, message) for message in messages]
    return errors


def _policy_errors(spec: ServiceSpec) -> list[FieldError]:
    errors = []
    external = spec.externalTrafficPolicy
    if not externally_accessible(spec):
        if external:
            why = "may only be set for externally-accessible services"
            errors.append(invalid("spec.externalTrafficPolicy", external, why))
    elif not external:
        errors.append(required("spec.externalTrafficPolicy"))
    elif external not in POLICIES:
        errors.append(not_supported("spec.externalTrafficPolicy", external, POLICIES))
    if not needs_health_check(spec) and spec.healthCheckNodePort:
        why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        errors.append(invalid("spec.healthCheckNodePort", spec.healthCheckNodePort, why))
    internal = spec.internalTrafficPolicy
    if spec.type in (LOAD_BALANCER, NODE_PORT, CLUSTER_IP):
        if internal is None:
            errors.append(required("spec.internalTrafficPolicy"))
        elif internal not in POLICIES:
            errors.append(not_supported("spec.internalTrafficPolicy", internal, POLICIES))
    distribution = spec.trafficDistribution
    if distribution is not None and distribution not in DISTRIBUTIONS:
        errors.append(not_supported("spec.trafficDistribution", distribution, DISTRIBUTIONS))
    return errors


def validate_update(new: Service, old: Service) -> list[FieldError]:
    errors = _address_change_errors(new, old)
    if old.spec.type == new.spec.type == LOAD_BALANCER:
        class_ = new.spec.loadBalancerClass
        if class_ != old.spec.loadBalancerClass:
            errors.append(invalid("spec.loadBalancerClass", class_, "may not change once set"))
    return errors + validate(new)


def _address_change_errors(new: Service, old: Service) -> list[FieldError]:
    if EXTERNAL_NAME in (old.spec.type, new.spec.type):
        return []
    before, after = old.spec.clusterIPs, new.spec.clusterIPs
    if before and not after:
        why = "primary clusterIP can not be unset"
        return [invalid("spec.clusterIPs[0]", after, why)]
    return [
        invalid(f"spec.clusterIPs[{index}]", after, "may not change once set")
        for index, (one, other) in enumerate(zip(before, after, strict=False))
        if one != other
    ]


def validate_status(new: Service, old: Service) -> list[FieldError]:
    path = "status.loadBalancer.ingress"
    ingress = new.status.loadBalancer.ingress
    if ingress and new.spec.type != LOAD_BALANCER:
        return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
    errors = []
    for index, entry in enumerate(ingress):
        where = f"{path}[{index}]"
        if entry.ip:
            errors += network.ip_errors(f"{where}.ip", entry.ip)
        if entry.hostname:
            messages = names.dns1123_subdomain(entry.hostname)
            errors += [invalid(f"{where}.hostname", entry.hostname, m) for m in messages]
            if network.parse_ip(entry.hostname):
                why = "must be a DNS name, not an IP address"
                errors.append(invalid(f"{where}.hostname", entry.hostname, why))
    return errors


def warnings(service: Service) -> list[str]:
    spec = service.spec
    found = []
    if spec.clusterIP == NONE and spec.sessionAffinity not in ("", NONE):
        found.append("spec.SessionAffinity is ignored for headless services")
    if spec.externalIPs:
        found.append(
            "spec.externalIPs is deprecated and may no longer be implemented in some clusters"
        )
    if spec.trafficDistribution == "PreferClose":
        found.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return found


# ---- kubectl get


def row(service: Service, now: float) -> tuple[Any, ...]:
    spec = service.spec
    internal = spec.clusterIP or "<none>"
    ports = ",".join(
        f"{port.port}:{port.nodePort}/{port.protocol}"
        if port.nodePort
        else f"{port.port}/{port.protocol}"
        for port in spec.ports
    )
    selector = ",".join(f"{key}={value}" for key, value in sorted(spec.selector.items()))
    return (
        service.metadata.name,
        spec.type,
        internal,
        _external_ip(service),
        ports or "<none>",
        age(service.metadata.creationTimestamp, now),
        selector or "<none>",
    )


def _external_ip(service: Service) -> str:
    spec = service.spec
    if spec.type == EXTERNAL_NAME:
        return spec.externalName
    if spec.type == LOAD_BALANCER:
        ingress = service.status.loadBalancer.ingress
        addresses = sorted({entry.ip or entry.hostname for entry in ingress} - {""})
        both = [*addresses, *spec.externalIPs]
        return ",".join(both) if both else "<pending>"
    return ",".join(spec.externalIPs) or "<none>"


def fields(service: Service) -> dict[str, str]:
    return {"spec.clusterIP": service.spec.clusterIP, "spec.type": service.spec.type}


def service_name(name: str) -> list[str]:
    """A DNS label; since v1.36 it may begin with a digit."""
    if "." in name:
        return ["must not contain dots"]
    return names.dns1123_label(name)


STRATEGY = Strategy(
    repeats_create_checks=True,
    returns_deleted=True,
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    warnings=warnings,
    row=row,
    fields=fields,
    validate_name=service_name,
)
