"""Event of events.k8s.io: the same events as core's, under newer names and stricter rules."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import Event as CoreEvent
from kubepy.api.core.v1 import EventSeries as CoreSeries
from kubepy.api.events.v1 import Event, EventSeries
from kubepy.apiserver.registry.core import event as core
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta.errors import FieldError, invalid, required

PATHS = core.Paths("regarding.namespace", "reportingController", "reportingInstance", "note")


def to_core(event: Event) -> CoreEvent:
    series = event.series
    return CoreEvent(
        metadata=event.metadata,
        involvedObject=event.regarding,
        related=event.related,
        reason=event.reason,
        message=event.note,
        action=event.action,
        type=event.type,
        eventTime=event.eventTime,
        reportingComponent=event.reportingController,
        reportingInstance=event.reportingInstance,
        source=event.deprecatedSource,
        firstTimestamp=event.deprecatedFirstTimestamp,
        lastTimestamp=event.deprecatedLastTimestamp,
        count=event.deprecatedCount,
        series=CoreSeries(count=series.count, lastObservedTime=series.lastObservedTime)
        if series
        else None,
    )


def from_core(event: CoreEvent) -> Event:
    series = event.series
    return Event(
        metadata=event.metadata,
        regarding=event.involvedObject,
        related=event.related,
        reason=event.reason,
        note=event.message,
        action=event.action,
        type=event.type,
        eventTime=event.eventTime,
        reportingController=event.reportingComponent,
        reportingInstance=event.reportingInstance,
        deprecatedSource=event.source,
        deprecatedFirstTimestamp=event.firstTimestamp,
        deprecatedLastTimestamp=event.lastTimestamp,
        deprecatedCount=event.count,
        series=EventSeries(count=series.count, lastObservedTime=series.lastObservedTime)
        if series
        else None,
    )


def validate(event: Event) -> list[FieldError]:
    errors = []
    if event.eventTime is None:
        errors.append(required("eventTime"))
    errors += core.strict_errors(to_core(event), PATHS)
    for name in ("deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount"):
        value = getattr(event, name)
        if value:
            old = name.removeprefix("deprecated")
            path = old[0].lower() + old[1:]
            errors.append(invalid(path, value, "needs to be unset"))
    return errors


def validate_update(new: Event, old: Event) -> list[FieldError]:
    return []


def row(event: Event, now: float) -> tuple[Any, ...]:
    return core.row(to_core(event), now)


def fields(event: Event) -> dict[str, str]:
    found = core.fields(to_core(event))
    return {
        key.replace("involvedObject", "regarding").replace(
            "reportingComponent", "reportingController"
        ): value
        for key, value in found.items()
        if key != "source"
    }


STRATEGY = Strategy(
    has_dependents=False,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
    fields=fields,
    create_on_update=True,
)
