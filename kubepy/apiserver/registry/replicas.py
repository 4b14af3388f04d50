"""What ReplicaSets and ReplicationControllers have in common."""

from __future__ import annotations

from typing import Any

from kubepy.apiserver.registry.core.podspec.warnings import (
    name_warnings,
    respecified,
    template_warnings,
)
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.meta.errors import FieldError, invalid

_COUNTS = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")


def replica_status_errors(new: Any, old: Any) -> list[FieldError]:
    status = new.status
    errors = []
    for field in ("replicas", *_COUNTS, "observedGeneration"):
        errors += nonnegative(getattr(status, field), f"status.{field}")
    for field in _COUNTS:
        value = getattr(status, field)
        if value > status.replicas:
            why = "cannot be greater than status.replicas"
            errors.append(invalid(f"status.{field}", value, why))
    if status.availableReplicas > status.readyReplicas:
        why = "cannot be greater than readyReplicas"
        errors.append(invalid("status.availableReplicas", status.availableReplicas, why))
    return errors


def fields(owner: Any) -> dict[str, str]:
    return {"status.replicas": str(owner.status.replicas)}


def warnings(owner: Any) -> list[str]:
    found = name_warnings(owner.metadata.name)
    return found + template_warnings(owner.spec.template, "spec.template")


def update_warnings(new: Any, old: Any) -> list[str]:
    return template_warnings(new.spec.template, "spec.template") if respecified(new, old) else []
