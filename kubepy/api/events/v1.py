"""events.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, MicroTime, Rules, Time, Wire, no_items, null, zero

PACKAGE = "k8s.io.api.events.v1"
API_VERSION = "events.k8s.io/v1"


class Event(Wire, frozen=True, kw_only=True):
    """The same events as core/v1's, under newer names; both groups show all of them."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    eventTime: MicroTime | None = _field(default_factory=null)
    series: EventSeries | None = None
    reportingController: str = ""
    reportingInstance: str = ""
    action: str = ""
    reason: str = ""
    regarding: core_v1.ObjectReference = _field(default_factory=core_v1.ObjectReference)
    related: core_v1.ObjectReference | None = None
    note: str = ""
    type: str = ""
    deprecatedSource: core_v1.EventSource = _field(default_factory=core_v1.EventSource)
    deprecatedFirstTimestamp: Time | None = _field(default_factory=null)
    deprecatedLastTimestamp: Time | None = _field(default_factory=null)
    deprecatedCount: Int32 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "eventTime": Rules(required=True),
    }


class EventList(Wire, frozen=True, kw_only=True):
    """A list of Events."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Event, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class EventSeries(Wire, frozen=True, kw_only=True):
    """How often the event came again, and when last."""

    count: Int32 = _field(default_factory=zero)
    lastObservedTime: MicroTime | None = _field(default_factory=null)

    __rules__: ClassVar[dict[str, Rules]] = {
        "count": Rules(required=True),
        "lastObservedTime": Rules(required=True),
    }
