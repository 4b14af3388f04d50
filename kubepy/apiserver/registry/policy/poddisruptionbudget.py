"""PodDisruptionBudget: how many pods of a set may be away on purpose."""

from __future__ import annotations

from typing import Any

from kubepy.api.policy.v1 import PodDisruptionBudget
from kubepy.apiserver.registry.conditions import condition_errors
from kubepy.apiserver.registry.numbers import at_most_all, count_or_percent, nonnegative
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError, invalid, not_supported
from kubepy.meta.labels import check_label_selector

COUNTS = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
POLICIES = ("AlwaysAllow", "IfHealthyBudget")


def validate(budget: PodDisruptionBudget) -> list[FieldError]:
    spec = budget.spec
    errors = []
    if spec.minAvailable is not None and spec.maxUnavailable is not None:
        errors.append(invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"))
    for name in ("minAvailable", "maxUnavailable"):
        value = getattr(spec, name)
        errors += count_or_percent(value, f"spec.{name}") or at_most_all(value, f"spec.{name}")
    errors += check_label_selector(spec.selector, "spec.selector")
    policy = spec.unhealthyPodEvictionPolicy
    if policy is not None and policy not in POLICIES:
        errors.append(not_supported("spec.unhealthyPodEvictionPolicy", policy, POLICIES))
    return errors


def validate_update(new: PodDisruptionBudget, old: PodDisruptionBudget) -> list[FieldError]:
    return validate(new)


def validate_status(new: PodDisruptionBudget, old: PodDisruptionBudget) -> list[FieldError]:
    errors = condition_errors(new.status.conditions, "status.conditions")
    for name in COUNTS:
        errors += nonnegative(getattr(new.status, name), f"status.{name}")
    return errors


def row(budget: PodDisruptionBudget, now: float) -> tuple[Any, ...]:
    spec = budget.spec
    return (
        budget.metadata.name,
        "N/A" if spec.minAvailable is None else str(spec.minAvailable),
        "N/A" if spec.maxUnavailable is None else str(spec.maxUnavailable),
        budget.status.disruptionsAllowed,
        age(budget.metadata.creationTimestamp, now),
    )


STRATEGY = Strategy(
    unconditional_update=False,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    row=row,
    generation=True,
)
