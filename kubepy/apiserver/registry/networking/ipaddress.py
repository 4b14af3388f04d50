"""IPAddress: an address that is taken, and by whom. Its name is the address."""

from __future__ import annotations

from typing import Any

from kubepy.api.networking.v1 import IPAddress, ParentReference
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import immutable, named, needed
from kubepy.meta import names
from kubepy.meta.errors import FieldError, required


def address_name(name: str) -> list[str]:
    """An address in the form that everybody writes it in."""
    problems = [error.detail for error in network.ip_errors("", name)]
    address = network.parse_ip(name)
    if not problems and str(address) != name:
        problems.append(f'must be in canonical form ("{address}")')
    return problems


def validate(address: IPAddress) -> list[FieldError]:
    parent = address.spec.parentRef
    if parent is None:
        return [required("spec.parentRef")]
    return _parent_errors(parent, "spec.parentRef")


def _parent_errors(parent: ParentReference, path: str) -> list[FieldError]:
    """The core group has no name, so no group must be given."""
    errors = []
    if parent.group:
        errors += named(parent.group, names.dns1123_subdomain, f"{path}.group")
    errors += needed(parent.resource, names.path_segment, f"{path}.resource")
    errors += needed(parent.name, names.path_segment, f"{path}.name")
    return errors + named(parent.namespace, names.path_segment, f"{path}.namespace")


def validate_update(new: IPAddress, old: IPAddress) -> list[FieldError]:
    return immutable(new.spec.parentRef, old.spec.parentRef, "spec.parentRef")


def row(address: IPAddress, now: float) -> tuple[Any, ...]:
    meta, parent = address.metadata, address.spec.parentRef
    return meta.name, _shown(parent), age(meta.creationTimestamp, now)


def _shown(parent: ParentReference | None) -> str:
    """`services/default/web`, `gateways.example.com/infra/edge`"""
    if parent is None:
        return ""
    resource = f"{parent.resource}.{parent.group}" if parent.group else parent.resource
    return "/".join(part for part in (resource, parent.namespace, parent.name) if part)


STRATEGY = Strategy(
    validate_name=address_name,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
