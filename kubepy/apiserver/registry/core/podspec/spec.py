"""The rules of a pod's spec as a whole. The order of the checks is that of Kubernetes' messages."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.api.core.v1 import (
    HostAlias,
    PodDNSConfig,
    PodResourceClaim,
    PodSchedulingGate,
    PodSpec,
)
from kubepy.apiserver.registry.core.podspec.containers import (
    containers_errors,
    ephemeral_containers_errors,
    init_containers_errors,
)
from kubepy.apiserver.registry.core.podspec.placement import (
    affinity_errors,
    spread_errors,
    toleration_errors,
)
from kubepy.apiserver.registry.core.podspec.resources import (
    amount_errors,
    name_errors,
    pod_requirement_errors,
)
from kubepy.apiserver.registry.core.podspec.security import (
    host_users_errors,
    os_errors,
    pod_context_errors,
)
from kubepy.apiserver.registry.core.podspec.setting import Setting
from kubepy.apiserver.registry.core.podspec.volumes import volume_errors
from kubepy.apiserver.registry.core.podspec.windows import host_process_errors
from kubepy.apiserver.registry.network import ip_errors
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

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
NAMESERVERS_LIMIT = 3
SEARCHES_LIMIT = 32
SEARCHES_LENGTH = 2048  # characters, with the spaces between them
HOSTNAME_LENGTH = 64  # Linux' own limit
INT32 = 2**31 - 1


def spec_errors(spec: PodSpec, path: str, *, pod: bool = False, name: str = "") -> list[FieldError]:
    """`pod`: the spec of a Pod called `name`, not of a template."""
    errors = []
    if spec.terminationGracePeriodSeconds is None:
        errors.append(required(f"{path}.terminationGracePeriodSeconds"))
    volumes, found = volume_errors(spec.volumes, f"{path}.volumes", pod_name=name, pod=pod)
    errors += found
    setting = Setting(spec=spec, volumes=volumes, pod=pod)
    errors += _claim_errors(spec.resourceClaims, f"{path}.resourceClaims")
    errors += containers_errors(f"{path}.containers", setting)
    errors += init_containers_errors(f"{path}.initContainers", setting)
    errors += ephemeral_containers_errors(f"{path}.ephemeralContainers", setting)
    errors += pod_requirement_errors(spec, f"{path}.resources", setting)
    errors += _host_network_errors(spec, path, pod)
    errors += _choice(spec.restartPolicy, RESTART_POLICIES, f"{path}.restartPolicy")
    errors += _choice(spec.dnsPolicy, DNS_POLICIES, f"{path}.dnsPolicy")
    errors += check_labels(spec.nodeSelector, f"{path}.nodeSelector")
    errors += pod_context_errors(spec.securityContext, spec, f"{path}.securityContext")
    errors += affinity_errors(spec.affinity, f"{path}.affinity")
    errors += _dns_errors(spec.dnsConfig, spec.dnsPolicy, f"{path}.dnsConfig")
    for index, gate in enumerate(spec.readinessGates):
        where = f"{path}.readinessGates[{index}].conditionType"
        messages = names.qualified_name(gate.conditionType)
        errors += [invalid(where, gate.conditionType, text) for text in messages]
    errors += _gate_errors(spec.schedulingGates, f"{path}.schedulingGates")
    errors += spread_errors(spec.topologySpreadConstraints, f"{path}.topologySpreadConstraints")
    errors += host_process_errors(spec, path)
    errors += host_users_errors(spec, path)
    errors += _name_errors(spec, path)
    errors += _optional_errors(spec, path)
    return errors + os_errors(spec, path)


def _choice(value: str, choices: Sequence[str], path: str) -> list[FieldError]:
    if not value:
        return [required(path)]
    return [] if value in choices else [not_supported(path, value, choices)]


def _named(value: str, rule: names.Rule, path: str) -> list[FieldError]:
    return [invalid(path, value, text) for text in rule(value)] if value else []


def _name_errors(spec: PodSpec, path: str) -> list[FieldError]:
    errors = _named(spec.serviceAccountName, names.dns1123_subdomain, f"{path}.serviceAccountName")
    errors += _named(spec.nodeName, names.dns1123_subdomain, f"{path}.nodeName")
    seconds = spec.activeDeadlineSeconds
    if seconds is not None:
        where = f"{path}.activeDeadlineSeconds"
        errors += [invalid(where, seconds, text) for text in names.in_range(seconds, 1, INT32)]
    errors += _named(spec.hostname, names.dns1123_label, f"{path}.hostname")
    errors += _named(spec.subdomain, names.dns1123_label, f"{path}.subdomain")
    errors += _hostname_override_errors(spec, path)
    errors += toleration_errors(spec.tolerations, f"{path}.tolerations")
    errors += _alias_errors(spec.hostAliases, f"{path}.hostAliases")
    return errors + _named(
        spec.priorityClassName, names.dns1123_subdomain, f"{path}.priorityClassName"
    )


def _hostname_override_errors(spec: PodSpec, path: str) -> list[FieldError]:
    override = spec.hostnameOverride
    if override is None:
        return []
    where = f"{path}.hostnameOverride"
    errors = [invalid(where, override, text) for text in names.dns1123_subdomain(override)]
    if len(override) > HOSTNAME_LENGTH:
        why = f"must be no more than {HOSTNAME_LENGTH} characters"
        errors.append(invalid(where, override, why))
    if spec.setHostnameAsFQDN:
        why = "hostnameOverride and setHostnameAsFQDN cannot be set at the same time"
        errors.append(forbidden(where, why))
    if spec.hostNetwork:
        why = "hostnameOverride cannot be set when hostNetwork is true"
        errors.append(forbidden(where, why))
    return errors


def _optional_errors(spec: PodSpec, path: str) -> list[FieldError]:
    errors = []
    if spec.runtimeClassName is not None:
        name = spec.runtimeClassName
        messages = names.dns1123_subdomain(name)
        errors += [invalid(f"{path}.runtimeClassName", name, text) for text in messages]
    if spec.preemptionPolicy is not None:
        errors += _choice(spec.preemptionPolicy, PREEMPTION_POLICIES, f"{path}.preemptionPolicy")
    for name in sorted(spec.overhead):
        where = f"{path}.overhead.limits[{name}]"
        errors += name_errors(name, where) + amount_errors(name, spec.overhead[name], where)
    return errors


def _claim_errors(claims: Sequence[PodResourceClaim], path: str) -> list[FieldError]:
    errors = []
    seen = set()
    for index, claim in enumerate(claims):
        where = f"{path}[{index}]"
        if not claim.name:
            errors.append(required(f"{where}.name"))
        elif claim.name in seen:
            errors.append(duplicate(f"{where}.name", claim.name))
        else:
            errors += _named(claim.name, names.dns1123_label, f"{where}.name")
            seen.add(claim.name)
        given, template = claim.resourceClaimName, claim.resourceClaimTemplateName
        if given is not None and template is not None:
            why = (
                "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"
            )
            errors.append(invalid(where, claim, why))
        if given is None and template is None:
            why = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"
            errors.append(invalid(where, claim, why))
        for field in ("resourceClaimName", "resourceClaimTemplateName"):
            value = getattr(claim, field)
            if value is not None:
                messages = names.dns1123_subdomain(value)
                errors += [invalid(f"{where}.{field}", value, text) for text in messages]
    return errors


def _host_network_errors(spec: PodSpec, path: str, pod: bool) -> list[FieldError]:
    """On the host's network, a container's port is the host's. Templates may leave it open."""
    if not spec.hostNetwork:
        return []
    why = "must match `containerPort` when `hostNetwork` is true"
    return [
        invalid(f"{path}.containers[{index}].ports[{number}].hostPort", port.hostPort, why)
        for index, container in enumerate(spec.containers)
        for number, port in enumerate(container.ports)
        if (pod or port.hostPort) and port.hostPort != port.containerPort
    ]


def _dns_errors(config: PodDNSConfig | None, policy: str, path: str) -> list[FieldError]:
    if policy == "None":
        if config is None:
            return [required(path, "must provide `dnsConfig` when `dnsPolicy` is None")]
        if not config.nameservers:
            why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            return [required(f"{path}.nameservers", why)]
    if config is None:
        return []
    errors = []
    servers, searches = config.nameservers, config.searches
    if len(servers) > NAMESERVERS_LIMIT:
        why = f"must not have more than {NAMESERVERS_LIMIT} nameservers"
        errors.append(invalid(f"{path}.nameservers", servers, why))
    for index, server in enumerate(servers):
        errors += ip_errors(f"{path}.nameservers[{index}]", server)
    if len(searches) > SEARCHES_LIMIT:
        why = f"must not have more than {SEARCHES_LIMIT} search paths"
        errors.append(invalid(f"{path}.searches", searches, why))
    if len(" ".join(searches)) > SEARCHES_LENGTH:
        why = (
            f"must not have more than {SEARCHES_LENGTH} characters (including spaces) in the "
            "search list"
        )
        errors.append(invalid(f"{path}.searches", searches, why))
    for index, search in enumerate(searches):
        if search != ".":
            domain = search.removesuffix(".")
            messages = names.dns1123_subdomain_with_underscore(domain)
            where = f"{path}.searches[{index}]"
            errors += [invalid(where, domain, text) for text in messages]
    for index, option in enumerate(config.options):
        if not option.name:
            errors.append(required(f"{path}.options[{index}]", "must not be empty"))
    return errors


def _gate_errors(gates: Sequence[PodSchedulingGate], path: str) -> list[FieldError]:
    errors = []
    seen = set()
    for index, gate in enumerate(gates):
        where = f"{path}[{index}]"
        errors += [invalid(where, gate.name, text) for text in names.qualified_name(gate.name)]
        if gate.name in seen:
            errors.append(duplicate(where, gate.name))
        seen.add(gate.name)
    return errors


def _alias_errors(aliases: Sequence[HostAlias], path: str) -> list[FieldError]:
    errors = []
    for index, alias in enumerate(aliases):
        errors += ip_errors(f"{path}[{index}].ip", alias.ip)
        for number, hostname in enumerate(alias.hostnames):
            where = f"{path}[{index}].hostnames[{number}]"
            errors += [invalid(where, hostname, t) for t in names.dns1123_subdomain(hostname)]
    return errors
