"""ResourceQuota: how much of each resource a namespace may hold."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import ResourceQuota, ResourceQuotaSpec
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required

STANDARD = {
    "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory",
    "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
    "limits.ephemeral-storage", "pods", "resourcequotas", "services", "replicationcontrollers",
    "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports",
    "services.loadbalancers",
}  # fmt: skip
KNOWN_OTHERS = {"storage"}
INTEGERS = {
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
    "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
}  # fmt: skip
SCOPES = {
    "Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass",
    "CrossNamespacePodAffinity", "VolumeAttributesClass",
}  # fmt: skip
_POD_RESOURCES = {
    "pods", "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
}  # fmt: skip
CONFLICTS = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})
_PREFIXES = ("requests.", "limits.", "count/", "hugepages-", "requests.hugepages-")


def validate(quota: ResourceQuota) -> list[FieldError]:
    errors = _spec_errors(quota.spec)
    for name, amounts in (("hard", quota.status.hard), ("used", quota.status.used)):
        for key, amount in sorted(amounts.items()):
            errors += _resource_errors(f"status.{name}[{key}]", key)
            errors += _amount_errors(f"status.{name}[{key}]", key, amount)
    return errors


def _spec_errors(spec: ResourceQuotaSpec) -> list[FieldError]:
    errors = []
    for key, amount in sorted(spec.hard.items()):
        path = f"spec.hard[{key}]"
        errors += _resource_errors(path, key)
        errors += _amount_errors(path, key, amount)
    return errors + _scope_errors(spec) + _selector_errors(spec)


def _resource_errors(path: str, key: str) -> list[FieldError]:
    messages = names.label_key(key)
    errors = [invalid(path, key, message) for message in messages]
    if messages or "/" in key or key.startswith(_PREFIXES):
        return errors
    if key not in STANDARD | KNOWN_OTHERS:
        errors.append(invalid(path, key, "must be a standard resource type or fully qualified"))
    if key not in STANDARD:
        errors.append(invalid(path, key, "must be a standard resource for quota"))
    return errors


def _amount_errors(path: str, key: str, amount: Quantity) -> list[FieldError]:
    errors = []
    if amount.exact() < 0:
        errors.append(invalid(path, amount, "must be greater than or equal to 0"))
    if (key in INTEGERS or key.startswith("count/")) and amount.milli() % 1000:
        errors.append(invalid(path, amount, "must be an integer"))
    return errors


def _fits(scope: str, resource: str) -> bool:
    """Whether a scope may go with a resource: all of them speak of pods, but for one."""
    if scope == "BestEffort":
        return resource == "pods"
    if scope == "VolumeAttributesClass":
        return resource in ("persistentvolumeclaims", "requests.storage")
    return resource in _POD_RESOURCES or "/" in resource and not resource.startswith("count/")


def _scope_errors(spec: ResourceQuotaSpec) -> list[FieldError]:
    if not spec.scopes:
        return []
    path = "spec.scopes"
    errors = []
    for scope in dict.fromkeys(spec.scopes):
        if scope not in SCOPES:
            errors.append(invalid(path, spec.scopes, "unsupported scope"))
            continue
        why = "unsupported scope applied to resource"
        misfits = [key for key in spec.hard if not _fits(scope, key)]
        errors += [invalid(path, spec.scopes, why) for _ in misfits]
    for pair in CONFLICTS:
        if pair <= set(spec.scopes):
            errors.append(invalid(path, spec.scopes, "conflicting scopes"))
    return errors


def _selector_errors(spec: ResourceQuotaSpec) -> list[FieldError]:
    if spec.scopeSelector is None:
        return []
    path = "spec.scopeSelector.matchExpressions"
    errors = []
    for term in spec.scopeSelector.matchExpressions:
        if term.scopeName not in SCOPES:
            errors.append(invalid(f"{path}.scopeName", term.scopeName, "unsupported scope"))
        elif any(not _fits(term.scopeName, key) for key in spec.hard):
            why = "unsupported scope applied to resource"
            errors.append(invalid(path, spec.scopeSelector, why))
        if term.operator in ("In", "NotIn"):
            if not term.values:
                why = (
                    "must be at least one value when `operator` is 'In' or 'NotIn' for scope "
                    "selector"
                )
                errors.append(required(f"{path}.values", why))
        elif term.operator in ("Exists", "DoesNotExist"):
            if term.values:
                why = (
                    "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope "
                    "selector"
                )
                errors.append(invalid(f"{path}.values", term.values, why))
        else:
            errors.append(
                invalid(f"{path}.operator", term.operator, "not a valid selector operator")
            )
    return errors


def validate_update(new: ResourceQuota, old: ResourceQuota) -> list[FieldError]:
    errors = validate(new)
    if sorted(new.spec.scopes) != sorted(old.spec.scopes):
        errors.append(invalid("spec.scopes", new.spec.scopes, "field is immutable"))
    return errors


def validate_status(new: ResourceQuota, old: ResourceQuota) -> list[FieldError]:
    return validate(new)


def row(quota: ResourceQuota, now: float) -> tuple[Any, ...]:
    requests: list[str] = []
    limits: list[str] = []
    for key, hard in sorted(quota.status.hard.items()):
        entry = f"{key}: {quota.status.used.get(key, '0')}/{hard}"
        (limits if key.startswith("limits") else requests).append(entry)
    return (
        quota.metadata.name,
        ", ".join(requests),
        ", ".join(limits),
        age(quota.metadata.creationTimestamp, now),
    )


STRATEGY = Strategy(
    returns_deleted=True,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    row=row,
)
