"""What Role and ClusterRole, and their bindings, have in common."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRule,
    Role,
    RoleBinding,
    RoleRef,
    Subject,
)
from kubepy.apiserver.registry.strategy import age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, not_supported, required

GROUP = "rbac.authorization.k8s.io"
SUBJECT_KINDS = ("ServiceAccount", "User", "Group")


def rules_errors(rules: tuple[PolicyRule, ...], *, namespaced: bool) -> list[FieldError]:
    errors = []
    for index, rule in enumerate(rules):
        path = f"rules[{index}]"
        if not rule.verbs:
            errors.append(required(f"{path}.verbs", "verbs must contain at least one value"))
        if rule.nonResourceURLs:
            errors += _url_errors(f"{path}.nonResourceURLs", rule, namespaced)
            continue
        if not rule.apiGroups:
            why = "resource rules must supply at least one api group"
            errors.append(required(f"{path}.apiGroups", why))
        if not rule.resources:
            why = "resource rules must supply at least one resource"
            errors.append(required(f"{path}.resources", why))
    return errors


def _url_errors(path: str, rule: PolicyRule, namespaced: bool) -> list[FieldError]:
    if namespaced:
        why = "namespaced rules cannot apply to non-resource URLs"
        return [invalid(path, rule.nonResourceURLs, why)]
    if rule.apiGroups or rule.resources or rule.resourceNames:
        why = "rules cannot apply to both regular resources and non-resource URLs"
        return [invalid(path, rule.nonResourceURLs, why)]
    return []


def default_binding(binding: Any) -> Any:
    """Where a group is left out, the kind says which it is."""
    subjects = tuple(
        replace(subject, apiGroup=GROUP)
        if not subject.apiGroup and subject.kind in ("User", "Group")
        else subject
        for subject in binding.subjects
    )
    ref = binding.roleRef
    return replace(
        binding, subjects=subjects, roleRef=ref if ref.apiGroup else replace(ref, apiGroup=GROUP)
    )


def binding_errors(
    ref: RoleRef, subjects: tuple[Subject, ...], *, namespaced: bool
) -> list[FieldError]:
    errors = []
    if ref.apiGroup != GROUP:
        errors.append(not_supported("roleRef.apiGroup", ref.apiGroup, (GROUP,)))
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    if ref.kind not in kinds:
        errors.append(not_supported("roleRef.kind", ref.kind, kinds))
    if ref.name:
        errors += [invalid("roleRef.name", ref.name, m) for m in names.path_segment(ref.name)]
    else:
        errors.append(required("roleRef.name"))
    for index, subject in enumerate(subjects):
        errors += _subject_errors(f"subjects[{index}]", subject, namespaced)
    return errors


def _subject_errors(path: str, subject: Subject, namespaced: bool) -> list[FieldError]:
    errors = [] if subject.name else [required(f"{path}.name")]
    match subject.kind:
        case "ServiceAccount":
            if subject.name:
                messages = names.dns1123_subdomain(subject.name)
                errors += [invalid(f"{path}.name", subject.name, m) for m in messages]
            if subject.apiGroup:
                errors.append(not_supported(f"{path}.apiGroup", subject.apiGroup, ("",)))
            if not namespaced and not subject.namespace:
                errors.append(required(f"{path}.namespace"))
        case "User" | "Group":
            if subject.apiGroup != GROUP:
                errors.append(not_supported(f"{path}.apiGroup", subject.apiGroup, (GROUP,)))
        case _:
            errors.append(not_supported(f"{path}.kind", subject.kind, SUBJECT_KINDS))
    return errors


def ref_change_errors(new: RoleRef, old: RoleRef) -> list[FieldError]:
    return [invalid("roleRef", new, "cannot change roleRef")] if new != old else []


def role_row(role: Role | ClusterRole, now: float) -> tuple[Any, ...]:
    return role.metadata.name, role.metadata.creationTimestamp


def binding_row(binding: RoleBinding | ClusterRoleBinding, now: float) -> tuple[Any, ...]:
    subjects = binding.subjects

    def named(kind: str) -> str:
        return ", ".join(s.name for s in subjects if s.kind == kind)

    accounts = ", ".join(f"{s.namespace}/{s.name}" for s in subjects if s.kind == "ServiceAccount")
    return (
        binding.metadata.name,
        f"{binding.roleRef.kind}/{binding.roleRef.name}",
        age(binding.metadata.creationTimestamp, now),
        named("User"),
        named("Group"),
        accounts,
    )
