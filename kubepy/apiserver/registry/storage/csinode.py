"""CSINode: the drivers that run on one node."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.storage.v1 import CSINode, CSINodeDriver
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import driver_name, immutable, named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, invalid, required

ID_LENGTH = 192  # bytes
LONG_ID_LENGTH = 256  # bytes; of drivers that were there before
PATH = "spec.drivers"


def validate(node: CSINode) -> list[FieldError]:
    return _errors(node, ID_LENGTH)


def validate_update(new: CSINode, old: CSINode) -> list[FieldError]:
    """A driver stays as it is, except for how many volumes it can have."""
    errors = _errors(new, LONG_ID_LENGTH)
    before = {driver.name: driver for driver in old.spec.drivers}
    for driver in new.spec.drivers:
        if driver.name in before:
            then = replace(before[driver.name], allocatable=None)
            errors += immutable(replace(driver, allocatable=None), then, PATH)
    return errors


def _errors(node: CSINode, longest_id: int) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, driver in enumerate(node.spec.drivers):
        path = f"{PATH}[{index}]"
        errors += driver_name(driver.name, f"{path}.name")
        errors += _id_errors(driver.nodeID, longest_id, f"{path}.nodeID")
        if driver.allocatable is not None:
            errors += nonnegative(driver.allocatable.count, f"{path}.allocatable.count")
        if driver.name in seen:
            errors.append(duplicate(f"{path}.name", driver.name))
        seen.add(driver.name)
        errors += _key_errors(driver, path)
    return errors


def _id_errors(node_id: str, longest: int, path: str) -> list[FieldError]:
    if not node_id:
        return [required(path)]
    if len(node_id.encode()) > longest:
        return [invalid(path, node_id, f"must be {longest} characters or less")]
    return []


def _key_errors(driver: CSINodeDriver, path: str) -> list[FieldError]:
    """Keys are complained about at the driver itself."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    for key in driver.topologyKeys:
        if not key:
            errors.append(required(path))
        if key in seen:
            errors.append(duplicate(path, key))
        seen.add(key)
        errors += named(key, names.qualified_name, path)
    return errors


def row(node: CSINode, now: float) -> tuple[Any, ...]:
    meta = node.metadata
    return meta.name, len(node.spec.drivers), age(meta.creationTimestamp, now)


STRATEGY = Strategy(
    unconditional_update=False,
    repeats_create_checks=True,
    returns_deleted=True,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
