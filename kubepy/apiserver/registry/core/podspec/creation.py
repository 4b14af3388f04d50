"""What the creation of a pod writes into its spec, from its own labels and annotations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    AppArmorProfile,
    Container,
    Pod,
    PodAffinityTerm,
    SecurityContext,
)
from kubepy.api.meta.v1 import LabelSelector, LabelSelectorRequirement
from kubepy.apiserver.registry.core.podspec.annotations import APP_ARMOR, LOCALHOST
from kubepy.apiserver.registry.core.podspec.security import app_armor_errors


def complete(pod: Pod) -> Pod:
    return with_profiles(with_selected_labels(pod))


# ---- labels that the pod shares with its equals


def with_selected_labels(pod: Pod) -> Pod:
    """Selectors get the pod's own values of the keys that they are to match or to miss."""
    spec, labels = pod.spec, pod.metadata.labels
    changes: dict[str, Any] = {}
    if any(constraint.matchLabelKeys for constraint in spec.topologySpreadConstraints):
        changes["topologySpreadConstraints"] = tuple(
            _completed(constraint, labels) for constraint in spec.topologySpreadConstraints
        )
    if spec.affinity is not None:
        affinity = replace(
            spec.affinity,
            podAffinity=_completed_affinity(spec.affinity.podAffinity, labels),
            podAntiAffinity=_completed_affinity(spec.affinity.podAntiAffinity, labels),
        )
        if affinity != spec.affinity:
            changes["affinity"] = affinity
    return replace(pod, spec=replace(spec, **changes)) if changes else pod


def _completed_affinity(affinity: Any, labels: Mapping[str, str]) -> Any:
    """Affinity and anti-affinity alike."""
    if affinity is None:
        return None
    return replace(
        affinity,
        requiredDuringSchedulingIgnoredDuringExecution=tuple(
            _completed(term, labels)
            for term in affinity.requiredDuringSchedulingIgnoredDuringExecution
        ),
        preferredDuringSchedulingIgnoredDuringExecution=tuple(
            replace(weighted, podAffinityTerm=_completed(weighted.podAffinityTerm, labels))
            for weighted in affinity.preferredDuringSchedulingIgnoredDuringExecution
        ),
    )


def _completed(one: Any, labels: Mapping[str, str]) -> Any:
    """A term of affinity, or a constraint of spreading, which cannot say what to miss."""
    missing = one.mismatchLabelKeys if isinstance(one, PodAffinityTerm) else ()
    if one.labelSelector is None or not (one.matchLabelKeys or missing):
        return one
    selector = _narrowed(one.labelSelector, one.matchLabelKeys, "In", labels)
    return replace(one, labelSelector=_narrowed(selector, missing, "NotIn", labels))


def _narrowed(
    selector: LabelSelector, keys: tuple[str, ...], operator: str, labels: Mapping[str, str]
) -> LabelSelector:
    more = tuple(
        LabelSelectorRequirement(key=key, operator=operator, values=(labels[key],))
        for key in keys
        if key in labels
    )
    return replace(selector, matchExpressions=selector.matchExpressions + more)


# ---- AppArmor, which annotations asked for before there were fields


def with_profiles(pod: Pod) -> Pod:
    if not any(key.startswith(APP_ARMOR) for key in pod.metadata.annotations):
        return pod
    changes = {
        field: tuple(_with_profile(container, pod) for container in getattr(pod.spec, field))
        for field in ("containers", "initContainers")
    }
    return replace(pod, spec=replace(pod.spec, **changes))


def _with_profile(container: Container, pod: Pod) -> Container:
    profile = annotated_profile(container, pod)
    if profile is None or profile == _profile_of(pod):
        return container
    context = container.securityContext or SecurityContext()
    return replace(container, securityContext=replace(context, appArmorProfile=profile))


def names_profile_late(container: Container, pod: Pod) -> bool:
    """Whether this container of a new pod asks for a profile by nothing but an annotation."""
    if _is_settled(container, pod) or APP_ARMOR + container.name not in pod.metadata.annotations:
        return False
    profile = annotated_profile(container, pod)
    return profile is None or profile != _profile_of(pod)


def annotated_profile(container: Container, pod: Pod) -> AppArmorProfile | None:
    """What the annotation says, if it counts and is any good."""
    text = pod.metadata.annotations.get(APP_ARMOR + container.name)
    if text is None or _is_settled(container, pod):
        return None
    if text == "unconfined":
        return AppArmorProfile(type="Unconfined")
    if text == "runtime/default":
        return AppArmorProfile(type="RuntimeDefault")
    name = text.removeprefix(LOCALHOST)
    if name in ("", text):
        return None
    profile = AppArmorProfile(type="Localhost", localhostProfile=name)
    return None if app_armor_errors(profile, "") else profile


def _is_settled(container: Container, pod: Pod) -> bool:
    """Whether no annotation counts: the field is there, or the system knows no AppArmor."""
    context, system = container.securityContext, pod.spec.os
    windows = system is not None and system.name == "windows"
    return windows or (context is not None and context.appArmorProfile is not None)


def _profile_of(pod: Pod) -> AppArmorProfile | None:
    context = pod.spec.securityContext
    return context.appArmorProfile if context is not None else None
