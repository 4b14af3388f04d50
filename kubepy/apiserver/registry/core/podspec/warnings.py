"""What clients should read about pods and templates that are valid, and still not well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kubepy.api.core.v1 import NodeSelectorTerm, Pod, PodSpec, PodTemplateSpec
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.core.claims import fraction_warnings
from kubepy.apiserver.registry.core.podspec.annotations import (
    APP_ARMOR,
    SECCOMP_CONTAINER,
    SECCOMP_POD,
)
from kubepy.apiserver.registry.core.podspec.container_warnings import env_warnings, port_warnings
from kubepy.apiserver.registry.core.podspec.creation import names_profile_late
from kubepy.apiserver.registry.core.podspec.security import containers_of
from kubepy.apiserver.registry.core.podspec.volume_warnings import volume_warnings
from kubepy.apiserver.registry.network import ip_warnings
from kubepy.apiserver.registry.remembered import remembered
from kubepy.meta import names
from kubepy.meta.gotext import quote

NODE_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": (
        'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
    ),
    "failure-domain.beta.kubernetes.io/zone": (
        'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    ),
    "beta.kubernetes.io/instance-type": (
        'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
    ),
    "app.kubernetes.io/created-by": "deprecated since v1.9",
    "scheduler.alpha.kubernetes.io/preferAvoidPods": (
        "deprecated since v1.22; use Taints and Tolerations instead"
    ),
    "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
}
ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": (
        'non-functional in v1.16+; use the "priorityClassName" field instead'
    ),
    "security.alpha.kubernetes.io/sysctls": (
        'non-functional in v1.11+; use the "sysctls" field instead'
    ),
    "security.alpha.kubernetes.io/unsafe-sysctls": (
        'non-functional in v1.11+; use the "sysctls" field instead'
    ),
}
SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'
LATE_PROFILE = 'deprecated since v1.30; use the "appArmorProfile" field instead'
NO_SELECTOR = "a null labelSelector results in matching no pod"
HARD = "requiredDuringSchedulingIgnoredDuringExecution"
SOFT = "preferredDuringSchedulingIgnoredDuringExecution"
WHOLE = ("memory", "ephemeral-storage")  # what is counted in bytes


def pod_warnings(pod: Pod) -> list[str]:
    found = [
        f"metadata.annotations[{APP_ARMOR}{container.name}]: {LATE_PROFILE}"
        for container in (*pod.spec.initContainers, *pod.spec.containers)
        if names_profile_late(container, pod)
    ]
    found += name_warnings(pod.metadata.name, "the Pod's hostname")
    return found + _warnings(pod.spec, frozenset(pod.metadata.annotations), "")


def template_warnings(template: PodTemplateSpec | None, path: str) -> list[str]:
    if template is None:
        return []
    annotations, spec = template.metadata.annotations, template.spec
    found = _warnings(spec, frozenset(annotations), f"{path}.")
    if spec.securityContext is not None and spec.securityContext.appArmorProfile is not None:
        return found
    for container, _ in containers_of(spec, ""):
        key, own = APP_ARMOR + container.name, container.securityContext
        if key in annotations and (own is None or own.appArmorProfile is None):
            found.append(f"{path}.metadata.annotations[{key}]: {LATE_PROFILE}")
    return found


def name_warnings(name: str, use: str = "Pod names and hostnames") -> list[str]:
    """About a name of which the names of pods are made."""
    messages = names.dns1123_label(name)
    if not messages:
        return []
    return [
        f"metadata.name: this is used in {use}, which can result in surprising behavior; a DNS "
        f"label is recommended: [{' '.join(messages)}]"
    ]


def respecified(new: Any, old: Any) -> bool:
    """Whether an update changes what is desired; nobody hears the same warnings for less."""
    changed: bool = new.metadata.generation != old.metadata.generation
    return changed


@remembered
def _warnings(spec: PodSpec, annotations: frozenset[str], above: str) -> list[str]:
    """`annotations`: their names. `above`: what is in front of `spec` and `metadata` in a path."""
    path, notes = f"{above}spec", f"{above}metadata.annotations"
    found = _placement_warnings(spec, path)
    found += [f"{notes}[{key}]: {why}" for key, why in ANNOTATIONS.items() if key in annotations]
    found += volume_warnings(spec.volumes, f"{path}.volumes")
    found += _list_warnings(spec, path)
    found += _fractions(spec.overhead, f"{path}.overhead")
    context = spec.securityContext
    if SECCOMP_POD in annotations and (context is None or context.seccompProfile is None):
        found.append(f"{notes}[{SECCOMP_POD}]: {SECCOMP}")
    for container, where in containers_of(spec, path):
        key, own = SECCOMP_CONTAINER + container.name, container.securityContext
        if key in annotations and (own is None or own.seccompProfile is None):
            found.append(f"{notes}[{key}]: {SECCOMP}")
        found += _fractions(container.resources.limits, f"{where}.resources.limits")
        found += _fractions(container.resources.requests, f"{where}.resources.requests")
        found += env_warnings(container.env, f"{where}.env")
    found += port_warnings(spec, path)
    seconds = spec.terminationGracePeriodSeconds
    if seconds is not None and seconds < 0:
        why = "must be >= 0; negative values are invalid and will be treated as 1"
        found.append(f"{path}.terminationGracePeriodSeconds: {why}")
    found += _affinity_warnings(spec, f"{path}.affinity")
    for index, server in enumerate(spec.dnsConfig.nameservers if spec.dnsConfig else ()):
        found += ip_warnings(f"{path}.dnsConfig.nameservers[{index}]", server)
    for index, alias in enumerate(spec.hostAliases):
        found += ip_warnings(f"{path}.hostAliases[{index}].ip", alias.ip)
    return found


def _fractions(amounts: Mapping[str, Quantity], path: str) -> list[str]:
    found = []
    for resource in WHOLE:
        found += fraction_warnings(f"{path}[{resource}]", amounts.get(resource))
    return found


def _list_warnings(spec: PodSpec, path: str) -> list[str]:
    """Lists that apply merges by a key, which should be there, and once."""
    secrets = [secret.name for secret in spec.imagePullSecrets]
    where = f"{path}.imagePullSecrets"
    return [
        *_repeated((alias.ip for alias in spec.hostAliases), f"{path}.hostAliases", "ip"),
        *_repeated(secrets, where, "name"),
        *(
            f'{where}[{index}].name: invalid empty name ""'
            for index, name in enumerate(secrets)
            if not name
        ),
    ]


def _repeated(keys: Iterable[str], path: str, field: str) -> list[str]:
    found = []
    seen = set()
    for index, key in enumerate(keys):
        if key in seen:
            found.append(f"{path}[{index}].{field}: duplicate {field} {quote(key)}")
        seen.add(key)
    return found


# ---- placement


def _placement_warnings(spec: PodSpec, path: str) -> list[str]:
    found = [
        f"{path}.nodeSelector[{key}]: {NODE_LABELS[key]}"
        for key in sorted(spec.nodeSelector)
        if key in NODE_LABELS
    ]
    affinity = spec.affinity.nodeAffinity if spec.affinity else None
    if affinity is not None:
        hard = affinity.requiredDuringSchedulingIgnoredDuringExecution
        where = f"{path}.affinity.nodeAffinity"
        for index, term in enumerate(hard.nodeSelectorTerms if hard else ()):
            found += _term_warnings(term, f"{where}.{HARD}.nodeSelectorTerms[{index}]")
        for index, soft in enumerate(affinity.preferredDuringSchedulingIgnoredDuringExecution):
            inner = f"{where}.{SOFT}[{index}].preference"
            found += _term_warnings(soft.preference, inner, values=True)
    for index, constraint in enumerate(spec.topologySpreadConstraints):
        where, key = f"{path}.topologySpreadConstraints[{index}]", constraint.topologyKey
        if key in NODE_LABELS:
            found.append(f"{where}.topologyKey: {key} is {NODE_LABELS[key]}")
        if constraint.labelSelector is None:
            found.append(f"{where}.labelSelector: {NO_SELECTOR}")
    return found


def _term_warnings(term: NodeSelectorTerm, path: str, *, values: bool = False) -> list[str]:
    """`values`: also about values that no label can have; elsewhere they are refused."""
    found = []
    for index, expression in enumerate(term.matchExpressions):
        where, key = f"{path}.matchExpressions[{index}]", expression.key
        if key in NODE_LABELS:
            found.append(f"{where}.key: {key} is {NODE_LABELS[key]}")
        for number, value in enumerate(expression.values if values else ()):
            messages = names.label_value(value)
            found += [f"{where}.values[{number}]: {value} is invalid, {text}" for text in messages]
    return found


def _affinity_warnings(spec: PodSpec, path: str) -> list[str]:
    if spec.affinity is None:
        return []
    found: list[str] = []
    for field in ("podAffinity", "podAntiAffinity"):
        affinity = getattr(spec.affinity, field)
        if affinity is None:
            continue
        soft = [one.podAffinityTerm for one in getattr(affinity, SOFT)]
        found += _selectorless(getattr(affinity, HARD), f"{path}.{field}.{HARD}", "")
        found += _selectorless(soft, f"{path}.{field}.{SOFT}", ".podAffinityTerm")
    return found


def _selectorless(terms: Sequence[Any], path: str, inner: str) -> list[str]:
    return [
        f"{path}[{index}]{inner}.labelSelector: {NO_SELECTOR}"
        for index, term in enumerate(terms)
        if term.labelSelector is None
    ]
