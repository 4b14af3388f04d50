"""LimitRange: bounds and defaults of resources in a namespace."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import LimitRange, LimitRangeItem
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, forbidden, invalid, required

TYPES = ("Pod", "Container", "PersistentVolumeClaim")
POD, CONTAINER = "Pod", "Container"


def default(limits: LimitRange) -> LimitRange:
    """A container's default limit is the maximum; its default request is the limit, or the
    minimum."""
    items = tuple(map(_default_item, limits.spec.limits))
    return replace(limits, spec=replace(limits.spec, limits=items))


def _default_item(item: LimitRangeItem) -> LimitRangeItem:
    if item.type != CONTAINER:
        return item
    limit = dict(item.max) | item.default
    request = dict(item.min) | limit | item.defaultRequest
    ordered = {key: request[key] for key in sorted(request)}
    return replace(item, default=dict(sorted(limit.items())), defaultRequest=ordered)


def validate(limits: LimitRange) -> list[FieldError]:
    errors: list[FieldError] = []
    seen = set()
    for index, item in enumerate(limits.spec.limits):
        path = f"spec.limits[{index}]"
        errors += _type_errors(path, item.type)
        if item.type in seen:
            errors.append(duplicate(f"{path}.type", item.type))
        seen.add(item.type)
        if item.type == POD:
            for name in ("default", "defaultRequest"):
                if getattr(item, name):
                    why = "may not be specified when `type` is 'Pod'"
                    errors.append(forbidden(f"{path}.{name}", why))
        if item.type == "PersistentVolumeClaim":
            if "storage" not in item.min and "storage" not in item.max:
                why = (
                    "either minimum or maximum storage value is required, but neither was provided"
                )
                errors.append(required(path, why))
        errors += _order_errors(path, item)
    return errors


def _type_errors(path: str, type_: str) -> list[FieldError]:
    messages = names.label_key(type_)
    if messages:
        return [invalid(f"{path}.type", type_, message) for message in messages]
    if "/" not in type_ and type_ not in TYPES:
        why = "must be a standard limit type or fully qualified"
        return [invalid(f"{path}.type", type_, why)]
    return []


def _order_errors(path: str, item: LimitRangeItem) -> list[FieldError]:
    """min ≤ defaultRequest ≤ default ≤ max, as far as they are set."""
    errors = []
    keys = {*item.min, *item.max, *item.default, *item.defaultRequest, *item.maxLimitRequestRatio}
    for key in sorted(keys):
        low, high = item.min.get(key), item.max.get(key)
        limit, request = item.default.get(key), item.defaultRequest.get(key)

        def wrong(
            field: str, shown: Quantity, one: str, a: Quantity, other: str, b: Quantity
        ) -> FieldError:
            why = f"{one} value {a} is greater than {other} value {b}"
            return invalid(f"{path}.{field}[{key}]", shown, why)  # noqa: B023

        if low and high and low.exact() > high.exact():
            errors.append(wrong("min", low, "min", low, "max", high))
        if request and low and low.exact() > request.exact():
            errors.append(wrong("defaultRequest", request, "min", low, "default request", request))
        if request and high and request.exact() > high.exact():
            errors.append(wrong("defaultRequest", request, "default request", request, "max", high))
        if request and limit and request.exact() > limit.exact():
            errors.append(
                wrong("defaultRequest", request, "default request", request, "default limit", limit)
            )
        if limit and low and low.exact() > limit.exact():
            errors.append(wrong("default", low, "min", low, "default", limit))
        if limit and high and limit.exact() > high.exact():
            errors.append(wrong("default", high, "default", limit, "max", high))
        errors += _ratio_errors(path, key, item)
    return errors


def _ratio_errors(path: str, key: str, item: LimitRangeItem) -> list[FieldError]:
    ratio = item.maxLimitRequestRatio.get(key)
    if ratio is None:
        return []
    where = f"{path}.maxLimitRequestRatio[{key}]"
    if ratio.exact() < 1:
        return [invalid(where, ratio, f"ratio {ratio} is less than 1")]
    low, high = item.min.get(key), item.max.get(key)
    if low and high and ratio.exact() > high.exact() / low.exact():
        most = float(high.exact() / low.exact())
        why = f"ratio {ratio} is greater than max/min = {most:f}"
        return [invalid(where, ratio, why)]
    return []


def validate_update(new: LimitRange, old: LimitRange) -> list[FieldError]:
    return validate(new)


def row(limits: LimitRange, now: float) -> tuple[object, ...]:
    return limits.metadata.name, limits.metadata.creationTimestamp


STRATEGY = Strategy(
    names_itself=True,
    create_on_update=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
