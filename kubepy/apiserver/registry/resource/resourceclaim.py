"""ResourceClaim: devices that somebody wants, and once they are allocated, which."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.resource.v1 import ResourceClaim
from kubepy.apiserver.registry.resource.claims import default_spec, spec_errors
from kubepy.apiserver.registry.resource.claimstatus import status_errors
from kubepy.apiserver.registry.strategy import Strategy, age, keep_all_but_status
from kubepy.apiserver.registry.values import immutable
from kubepy.meta.errors import FieldError


def default(claim: ResourceClaim) -> ResourceClaim:
    return replace(claim, spec=default_spec(claim.spec))


def validate(claim: ResourceClaim) -> list[FieldError]:
    return spec_errors(claim.spec, "spec")


def validate_update(new: ResourceClaim, old: ResourceClaim) -> list[FieldError]:
    return immutable(new.spec, old.spec, "spec")


def row(claim: ResourceClaim, now: float) -> tuple[Any, ...]:
    meta = claim.metadata
    return meta.name, _state(claim), age(meta.creationTimestamp, now)


def _state(claim: ResourceClaim) -> str:
    """`deleted,allocated,reserved`"""
    deleted, allocated = claim.metadata.deletionTimestamp is not None, claim.status.allocation
    states = ["deleted"] if deleted else []
    if allocated is not None:
        states.append("allocated")
        if claim.status.reservedFor:
            states.append("reserved")
    elif not deleted:
        states.append("pending")
    return ",".join(states)


STRATEGY = Strategy(
    repeats_create_checks=True,
    returns_deleted=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=keep_all_but_status,
    validate_status=status_errors,
    row=row,
)
