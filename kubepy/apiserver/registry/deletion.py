"""What a delete does to an object. Pure.

    finalizers  grace     what a delete does
    none        none      the object goes
    none        seconds   deletionTimestamp and deletionGracePeriodSeconds are set; whoever runs
                          the object (a kubelet) deletes it again with 0
    some        any       deletionTimestamp is set; the update that takes the last finalizer away
                          lets the object go

A propagation policy is a finalizer that the garbage collector takes away when it has done its
part: `orphan` or `foregroundDeletion`; Background leaves none.
"""

from __future__ import annotations

from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.meta.v1 import DeleteOptions, ObjectMeta
from kubepy.api.types import Time
from kubepy.apiserver.registry.objectmeta import FOREGROUND, ORPHAN


class Plan(Struct, frozen=True):
    """First write `mark` (None: nothing to write), then, if it is to `go`, delete the object."""

    mark: Any = None
    go: bool = False


class Rules(Protocol):
    """What a kind says about being deleted; see `Strategy`."""

    @property
    def grace(self) -> Any: ...
    @property
    def has_dependents(self) -> bool: ...
    @property
    def orphan_by_default(self) -> bool: ...


PENDING = Plan()  # somebody else has to act


def plan(obj: Any, wanted: DeleteOptions, rules: Rules, now: float) -> Plan:
    """What this delete has to do, the options being valid."""
    old: ObjectMeta = obj.metadata
    graceful, meta = _graceful(obj, wanted, rules, now)
    if meta is None:
        return PENDING
    finalizers = finalizers_for(old.finalizers, wanted, rules)
    if not graceful and not old.finalizers and not finalizers:
        return Plan(go=True)
    meta = replace(meta, finalizers=finalizers)
    if finalizers:
        meta = meta if graceful else marked(meta, now)
        return Plan(replace(obj, metadata=meta))
    go = not graceful or meta.deletionGracePeriodSeconds == 0
    return Plan(replace(obj, metadata=meta), go)


def _graceful(
    obj: Any, wanted: DeleteOptions, rules: Rules, now: float
) -> tuple[bool, ObjectMeta | None]:
    """Whether the object ends by a grace period, and its metadata then.

    None: one is running already, and this delete does not shorten it.
    """
    meta: ObjectMeta = obj.metadata
    asked = wanted.gracePeriodSeconds
    if asked is not None and asked < 0:
        asked = 1
    if rules.grace is None:
        return False, meta
    if meta.deletionTimestamp is None:
        seconds = rules.grace(obj, asked)
        if seconds is None:
            return False, meta
        generation = meta.generation + 1 if meta.generation else 0
        return True, replace(
            meta,
            deletionTimestamp=Time.from_unix(now + seconds),
            deletionGracePeriodSeconds=seconds,
            generation=generation,
        )
    running = meta.deletionGracePeriodSeconds
    if not running:
        return False, meta
    if asked is None or asked >= running:
        return False, None
    until = meta.deletionTimestamp.unix() - running + asked
    return True, replace(
        meta, deletionTimestamp=Time.from_unix(until), deletionGracePeriodSeconds=asked
    )


def marked(meta: ObjectMeta, now: float) -> ObjectMeta:
    """The metadata of an object that waits for its finalizers."""
    generation = meta.generation
    since = meta.deletionTimestamp
    if since is None and generation:
        generation += 1
    if since is None or since.unix() > now:
        since = Time.from_unix(now)
    return replace(
        meta, deletionTimestamp=since, deletionGracePeriodSeconds=0, generation=generation
    )


def finalizers_for(
    finalizers: tuple[str, ...], wanted: DeleteOptions, rules: Rules
) -> tuple[str, ...]:
    """The finalizers as the propagation policy wants them."""
    kept = [name for name in finalizers if name not in (ORPHAN, FOREGROUND)]
    if should_orphan(finalizers, wanted, rules):
        kept.append(ORPHAN)
    if should_wait_for_dependents(finalizers, wanted, rules):
        kept.append(FOREGROUND)
    if set(kept) == set(finalizers):
        return finalizers
    return tuple(sorted(set(kept)))


def should_orphan(finalizers: tuple[str, ...], wanted: DeleteOptions, rules: Rules) -> bool:
    if not rules.has_dependents:
        return False
    if wanted.orphanDependents is not None:
        return wanted.orphanDependents
    if wanted.propagationPolicy is not None:
        return wanted.propagationPolicy == "Orphan"
    if ORPHAN in finalizers or FOREGROUND in finalizers:
        return ORPHAN in finalizers
    return rules.orphan_by_default


def should_wait_for_dependents(
    finalizers: tuple[str, ...], wanted: DeleteOptions, rules: Rules
) -> bool:
    if not rules.has_dependents or wanted.orphanDependents is not None:
        return False
    if wanted.propagationPolicy is not None:
        return wanted.propagationPolicy == "Foreground"
    return FOREGROUND in finalizers


def is_released(new: Any, old: Any) -> bool:
    """Whether an update takes away what had kept a deleted object."""
    meta = old.metadata
    return (
        not new.metadata.finalizers
        and meta.deletionTimestamp is not None
        and meta.deletionGracePeriodSeconds == 0
    )
