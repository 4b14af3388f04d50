"""ResourceSlice: some of the devices of a pool, published by their driver."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.resource.v1 import (
    CounterSet,
    Device,
    ResourcePool,
    ResourceSlice,
    ResourceSliceSpec,
)
from kubepy.apiserver.registry.core.podspec.placement import node_selector_errors
from kubepy.apiserver.registry.resource.deviceparts import counters_errors, device_errors
from kubepy.apiserver.registry.resource.devices import label, pool_name, unique
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import driver_name, immutable, named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required

MAX_DEVICES = 128
MAX_COMPLEX_DEVICES = 64  # if any has taints or consumes counters
MAX_COUNTER_SETS = 8
MAX_COUNTERS = 32
UNSET_OR_TRUE = "must be either unset or set to true"
ONE_PLACE = (
    "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
)


def prepare_create(slice_: ResourceSlice) -> ResourceSlice:
    """A taint that does not say so begins now."""
    now = slice_.metadata.creationTimestamp
    devices = tuple(
        replace(
            device,
            taints=tuple(
                replace(taint, timeAdded=taint.timeAdded or now) for taint in device.taints
            ),
        )
        for device in slice_.spec.devices
    )
    return replace(slice_, spec=replace(slice_.spec, devices=devices))


def validate(slice_: ResourceSlice) -> list[FieldError]:
    spec = slice_.spec
    return _origin_errors(spec) + _content_errors(spec)


def validate_update(new: ResourceSlice, old: ResourceSlice) -> list[FieldError]:
    spec, before = new.spec, old.spec
    errors = _origin_errors(spec)
    errors += immutable(spec.pool.name, before.pool.name, "spec.pool.name")
    errors += immutable(spec.driver, before.driver, "spec.driver")
    errors += immutable(spec.nodeName, before.nodeName, "spec.nodeName")
    return errors + _content_errors(spec)


def _origin_errors(spec: ResourceSliceSpec) -> list[FieldError]:
    return driver_name(spec.driver, "spec.driver") + _pool_errors(spec.pool, "spec.pool")


def _pool_errors(pool: ResourcePool, path: str) -> list[FieldError]:
    errors = pool_name(pool.name, f"{path}.name")
    count, generation = pool.resourceSliceCount, pool.generation
    if count <= 0:
        errors.append(invalid(f"{path}.resourceSliceCount", count, "must be greater than zero"))
    if generation < 0:
        why = "must be greater than or equal to zero"
        errors.append(invalid(f"{path}.generation", generation, why))
    return errors


def _content_errors(spec: ResourceSliceSpec) -> list[FieldError]:
    errors = _place_errors(spec)
    if spec.sharedCounters and spec.devices:
        why = "only one of `sharedCounters` or `devices` is allowed"
        errors.append(invalid("spec", "", why))
    is_complex = any(device.taints or device.consumesCounters for device in spec.devices)

    def check(device: Device, path: str) -> list[FieldError]:
        return device_errors(device, bool(spec.perDeviceNodeSelection), path)

    most = MAX_COMPLEX_DEVICES if is_complex else MAX_DEVICES
    errors += unique(spec.devices, most, check, "spec.devices", lambda device: device.name)
    return errors + unique(
        spec.sharedCounters,
        MAX_COUNTER_SETS,
        _counter_set_errors,
        "spec.sharedCounters",
        lambda counters: counters.name,
    )


def _place_errors(spec: ResourceSliceSpec) -> list[FieldError]:
    """Where the devices can be used is said in one way."""
    given, errors = [], []
    if spec.nodeName:
        given.append("`nodeName`")
        errors += named(spec.nodeName, names.dns1123_subdomain, "spec.nodeName")
    elif spec.nodeName is not None:
        why = "must be either unset or set to a non-empty string"
        errors.append(invalid("spec.nodeName", spec.nodeName, why))
    if spec.nodeSelector is not None:
        given.append("`nodeSelector`")
        errors += node_selector_errors(spec.nodeSelector, "spec.nodeSelector")
        terms = spec.nodeSelector.nodeSelectorTerms
        if len(terms) != 1:
            why = "must have exactly one node selector term"
            errors.append(invalid("spec.nodeSelector.nodeSelectorTerms", terms, why))
    for field in ("allNodes", "perDeviceNodeSelection"):
        value = getattr(spec, field)
        if value:
            given.append(f"`{field}`")
        elif value is not None:
            errors.append(invalid(f"spec.{field}", value, UNSET_OR_TRUE))
    if not given:
        errors.append(required("spec", ONE_PLACE))
    elif len(given) > 1:
        why = f"{ONE_PLACE}, but multiple fields are set"
        errors.append(invalid("spec", f"{{{', '.join(given)}}}", why))
    return errors


def _counter_set_errors(counters: CounterSet, path: str) -> list[FieldError]:
    errors = label(counters.name, f"{path}.name")
    return errors + counters_errors(counters.counters, MAX_COUNTERS, f"{path}.counters")


def fields(slice_: ResourceSlice) -> dict[str, str]:
    return {"spec.driver": slice_.spec.driver, "spec.nodeName": slice_.spec.nodeName or ""}


def row(slice_: ResourceSlice, now: float) -> tuple[Any, ...]:
    meta, spec = slice_.metadata, slice_.spec
    since = age(meta.creationTimestamp, now)
    return meta.name, spec.nodeName or "", spec.driver, spec.pool.name, since


STRATEGY = Strategy(
    returns_deleted=True,
    generation=True,
    prepare_create=prepare_create,
    validate_create=validate,
    validate_update=validate_update,
    fields=fields,
    row=row,
)
