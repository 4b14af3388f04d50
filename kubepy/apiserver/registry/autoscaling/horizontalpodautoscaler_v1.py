"""HorizontalPodAutoscaler of autoscaling/v1: the same object as v2's, which has the rules."""

from __future__ import annotations

from typing import Any

from kubepy.api.autoscaling.v1 import HorizontalPodAutoscaler
from kubepy.apiserver.registry.autoscaling import horizontalpodautoscaler as v2
from kubepy.apiserver.registry.autoscaling.conversion import to_v1, to_v2
from kubepy.apiserver.registry.strategy import Strategy, drop_status, keep_spec, keep_status
from kubepy.meta.errors import FieldError


def default(autoscaler: HorizontalPodAutoscaler) -> HorizontalPodAutoscaler:
    return to_v1(v2.default(to_v2(autoscaler)))


# What v1 has in annotations is v2's spec and status, and stays or goes with them.


def prepare_create(autoscaler: HorizontalPodAutoscaler) -> HorizontalPodAutoscaler:
    return to_v1(drop_status(to_v2(autoscaler)))


def prepare_update(
    new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler
) -> HorizontalPodAutoscaler:
    return to_v1(keep_status(to_v2(new), to_v2(old)))


def prepare_status(
    new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler
) -> HorizontalPodAutoscaler:
    return to_v1(keep_spec(to_v2(new), to_v2(old)))


def validate(autoscaler: HorizontalPodAutoscaler) -> list[FieldError]:
    return v2.validate(to_v2(autoscaler))


def validate_update(new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) -> list[FieldError]:
    return v2.validate_update(to_v2(new), to_v2(old))


def validate_status(new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) -> list[FieldError]:
    return v2.validate_status(to_v2(new), to_v2(old))


def row(autoscaler: HorizontalPodAutoscaler, now: float) -> tuple[Any, ...]:
    return v2.row(to_v2(autoscaler), now)


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    row=row,
)
