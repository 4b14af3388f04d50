"""CSIStorageCapacity: how much room a driver has for a class in one part of the cluster."""

from __future__ import annotations

from typing import Any

from kubepy.api.storage.v1 import CSIStorageCapacity
from kubepy.apiserver.registry.numbers import NEGATIVE
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.registry.values import immutable, named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid
from kubepy.meta.labels import check_label_selector


def validate(capacity: CSIStorageCapacity) -> list[FieldError]:
    errors = check_label_selector(capacity.nodeTopology, "nodeTopology")
    errors += named(capacity.storageClassName, names.dns1123_subdomain, "storageClassName")
    amount = capacity.capacity
    if amount is not None and amount.exact() < 0:
        errors.append(invalid("capacity", amount, NEGATIVE))
    return errors


def validate_update(new: CSIStorageCapacity, old: CSIStorageCapacity) -> list[FieldError]:
    errors = immutable(new.nodeTopology, old.nodeTopology, "nodeTopology")
    return errors + immutable(new.storageClassName, old.storageClassName, "storageClassName")


def row(capacity: CSIStorageCapacity, now: float) -> tuple[Any, ...]:
    return capacity.metadata.name, capacity.metadata.creationTimestamp


STRATEGY = Strategy(
    unconditional_update=False,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
