"""The status of ReplicaSets and ReplicationControllers."""

from __future__ import annotations

from typing import Any

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
