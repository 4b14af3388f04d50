"""What a claim asks for, as the claim itself and a template for claims have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.resource.v1 import (
    DeviceClaimConfiguration,
    DeviceConstraint,
    DeviceRequest,
    DeviceSubRequest,
    DeviceToleration,
    ExactDeviceRequest,
    ResourceClaimSpec,
)
from kubepy.apiserver.registry.resource.devices import (
    MAX_CONFIGURATIONS,
    configuration_errors,
    each,
    full_name,
    label,
    selector_errors,
    toleration_errors,
    unique,
)
from kubepy.apiserver.registry.values import choice, needed
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required

MAX_REQUESTS = 32
MAX_CONSTRAINTS = 32
MAX_ALTERNATIVES = 8
ALL, EXACT_COUNT = "All", "ExactCount"
ONE_KIND = "exactly one of `exactly` or `firstAvailable` is required"
ONE_ATTRIBUTE = (
    'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are '
    "set"
)
UNKNOWN_REQUEST = (
    "must be the name of a request in the claim or the name of a request and a subrequest "
    "separated by '/'"
)

Requests = Mapping[str, frozenset[str]]
"""The names of a claim's requests, each with those of its alternatives."""


# ---- defaults


def default_spec(spec: ResourceClaimSpec) -> ResourceClaimSpec:
    requests = tuple(_default_request(request) for request in spec.devices.requests)
    return replace(spec, devices=replace(spec.devices, requests=requests))


def _default_request(request: DeviceRequest) -> DeviceRequest:
    exactly = request.exactly
    return replace(
        request,
        exactly=_default_part(exactly) if exactly is not None else None,
        firstAvailable=tuple(map(_default_part, request.firstAvailable)),
    )


def _default_part(part: Any) -> Any:
    """An ExactDeviceRequest or a DeviceSubRequest."""
    mode = part.allocationMode or EXACT_COUNT
    return replace(
        part,
        allocationMode=mode,
        count=part.count or int(mode == EXACT_COUNT),
        tolerations=tuple(map(_default_toleration, part.tolerations)),
    )


def _default_toleration(toleration: DeviceToleration) -> DeviceToleration:
    return replace(toleration, operator=toleration.operator or "Equal")


# ---- rules


def spec_errors(spec: ResourceClaimSpec, path: str) -> list[FieldError]:
    devices, where = spec.devices, f"{path}.devices"
    requests = names_of(devices.requests)
    errors = unique(
        devices.requests,
        MAX_REQUESTS,
        _request_errors,
        f"{where}.requests",
        lambda request: request.name,
    )

    def check_constraint(constraint: DeviceConstraint, place: str) -> list[FieldError]:
        return _constraint_errors(constraint, requests, place)

    def check_configuration(config: DeviceClaimConfiguration, place: str) -> list[FieldError]:
        errors = references_errors(config.requests, requests, f"{place}.requests")
        return errors + configuration_errors(config.opaque, place)

    errors += each(devices.constraints, MAX_CONSTRAINTS, check_constraint, f"{where}.constraints")
    return errors + each(devices.config, MAX_CONFIGURATIONS, check_configuration, f"{where}.config")


def names_of(requests: Sequence[DeviceRequest]) -> Requests:
    return {
        request.name: frozenset(part.name for part in request.firstAvailable)
        for request in requests
    }


def _request_errors(request: DeviceRequest, path: str) -> list[FieldError]:
    errors = label(request.name, f"{path}.name")
    if request.exactly is not None and request.firstAvailable:
        why = f"{ONE_KIND}, but multiple fields are set"
        return [*errors, invalid(path, None, why)]
    if request.exactly is not None:
        return errors + _part_errors(request.exactly, f"{path}.exactly")
    if not request.firstAvailable:
        return [*errors, required(path, ONE_KIND)]

    def check(part: DeviceSubRequest, where: str) -> list[FieldError]:
        return label(part.name, f"{where}.name") + _part_errors(part, where)

    where = f"{path}.firstAvailable"
    return errors + unique(
        request.firstAvailable, MAX_ALTERNATIVES, check, where, lambda part: part.name
    )


def _part_errors(part: ExactDeviceRequest | DeviceSubRequest, path: str) -> list[FieldError]:
    errors = needed(part.deviceClassName, names.dns1123_subdomain, f"{path}.deviceClassName")
    errors += selector_errors(part.selectors, f"{path}.selectors")
    mode, count = part.allocationMode, part.count
    if mode == ALL and count:
        why = f"must not be specified when allocationMode is '{mode}'"
        errors.append(invalid(f"{path}.count", count, why))
    elif mode == EXACT_COUNT and count <= 0:
        errors.append(invalid(f"{path}.count", count, "must be greater than zero"))
    errors += choice(mode, (ALL, EXACT_COUNT), f"{path}.allocationMode")
    for index, toleration in enumerate(part.tolerations):
        errors += toleration_errors(toleration, f"{path}.tolerations[{index}]")
    return errors


def _constraint_errors(
    constraint: DeviceConstraint, requests: Requests, path: str
) -> list[FieldError]:
    errors = references_errors(constraint.requests, requests, f"{path}.requests")
    match, distinct = constraint.matchAttribute, constraint.distinctAttribute
    if match is not None:
        return errors + full_name(match, f"{path}.matchAttribute")
    if distinct is not None:
        return errors + full_name(distinct, f"{path}.distinctAttribute")
    return [*errors, required(path, ONE_ATTRIBUTE)]


def references_errors(references: Sequence[str], requests: Requests, path: str) -> list[FieldError]:
    def check(reference: str, where: str) -> list[FieldError]:
        return reference_errors(reference, requests, where)

    return unique(references, MAX_REQUESTS, check, path, str)


def reference_errors(reference: str, requests: Requests, path: str) -> list[FieldError]:
    """`request` or `request/alternative`"""
    request, slash, part = reference.partition("/")
    if "/" in part:
        return [invalid(path, reference, UNKNOWN_REQUEST)]
    errors = label(request, path) + (label(part, path) if slash else [])
    known = request in requests and (not slash or part in requests[request])
    return errors if known else [*errors, invalid(path, reference, UNKNOWN_REQUEST)]
