"""PodDisruptionBudget: how many pods of a set may be away on purpose."""

from __future__ import annotations

from typing import Any

from kubepy.api.policy.v1 import PodDisruptionBudget
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, not_supported
from kubepy.meta.labels import check_label_selector

POLICIES = ("AlwaysAllow", "IfHealthyBudget")


def validate(budget: PodDisruptionBudget) -> list[FieldError]:
    spec = budget.spec
    errors = []
    if spec.minAvailable is not None and spec.maxUnavailable is not None:
        errors.append(invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"))
    for name in ("minAvailable", "maxUnavailable"):
        value = getattr(spec, name)
        if value is not None:
            errors += int_or_percent_errors(f"spec.{name}", value)
    errors += check_label_selector(spec.selector, "spec.selector")
    policy = spec.unhealthyPodEvictionPolicy
    if policy is not None and policy not in POLICIES:
        errors.append(not_supported("spec.unhealthyPodEvictionPolicy", policy, POLICIES))
    return errors


def int_or_percent_errors(path: str, value: int | str) -> list[FieldError]:
    """A count, or a share of at most 100%."""
    if isinstance(value, int):
        why = "must be greater than or equal to 0"
        return [invalid(path, value, why)] if value < 0 else []
    errors = [invalid(path, value, message) for message in names.percent(value)]
    if not errors and int(value.removesuffix("%")) > 100:
        errors.append(invalid(path, value, "must not be greater than 100%"))
    return errors


def validate_update(new: PodDisruptionBudget, old: PodDisruptionBudget) -> list[FieldError]:
    return validate(new)


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
    row=row,
    generation=True,
)
