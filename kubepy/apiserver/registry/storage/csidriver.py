"""CSIDriver: what a driver can do, and what it wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.storage.v1 import CSIDriver, CSIDriverSpec, TokenRequest
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice, immutable
from kubepy.meta.errors import FieldError, duplicate, invalid, not_supported

MODES = ("Persistent", "Ephemeral")
GROUP_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
SHORTEST_TOKEN = 600  # seconds
LONGEST_TOKEN = 1 << 32  # seconds
SHORTEST_PERIOD = 10  # seconds
# What may change; metadata.generation counts it.
MUTABLE = (
    "podInfoOnMount", "storageCapacity", "fsGroupPolicy", "tokenRequests", "requiresRepublish",
    "seLinuxMount", "nodeAllocatableUpdatePeriodSeconds", "serviceAccountTokenInSecrets",
)  # fmt: skip


def default(driver: CSIDriver) -> CSIDriver:
    spec = driver.spec
    policy = spec.fsGroupPolicy
    spec = replace(
        spec,
        attachRequired=True if spec.attachRequired is None else spec.attachRequired,
        podInfoOnMount=bool(spec.podInfoOnMount),
        storageCapacity=bool(spec.storageCapacity),
        fsGroupPolicy="ReadWriteOnceWithFSType" if policy is None else policy,
        volumeLifecycleModes=spec.volumeLifecycleModes or ("Persistent",),
        requiresRepublish=bool(spec.requiresRepublish),
        seLinuxMount=bool(spec.seLinuxMount),
    )
    return replace(driver, spec=spec)


def prepare_update(new: CSIDriver, old: CSIDriver) -> CSIDriver:
    if all(getattr(new.spec, field) == getattr(old.spec, field) for field in MUTABLE):
        return new
    meta = replace(new.metadata, generation=old.metadata.generation + 1)
    return replace(new, metadata=meta)


def validate(driver: CSIDriver) -> list[FieldError]:
    return _spec_errors(driver.spec)


def validate_update(new: CSIDriver, old: CSIDriver) -> list[FieldError]:
    spec, before = new.spec, old.spec
    errors = _spec_errors(spec)
    # The first path is misspelt in Kubernetes, too.
    errors += immutable(spec.attachRequired, before.attachRequired, "spec.attachedRequired")
    return errors + immutable(
        spec.volumeLifecycleModes, before.volumeLifecycleModes, "spec.volumeLifecycleModes"
    )


def _spec_errors(spec: CSIDriverSpec) -> list[FieldError]:
    errors = choice(spec.fsGroupPolicy, GROUP_POLICIES, "spec.fsGroupPolicy")
    errors += _token_errors(spec.tokenRequests, "spec.tokenRequests")
    path = "spec.volumeLifecycleModes"
    errors += [
        not_supported(path, mode, MODES) for mode in spec.volumeLifecycleModes if mode not in MODES
    ]
    period = spec.nodeAllocatableUpdatePeriodSeconds
    if period is not None and period < SHORTEST_PERIOD:
        why = "must be greater than or equal to 10 seconds"
        errors.append(invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, why))
    return errors


def _token_errors(requests: Sequence[TokenRequest], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    audiences: set[str] = set()
    for index, request in enumerate(requests):
        where, seconds = f"{path}[{index}].expirationSeconds", request.expirationSeconds
        if request.audience in audiences:
            errors.append(duplicate(f"{path}[{index}].audience", request.audience))
            continue
        audiences.add(request.audience)
        if seconds is not None and seconds < SHORTEST_TOKEN:
            why = "may not specify a duration less than 10 minutes"
            errors.append(invalid(where, seconds, why))
        if seconds is not None and seconds > LONGEST_TOKEN:
            why = "may not specify a duration larger than 2^32 seconds"
            errors.append(invalid(where, seconds, why))
    return errors


def row(driver: CSIDriver, now: float) -> tuple[Any, ...]:
    meta, spec = driver.metadata, driver.spec
    return (
        meta.name,
        spec.attachRequired,
        spec.podInfoOnMount,
        spec.storageCapacity,
        ",".join(request.audience for request in spec.tokenRequests) or "<unset>",
        spec.requiresRepublish,
        ",".join(spec.volumeLifecycleModes),
        age(meta.creationTimestamp, now),
    )


STRATEGY = Strategy(
    unconditional_update=False,
    returns_deleted=True,
    default=default,
    prepare_update=prepare_update,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
