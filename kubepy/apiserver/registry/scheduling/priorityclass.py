"""PriorityClass: a name for a pod's priority."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.scheduling.v1 import PriorityClass
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice, immutable
from kubepy.meta.errors import FieldError, forbidden

SYSTEM_PREFIX = "system-"
HIGHEST_OF_USERS = 1_000_000_000
PREEMPT = "PreemptLowerPriority"
POLICIES = (PREEMPT, "Never")


def _system(name: str, value: int, description: str) -> PriorityClass:
    return PriorityClass(
        metadata=ObjectMeta(name=name),
        value=value,
        description=description,
        preemptionPolicy=PREEMPT,
    )


SYSTEM = (
    _system(
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    ),
    _system(
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another "
        "node if necessary.",
    ),
)
"""The classes that every cluster has."""


def default(priority: PriorityClass) -> PriorityClass:
    if priority.preemptionPolicy is not None:
        return priority
    return replace(priority, preemptionPolicy=PREEMPT)


def prepare_create(priority: PriorityClass) -> PriorityClass:
    """What would be counted never changes."""
    return replace(priority, metadata=replace(priority.metadata, generation=1))


def validate(priority: PriorityClass) -> list[FieldError]:
    errors = []
    if priority.metadata.name.startswith(SYSTEM_PREFIX):
        if problem := _system_problem(priority):
            why = (
                f"priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use "
                f"only. error: {problem}"
            )
            errors.append(forbidden("metadata.name", why))
    elif priority.value > HIGHEST_OF_USERS:
        why = f"maximum allowed value of a user defined priority is {HIGHEST_OF_USERS}"
        errors.append(forbidden("value", why))
    return errors + choice(priority.preemptionPolicy, POLICIES, "preemptionPolicy")


def _system_problem(priority: PriorityClass) -> str:
    """Why this is not one of the classes that every cluster has."""
    name = priority.metadata.name
    known = next((each for each in SYSTEM if each.metadata.name == name), None)
    if known is None:
        return f"{name} is not a known system priority class"
    if priority.value != known.value:
        return f"value of {name} PriorityClass must be {known.value}"
    if priority.globalDefault:
        return f"globalDefault of {name} PriorityClass must be false"
    return ""


def validate_update(new: PriorityClass, old: PriorityClass) -> list[FieldError]:
    errors = []
    if new.value != old.value:
        errors.append(forbidden("value", "may not be changed in an update."))
    return errors + immutable(new.preemptionPolicy, old.preemptionPolicy, "preemptionPolicy")


def row(priority: PriorityClass, now: float) -> tuple[Any, ...]:
    meta = priority.metadata
    return (
        meta.name,
        priority.value,
        priority.globalDefault,
        age(meta.creationTimestamp, now),
        priority.preemptionPolicy or "",
    )


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
