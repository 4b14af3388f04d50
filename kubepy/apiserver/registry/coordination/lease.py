"""Lease: who holds something, and until when."""

from __future__ import annotations

from typing import Any

from kubepy.api.coordination.v1 import Lease
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported

STRATEGIES = ("OldestEmulationVersion",)


def validate(lease: Lease) -> list[FieldError]:
    spec = lease.spec
    errors = []
    if spec.leaseDurationSeconds is not None and spec.leaseDurationSeconds <= 0:
        why = "must be greater than 0"
        errors.append(invalid("spec.leaseDurationSeconds", spec.leaseDurationSeconds, why))
    if spec.leaseTransitions is not None and spec.leaseTransitions < 0:
        why = "must be greater than or equal to 0"
        errors.append(invalid("spec.leaseTransitions", spec.leaseTransitions, why))
    if spec.strategy is not None and "/" not in spec.strategy:
        if spec.strategy not in STRATEGIES:
            errors.append(not_supported("spec.strategy", spec.strategy, STRATEGIES))
    if spec.preferredHolder is not None and spec.strategy is None:
        why = "can only be set when strategy is defined"
        errors.append(forbidden("spec.preferredHolder", why))
    return errors


def validate_update(new: Lease, old: Lease) -> list[FieldError]:
    return validate(new)


def row(lease: Lease, now: float) -> tuple[Any, ...]:
    since = age(lease.metadata.creationTimestamp, now)
    return lease.metadata.name, lease.spec.holderIdentity or "", since


STRATEGY = Strategy(
    unconditional_update=False,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
    create_on_update=True,
)
