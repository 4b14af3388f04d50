"""Kinds that are served in several groups or versions, as each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kubepy.api import scheme
from kubepy.api.autoscaling.v1 import HorizontalPodAutoscaler as OldAutoscaler
from kubepy.api.autoscaling.v2 import HorizontalPodAutoscaler
from kubepy.api.core.v1 import Event
from kubepy.api.events.v1 import Event as NewEvent
from kubepy.apiserver.registry.autoscaling import conversion as autoscaling
from kubepy.apiserver.registry.events import event as new_events


class Conversion(NamedTuple):
    type: type[Any]
    convert: Callable[[Any], Any]


_CONVERSIONS: dict[type[Any], tuple[Conversion, ...]] = {
    Event: (Conversion(NewEvent, new_events.from_core),),
    NewEvent: (Conversion(Event, new_events.to_core),),
    HorizontalPodAutoscaler: (Conversion(OldAutoscaler, autoscaling.to_v1),),
    OldAutoscaler: (Conversion(HorizontalPodAutoscaler, autoscaling.to_v2),),
}


def to_version(type_: type[Any], version: str) -> Conversion | None:
    """How objects of a type read in another version of their kind; None if there is none."""
    others = _CONVERSIONS.get(type_, ())
    return next((each for each in others if scheme.api_version(each.type) == version), None)
