"""ServiceCIDR: ranges that Services' addresses are taken from."""

from __future__ import annotations

from typing import Any

from kubepy.api.networking.v1 import ServiceCIDR, ServiceCIDRSpec
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.strategy import Strategy, age, keep_all_but_status
from kubepy.apiserver.registry.values import immutable
from kubepy.meta.errors import FieldError, invalid, required

PATH = "spec.cidrs"
FAMILIES = 2


def validate(cidr: ServiceCIDR) -> list[FieldError]:
    return _spec_errors(cidr.spec)


def _spec_errors(spec: ServiceCIDRSpec) -> list[FieldError]:
    if not spec.cidrs:
        return [required(PATH, "at least one CIDR required")]
    if len(spec.cidrs) > FAMILIES:
        return [invalid(PATH, spec, "may only hold up to 2 values")]
    errors = []
    for index, text in enumerate(spec.cidrs):
        errors += network.canonical_cidr_errors(f"{PATH}[{index}]", text)
    ranges = [network.parse_cidr(text) for text in spec.cidrs]
    versions = [found.version for found in ranges if found is not None]
    if len(versions) == FAMILIES and len(set(versions)) == 1:
        why = (
            "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and "
            "2001:db8::/64"
        )
        errors.append(invalid(PATH, spec.cidrs, why))
    return errors


def validate_update(new: ServiceCIDR, old: ServiceCIDR) -> list[FieldError]:
    """A range of the other family may be added; nothing else changes."""
    before, after = old.spec.cidrs, new.spec.cidrs
    if (len(before), len(after)) == (1, FAMILIES):
        return immutable(after[0], before[0], f"{PATH}[0]") + _spec_errors(new.spec)
    if len(before) != len(after):
        return immutable(after, before, PATH)
    errors = []
    for index, (now, then) in enumerate(zip(after, before, strict=True)):
        errors += immutable(now, then, f"{PATH}[{index}]")
    return errors


def row(cidr: ServiceCIDR, now: float) -> tuple[Any, ...]:
    meta = cidr.metadata
    return meta.name, ",".join(cidr.spec.cidrs), age(meta.creationTimestamp, now)


STRATEGY = Strategy(
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=keep_all_but_status,
    row=row,
)
