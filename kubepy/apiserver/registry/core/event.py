"""Event: what happened to an object. The groups "" and events.k8s.io show the same events."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kubepy.api.core.v1 import Event
from kubepy.api.types import Time
from kubepy.apiserver.registry.strategy import UNKNOWN, Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, required

REASON_LENGTH = 128
ACTION_LENGTH = 128
NOTE_LENGTH = 1024  # bytes
INSTANCE_LENGTH = 128
# Kinds without a namespace whose events stand in `default`.
CLUSTER_NAMESPACE = "default"


class Paths(Struct, frozen=True):
    """What the rules call a field: the two groups have different words."""

    namespace: str
    controller: str
    instance: str
    note: str


CORE = Paths("involvedObject.namespace", "reportingComponent", "reportingInstance", "message")


def validate(event: Event) -> list[FieldError]:
    """The old rules, and the strict ones only for events in the new style (with eventTime)."""
    errors = []
    wanted = event.metadata.namespace
    given = event.involvedObject.namespace
    if given != wanted and not (not given and wanted == CLUSTER_NAMESPACE):
        errors.append(invalid(CORE.namespace, given, "does not match event.namespace"))
    if event.eventTime is not None:
        errors += strict_errors(event, CORE)
    return errors


def strict_errors(event: Event, paths: Paths) -> list[FieldError]:
    """The rules of an event in the style of events.k8s.io/v1."""
    errors = []
    if not event.reportingComponent:
        errors.append(required(paths.controller))
    messages = names.label_key(event.reportingComponent)
    errors += [invalid(paths.controller, event.reportingComponent, m) for m in messages]
    if not event.reportingInstance:
        errors.append(required(paths.instance))
    errors += _length_errors(paths.instance, event.reportingInstance, INSTANCE_LENGTH)
    if not event.action:
        errors.append(required("action"))
    errors += _length_errors("action", event.action, ACTION_LENGTH)
    if not event.reason:
        errors.append(required("reason"))
    errors += _length_errors("reason", event.reason, REASON_LENGTH)
    errors += _length_errors(paths.note, event.message, NOTE_LENGTH)
    if event.type not in ("Normal", "Warning"):
        errors.append(invalid("type", "", f"has invalid value: {event.type}"))
    return errors


def _length_errors(path: str, text: str, most: int) -> list[FieldError]:
    why = f"can have at most {most} characters"
    return [invalid(path, "", why)] if len(text) > most else []


def validate_update(new: Event, old: Event) -> list[FieldError]:
    return validate(new)


def row(event: Event, now: float) -> tuple[Any, ...]:
    first = event.firstTimestamp or event.eventTime
    last = event.lastTimestamp
    if event.series is not None and event.series.lastObservedTime is not None:
        last = event.series.lastObservedTime
    elif last is None:
        last = first
    count = event.series.count if event.series is not None else event.count
    return (
        _since(last, now),
        event.type,
        event.reason,
        f"{event.involvedObject.kind.lower()}/{event.involvedObject.name}",
        event.involvedObject.fieldPath,
        _source(event),
        event.message.strip(),
        _since(first, now),
        count or 1,
        event.metadata.name,
    )


def _since(moment: Time | None, now: float) -> str:
    return age(moment, now) if moment else UNKNOWN


def _source(event: Event) -> str:
    component = event.source.component or event.reportingComponent
    host = event.source.host or event.reportingInstance
    return f"{component}, {host}" if host else component


def fields(event: Event) -> dict[str, str]:
    regarding = event.involvedObject
    return {
        "involvedObject.kind": regarding.kind,
        "involvedObject.namespace": regarding.namespace,
        "involvedObject.name": regarding.name,
        "involvedObject.uid": regarding.uid,
        "involvedObject.apiVersion": regarding.apiVersion,
        "involvedObject.resourceVersion": regarding.resourceVersion,
        "involvedObject.fieldPath": regarding.fieldPath,
        "reason": event.reason,
        "reportingComponent": event.reportingComponent,
        "source": event.source.component or event.reportingComponent,
        "type": event.type,
    }


STRATEGY = Strategy(
    has_dependents=False,
    validate_create=validate,
    validate_update=validate_update,
    validate_name=names.path_segment,
    row=row,
    fields=fields,
    create_on_update=True,
)
