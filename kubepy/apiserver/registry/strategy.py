"""What makes one kind differ from another: its defaults, its rules, its columns.

A kind's file, `registry/<group>/<kind>.py`, exports `STRATEGY`; one without gets `Strategy()`
and works. Everything here is a function of values: no clock, no store, no randomness. Whatever
needs those (names, addresses, tokens) is done by the verbs and by admission.

The order in which a create asks:   default → admission → prepare_create → validate_create
and an update:                      default → admission → prepare_update → validate_update

ObjectMeta is no strategy's business: names, labels, annotations, owners, finalizers, uid, times,
resourceVersion and generation are checked and set by the frame, for all kinds alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from kubepy.api.meta.v1 import DeleteOptions
from kubepy.api.scheme import Resource
from kubepy.api.types import Time
from kubepy.apiserver.registry import deletion
from kubepy.apiserver.registry.deletion import Plan
from kubepy.meta import names
from kubepy.meta.errors import FieldError
from kubepy.meta.managed.fieldset import Fields, of

UNKNOWN = "<unknown>"


def unchanged(obj: Any) -> Any:
    return obj


def nothing(*_: Any) -> list[Any]:
    return []


def no_fields(_: Any) -> dict[str, str]:
    return {}


def drop_status(obj: Any) -> Any:
    """A new object as the client wants it; nobody can create a status with it."""
    if getattr(obj, "status", None) is None:
        return obj
    return replace(obj, status=empty_status(type(obj)))


def keep_status(new: Any, old: Any) -> Any:
    """An update through the main resource: the status stays."""
    return replace(new, status=old.status) if hasattr(new, "status") else new


def keep_spec(new: Any, old: Any) -> Any:
    """An update through the status subresource: metadata and status are new, the rest stays."""
    return replace(old, metadata=new.metadata, status=new.status)


def keep_all_but_status(new: Any, old: Any) -> Any:
    """The same where not even metadata can be changed that way."""
    meta = replace(old.metadata, managedFields=new.metadata.managedFields)
    return replace(old, metadata=meta, status=new.status)


_empty: dict[type[Any], Any] = {}


def empty_status(type_: type[Any]) -> Any:
    """The status of an object of this type that has none yet."""
    if type_ not in _empty:
        _empty[type_] = type_().status
    return _empty[type_]


def age_row(obj: Any, now: float) -> tuple[Any, ...]:
    """The cells of a kind that shows only its name and age."""
    return obj.metadata.name, age(obj.metadata.creationTimestamp, now)


class Strategy(Struct, frozen=True, kw_only=True):
    """The functions of one kind. Each may be left out."""

    default: Callable[[Any], Any] = unchanged
    """Fill in what the client left out; also for objects that come back in an update."""

    default_status: Callable[[Any], Any] | None = None
    """What of `default` matters to a write of the status alone, if it is not everything."""

    prepare_create: Callable[[Any], Any] = drop_status
    prepare_update: Callable[[Any, Any], Any] = keep_status  # (new, old)
    validate_create: Callable[[Any], list[FieldError]] = nothing
    validate_update: Callable[[Any, Any], list[FieldError]] = nothing  # (new, old)

    prepare_status: Callable[[Any, Any], Any] = keep_spec  # (new, old)
    validate_status: Callable[[Any, Any], list[FieldError]] = nothing  # (new, old)

    warnings: Callable[[Any], list[str]] = nothing
    """What a client should read that creates this object. It is the object as it was sent and
    admitted, before prepare_create has smoothed it."""

    update_warnings: Callable[[Any, Any], list[str]] | None = None
    """(new, old) → the same for an update. None: what a create of the new object would say."""

    delete_warnings: Callable[[DeleteOptions], list[str]] = nothing
    """What a client should read that deletes objects of this kind in this way."""

    fields: Callable[[Any], dict[str, str]] = no_fields
    """The selectable fields beside metadata.name and metadata.namespace, all of them always."""

    row: Callable[[Any, float], tuple[Any, ...]] | None = None
    """The Table's cells, one for each of the resource's columns; the float is now, in seconds.
    None: name and age."""

    resets: Fields = field(default_factory=lambda: of("f:status"))
    """What a write through the main path cannot change, and so cannot own."""

    status_resets: Fields = field(default_factory=lambda: of("f:spec"))
    """The same of a write through the status subresource."""

    generation: bool = False
    """Whether metadata.generation counts the changes of what is desired: whatever is neither
    metadata nor status."""

    validate_name: Callable[[str], list[str]] = names.dns1123_subdomain
    """The messages about a bad metadata.name."""

    name_rule: Callable[[Any], Callable[[str], list[str]]] | None = None
    """The same for a kind whose names follow from what the object says."""

    repeats_create_checks: bool = False
    """Whether updates report what is wrong with names, labels and the like one more time."""

    names_itself: bool = False
    """Whether an object that is created without a name gets a random one."""

    create_on_update: bool = False
    """Whether a PUT of an absent object creates it."""

    returns_deleted: bool = False
    """Whether a delete answers with the object, and not with a Status."""

    unconditional_update: bool = True
    """Whether an update may leave resourceVersion out."""

    has_dependents: bool = True
    """Whether a delete heeds propagation policies."""

    orphan_by_default: bool = False
    """Whether a delete that names no propagation policy leaves the dependents alone."""

    grace: Callable[[Any, int | None], int | None] | None = None
    """(object, the gracePeriodSeconds asked for) → the seconds to wait before the object goes;
    None: this kind goes at once."""

    plan_delete: Callable[[Any, DeleteOptions, Any, float], Plan] = deletion.plan
    """(object, options, this strategy, now) → what a delete does. One of the kind's own checks the
    preconditions, too."""

    is_released: Callable[[Any, Any], bool] = deletion.is_released
    """(new, old) → whether this update takes away what had kept a deleted object."""


DEFAULT = Strategy()


def strategy_of(resource: Resource) -> Strategy:
    """The strategy of a resource's kind: its own, `STRATEGY` of its file, or the default.

    A version that is not the stored one has its own file: `<kind>_<version>.py`.
    """
    own: Strategy | None = getattr(resource, "strategy", None)
    return own or _strategy_of(resource)


@cache
def _strategy_of(resource: Resource) -> Strategy:
    group = resource.module.split(".")[-2]
    name = f"kubepy.apiserver.registry.{group}.{resource.kind.lower()}"
    for module in (f"{name}_{resource.version}", name):
        try:
            found = find_spec(module)
        except ModuleNotFoundError:
            return DEFAULT  # not even the group's package
        if found is not None:
            strategy: Strategy = import_module(module).STRATEGY
            return strategy
    return DEFAULT


def age(since: Time | None, now: float) -> str:
    """A column's age: `5s`, `3m12s`, `4d`; `<unknown>` for a time that was never set."""
    return duration(now - since.unix()) if since else UNKNOWN


# Up to how many seconds which two units are shown: the second one drops out as the first grows.
_STEPS = (
    (120, 1, "s", 0, ""),
    (600, 60, "m", 1, "s"),
    (3 * 3600, 60, "m", 0, ""),
    (8 * 3600, 3600, "h", 60, "m"),
    (48 * 3600, 3600, "h", 0, ""),
    (8 * 86400, 86400, "d", 3600, "h"),
    (2 * 365 * 86400, 86400, "d", 0, ""),
    (8 * 365 * 86400, 365 * 86400, "y", 86400, "d"),
    (math.inf, 365 * 86400, "y", 0, ""),
)


def duration(seconds: float) -> str:
    """A length of time for people, as kubectl shows it: `90s`, `5m30s`, `26h`, `3d4h`, `2y10d`."""
    if seconds < -1:
        return "<invalid>"
    if seconds < 0:
        return "0s"
    whole = int(seconds)
    for limit, unit, name, small_unit, small_name in _STEPS:
        if whole < limit:
            rest = whole % unit // small_unit if small_unit else 0
            return f"{whole // unit}{name}" + (f"{rest}{small_name}" if rest else "")
    raise AssertionError("the last step has no limit")
