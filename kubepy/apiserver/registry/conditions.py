"""Rules of metav1.Condition: what is true of an object, since when, and why."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.api.meta.v1 import Condition
from kubepy.apiserver.registry.values import choice, named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, invalid, required, too_long

STATUSES = ("False", "True", "Unknown")
REASON_LENGTH, MESSAGE_LENGTH = 1024, 32 * 1024  # bytes


def condition_errors(conditions: Sequence[Condition], path: str) -> list[FieldError]:
    errors = []
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        where = f"{path}[{index}]"
        if condition.type in seen:
            errors.append(duplicate(f"{where}.type", condition.type))
        seen.add(condition.type)
        errors += _errors(condition, where)
    return errors


def _errors(condition: Condition, path: str) -> list[FieldError]:
    errors = named(condition.type, names.label_key, f"{path}.type")
    errors += choice(condition.status, STATUSES, f"{path}.status")
    generation, reason = condition.observedGeneration, condition.reason
    if generation < 0:
        why = "must be greater than or equal to zero"
        errors.append(invalid(f"{path}.observedGeneration", generation, why))
    if condition.lastTransitionTime is None:
        errors.append(required(f"{path}.lastTransitionTime", "must be set"))
    if not reason:
        errors.append(required(f"{path}.reason", "must be set"))
    errors += named(reason, names.condition_reason, f"{path}.reason") if reason else []
    if len(reason.encode()) > REASON_LENGTH:
        errors.append(too_long(f"{path}.reason", "", REASON_LENGTH))
    if len(condition.message.encode()) > MESSAGE_LENGTH:
        errors.append(too_long(f"{path}.message", "", MESSAGE_LENGTH))
    return errors
