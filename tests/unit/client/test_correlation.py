"""Which events are written, counted, combined or dropped."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core import v1 as core
from kubepy.api.events import v1 as events
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime, Time
from kubepy.client.correlation import COMBINED, Correlator, Create, Series, Update

POD = core.ObjectReference(kind="Pod", namespace="shop", name="web", uid="1", apiVersion="v1")


def event(message: str, now: float = 0.0, **fields: Any) -> core.Event:
    return core.Event(
        metadata=ObjectMeta(name=f"web.{now}", namespace="shop"),
        involvedObject=fields.pop("about", POD),
        reason="Pulled",
        message=message,
        source=core.EventSource(component="kubelet", host="n1"),
        firstTimestamp=Time.from_unix(now),
        lastTimestamp=Time.from_unix(now),
        count=1,
        type="Normal",
    )


def write(correlator: Correlator, one: core.Event, now: float) -> Create | Update | None:
    """Correlate, and have the server take what comes of it."""
    result = correlator.correlate(one, now)
    if result is not None and isinstance(result.event, core.Event):
        correlator.written(result.event)
    return result


def test_a_repeat_raises_the_count_of_the_first() -> None:
    correlator = Correlator()
    first = write(correlator, event("pulled", 0), 0)
    again = write(correlator, event("pulled", 60), 60)
    assert isinstance(first, Create)
    assert isinstance(again, Update)
    assert isinstance(again.event, core.Event)
    assert again.event.metadata.name == first.event.metadata.name
    assert (again.event.count, again.event.firstTimestamp) == (2, Time.from_unix(0))
    assert again.event.lastTimestamp == Time.from_unix(60)


def test_another_object_or_message_is_another_event() -> None:
    correlator = Correlator()
    write(correlator, event("pulled"), 0)
    assert isinstance(write(correlator, event("failed"), 0), Create)
    other = replace(POD, name="db", uid="2")
    assert isinstance(write(correlator, event("pulled", about=other), 0), Create)
    second = replace(POD, fieldPath="spec.containers{second}")
    assert isinstance(write(correlator, event("pulled", about=second), 0), Create)
    assert isinstance(write(correlator, event("pulled", about=second), 1), Update)


def test_the_tenth_alike_event_is_combined_and_later_ones_with_it() -> None:
    correlator = Correlator()
    for number in range(9):
        assert isinstance(write(correlator, event(f"pull {number}"), number), Create)
    tenth = write(correlator, event("pull 9"), 9)
    eleventh = write(correlator, event("pull 10"), 10)
    assert isinstance(tenth, Create)
    assert isinstance(tenth.event, core.Event) and tenth.event.message == f"{COMBINED}pull 9"
    assert isinstance(eleventh, Update)
    assert isinstance(eleventh.event, core.Event)
    assert (eleventh.event.count, eleventh.event.message) == (2, f"{COMBINED}pull 10")


def test_alike_events_long_apart_are_not_combined() -> None:
    correlator = Correlator()
    for number in range(12):
        now = number * 700.0
        written = write(correlator, event(f"pull {number}"), now)
        assert isinstance(written, Create)
        assert written.event.message == f"pull {number}"  # type: ignore[union-attr]


def test_an_object_that_is_talked_about_too_much_is_silenced_for_a_while() -> None:
    correlator = Correlator()
    written = [write(correlator, event("same"), 0.0) for _ in range(30)]
    assert sum(result is not None for result in written) == 25
    assert write(correlator, event("same"), 299.0) is None
    assert write(correlator, event("same"), 301.0) is not None


def note(now: float, text: str = "no node fits") -> events.Event:
    return events.Event(
        metadata=ObjectMeta(name=f"web.{now}", namespace="shop"),
        eventTime=MicroTime.from_unix(now),
        regarding=POD,
        reason="FailedScheduling",
        action="Scheduling",
        note=text,
        type="Warning",
        reportingController="default-scheduler",
    )


def test_the_second_of_a_kind_begins_a_series_and_the_rest_is_only_counted() -> None:
    series = Series()
    first = series.correlate(note(0), 0)
    second = series.correlate(note(10), 10)
    third = series.correlate(note(20), 20)
    assert isinstance(first, Create)
    assert isinstance(second, Update)
    assert isinstance(second.event, events.Event) and second.event.series is not None
    assert second.event.metadata.name == first.event.metadata.name
    assert second.event.series.count == 2
    assert third is None


def test_a_series_that_has_ended_is_written_a_last_time_and_forgotten() -> None:
    series = Series()
    for now in (0, 10, 20):
        series.correlate(note(now), now)
    assert series.sweep(100) == []
    (last,) = series.sweep(400)
    assert last.series is not None
    assert (last.series.count, last.series.lastObservedTime) == (3, MicroTime.from_unix(20))
    assert isinstance(series.correlate(note(500), 500), Create)
