"""One device of a ResourceSlice: attributes, capacities, counters, and where it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kubepy.api.resource.v1 import (
    CapacityRequestPolicy,
    CapacityRequestPolicyRange,
    Counter,
    Device,
    DeviceAttribute,
    DeviceCapacity,
    DeviceCounterConsumption,
)
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.core.podspec.placement import node_selector_errors
from kubepy.apiserver.registry.resource.devices import (
    binding_errors,
    each,
    entries,
    label,
    qualified_name,
    taint_errors,
    unique,
)
from kubepy.apiserver.registry.values import named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required, too_long, too_many

MAX_PROPERTIES = 32  # attributes and capacities
MAX_TAINTS = 16
MAX_CONSUMPTIONS = 2
MAX_CONSUMED = 32
MAX_OPTIONS = 10
VALUE_LENGTH = 64  # bytes
ONE_VALUE = "exactly one value must be specified"
ONE_PLACE = (
    "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when "
    "`perDeviceNodeSelection` is set to true in the ResourceSlice spec"
)
NO_PLACE = (
    "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set "
    "to true in the ResourceSlice spec"
)
ONE_POLICY = (
    'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the '
    "same time"
)
NOT_SEMVER = "must be a string compatible with semver.org spec 2.0.0"

_NUMBER = r"(0|[1-9]\d*)"
_PRE = r"(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_BUILD = "[0-9a-zA-Z-]+"
_SEMVER = re.compile(
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(-{_PRE}(\.{_PRE})*)?(\+{_BUILD}(\.{_BUILD})*)?", re.ASCII
)


def device_errors(device: Device, says_where: bool, path: str) -> list[FieldError]:
    """`says_where`: each device of the slice says itself where it is."""
    errors = label(device.name, f"{path}.name")
    count = len(device.attributes) + len(device.capacity)
    if count > MAX_PROPERTIES:
        why = f"the total number of attributes and capacities must not exceed {MAX_PROPERTIES}"
        errors.append(invalid(path, count, why))
    errors += entries(device.attributes, qualified_name, _attribute_errors, f"{path}.attributes")
    check = _shared_errors if device.allowMultipleAllocations else _capacity_errors
    errors += entries(device.capacity, qualified_name, check, f"{path}.capacity")
    errors += each(device.taints, MAX_TAINTS, taint_errors, f"{path}.taints")
    errors += unique(
        device.consumesCounters,
        MAX_CONSUMPTIONS,
        _consumption_errors,
        f"{path}.consumesCounters",
        lambda consumption: consumption.counterSet,
    )
    errors += _place_errors(device, says_where, path)
    return errors + binding_errors(device.bindingConditions, device.bindingFailureConditions, path)


# ---- attributes


def _attribute_errors(attribute: DeviceAttribute, path: str) -> list[FieldError]:
    singles = (attribute.int, attribute.bool_, attribute.string, attribute.version)
    several = (attribute.ints, attribute.bools, attribute.strings, attribute.versions)
    count = sum(value is not None for value in singles) + sum(map(bool, several))
    errors = []
    if attribute.string is not None:
        errors += _text_errors(attribute.string, f"{path}.string")
    for index, text in enumerate(attribute.strings):
        errors += _text_errors(text, f"{path}.strings[{index}]")
    if attribute.version is not None:
        errors += _version_errors(attribute.version, f"{path}.version")
    for index, text in enumerate(attribute.versions):
        errors += _version_errors(text, f"{path}.versions[{index}]")
    if count == 1:
        return errors
    return [*errors, invalid(path, attribute if count else "", ONE_VALUE)]


def _text_errors(text: str, path: str) -> list[FieldError]:
    return [too_long(path, "", VALUE_LENGTH)] if len(text.encode()) > VALUE_LENGTH else []


def _version_errors(text: str, path: str) -> list[FieldError]:
    errors = [] if _SEMVER.fullmatch(text) else [invalid(path, text, NOT_SEMVER)]
    return errors + _text_errors(text, path)


# ---- capacities


def _capacity_errors(capacity: DeviceCapacity, path: str) -> list[FieldError]:
    if capacity.requestPolicy is None:
        return []
    why = "allowMultipleAllocations must be true"
    return [forbidden(f"{path}.requestPolicy", why)]


def _shared_errors(capacity: DeviceCapacity, path: str) -> list[FieldError]:
    """Of a device that several claims can share."""
    policy, where = capacity.requestPolicy, f"{path}.requestPolicy"
    if policy is None:
        return []
    if policy.validValues and policy.validRange is not None:
        return [forbidden(where, ONE_POLICY)]
    for field in ("validValues", "validRange"):
        if getattr(policy, field) and policy.default is None:
            return [required(f"{where}.default", f"required when {field} is defined")]
    if policy.validValues:
        return _options_errors(policy, capacity.value, f"{where}.validValues")
    if policy.validRange is not None:
        assert policy.default is not None
        return _range_errors(
            policy.validRange, policy.default, capacity.value, f"{where}.validRange"
        )
    return []


def _options_errors(policy: CapacityRequestPolicy, most: Quantity, path: str) -> list[FieldError]:
    options = policy.validValues
    errors = [
        invalid(f"{path}[{index}]", option, "values must be sorted in ascending order")
        for index, option in enumerate(options)
        if index and options[index - 1].exact() > option.exact()
    ]

    def check(option: Quantity, where: str) -> list[FieldError]:
        if option.exact() <= most.exact():
            return []
        return [invalid(where, option, f"option is larger than capacity value: {most}")]

    errors += unique(options, MAX_OPTIONS, check, path, lambda option: str(option.value()))
    default = policy.default
    if default is not None and all(option.exact() != default.exact() for option in options):
        why = "default value is not valid according to the requestPolicy"
        errors.append(invalid(path, default, why))
    return errors


def _range_errors(
    allowed: CapacityRequestPolicyRange, default: Quantity, most: Quantity, path: str
) -> list[FieldError]:
    low, high, step = allowed.min, allowed.max, allowed.step
    if low is None:
        return [required(f"{path}.min", "required when validRange is defined")]
    checks = [
        ("min", low, low.exact() > most.exact(), f"min is larger than capacity value: {most}"),
        ("min", default, default.exact() < low.exact(), f"default is less than min: {low}"),
    ]
    if high is not None:
        why = f"max is larger than capacity value: {most}"
        checks += [
            ("max", low, low.exact() > high.exact(), f"min is larger than max: {high}"),
            ("max", high, high.exact() > most.exact(), why),
            ("max", default, default.exact() > high.exact(), f"default is more than max: {high}"),
        ]
    if step is not None:
        reached = Quantity.of(low.exact() + step.exact(), low.style())
        why = f"one step {reached} is larger than capacity value: {most}"
        checks.append(("step", step, reached.exact() > most.exact(), why))
        why = f"value is not a multiple of a given step ({step}) from ({low})"
        for value in (default, *([high] if high is not None else [])):
            checks.append(("step", value, _misses(value, low, step), why))
    return [invalid(f"{path}.{field}", value, why) for field, value, wrong, why in checks if wrong]


def _misses(value: Quantity, low: Quantity, step: Quantity) -> bool:
    """Whether no number of steps leads from `low` to `value`."""
    size = step.value()
    return size == 0 or (value.value() - low.value()) % size != 0


# ---- counters


def _consumption_errors(consumption: DeviceCounterConsumption, path: str) -> list[FieldError]:
    errors = label(consumption.counterSet, f"{path}.counterSet")
    return errors + counters_errors(consumption.counters, MAX_CONSUMED, f"{path}.counters")


def counters_errors(counters: Mapping[str, Counter], most: int, path: str) -> list[FieldError]:
    if not counters:
        return [required(path)]
    if len(counters) > most:
        return [too_many(path, len(counters), most)]
    return [error for name in sorted(counters) for error in label(name, f"{path}[{name}]")]


# ---- where it is


def _place_errors(device: Device, says_where: bool, path: str) -> list[FieldError]:
    name, selector, everywhere = device.nodeName, device.nodeSelector, device.allNodes
    if not says_where:
        if name is None and selector is None and everywhere is None:
            return []
        return [invalid(path, None, NO_PLACE)]
    given, errors = [], []
    if name:
        given.append("`nodeName`")
        errors += named(name, names.dns1123_subdomain, f"{path}.nodeName")
    elif name is not None:
        errors.append(invalid(f"{path}.nodeName", name, "must not be empty"))
    if selector is not None:
        given.append("`nodeSelector`")
        errors += node_selector_errors(selector, f"{path}.nodeSelector")
    if everywhere:
        given.append("`allNodes`")
    elif everywhere is not None:
        why = "must be either unset or set to true"
        errors.append(invalid(f"{path}.allNodes", everywhere, why))
    if not given:
        errors.append(required(path, ONE_PLACE))
    elif len(given) > 1:
        errors.append(invalid(path, f"{{{', '.join(given)}}}", ONE_PLACE))
    return errors
