"""Conditions of a status: found by type, and set without touching what did not change.

Any Struct with `type`, `status` and `lastTransitionTime` is a condition (PodCondition,
DeploymentCondition, meta/v1 Condition, ...).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec.structs import replace

C = TypeVar("C")

TRUE, FALSE, UNKNOWN = "True", "False", "Unknown"


def find(conditions: Iterable[C], type_: str) -> C | None:
    return next((condition for condition in conditions if condition.type == type_), None)  # type: ignore[attr-defined]


def is_true(conditions: Iterable[Any], type_: str) -> bool:
    condition = find(conditions, type_)
    return condition is not None and condition.status == TRUE


def put(conditions: tuple[C, ...], condition: Any) -> tuple[C, ...]:
    """`conditions` with `condition` in the place of its type, or at the end.

    While the status stays the same, so does lastTransitionTime. Nothing new: the same tuple.
    """
    current = find(conditions, condition.type)
    if current is None:
        return (*conditions, condition)
    if current.status == condition.status:  # type: ignore[attr-defined]
        condition = replace(condition, lastTransitionTime=current.lastTransitionTime)  # type: ignore[attr-defined]
    if condition == current:
        return conditions
    return tuple(condition if other is current else other for other in conditions)


def drop(conditions: tuple[C, ...], type_: str) -> tuple[C, ...]:
    """`conditions` without that type."""
    return tuple(condition for condition in conditions if condition.type != type_)  # type: ignore[attr-defined]
