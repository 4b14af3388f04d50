"""What becomes of an object, given its owners and its dependents. Touches nothing.

background   the owner is gone; a dependent without any other owner is deleted
foreground   the owner waits (finalizer foregroundDeletion) until no dependent that blocks it
             is left; they are deleted meanwhile
orphan       the owner waits (finalizer orphan) until no dependent names it any more
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from msgspec import Struct

from kubepy.api.meta.v1 import ObjectMeta, OwnerReference

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


class Owner(Enum):
    """What is known of an owner."""

    SOLID = "it exists and stays"
    WAITING = "it exists, and waits for its dependents to be deleted"
    ABSENT = "it does not exist"


class Keep(Struct, frozen=True):
    """Nothing to do."""


class Delete(Struct, frozen=True):
    propagation: str


class DropOwners(Struct, frozen=True):
    """Other owners keep the object: forget those that are gone or going."""

    uids: frozenset[str]


class Unblock(Struct, frozen=True):
    """Delete in the foreground, after letting go of the owners that wait: its own dependents wait
    for owners too, and two that wait for each other would wait for ever."""

    propagation: str


class RemoveFinalizer(Struct, frozen=True):
    finalizer: str


class DeleteDependents(Struct, frozen=True):
    """Look at these (by uid): their owner waits for them to go."""

    uids: tuple[str, ...]


class OrphanDependents(Struct, frozen=True):
    """Have these (by uid) forget their owner, then remove its finalizer."""

    uids: tuple[str, ...]


Decision = (
    Keep | Delete | DropOwners | Unblock | RemoveFinalizer | DeleteDependents | (OrphanDependents)
)


def waits_for_dependents(meta: ObjectMeta) -> bool:
    return meta.deletionTimestamp is not None and FOREGROUND in meta.finalizers


def decide(
    meta: ObjectMeta, owners: Mapping[str, Owner], dependents: Sequence[ObjectMeta]
) -> Decision:
    """`owners`: what is known of each uid in the object's references."""
    if meta.deletionTimestamp is not None:
        return _ending(meta, dependents)
    if not meta.ownerReferences:
        return Keep()
    states = [owners[reference.uid] for reference in meta.ownerReferences]
    if Owner.SOLID in states:
        gone = frozenset(
            reference.uid
            for reference in meta.ownerReferences
            if owners[reference.uid] is not Owner.SOLID
        )
        return DropOwners(gone) if gone else Keep()
    if Owner.WAITING in states and dependents:
        if any(waits_for_dependents(dependent) for dependent in dependents):
            return Unblock("Foreground")
        return Delete("Foreground")
    if ORPHAN in meta.finalizers:
        return Delete("Orphan")
    if FOREGROUND in meta.finalizers:
        return Delete("Foreground")
    return Delete("Background")


def _ending(meta: ObjectMeta, dependents: Sequence[ObjectMeta]) -> Decision:
    if ORPHAN in meta.finalizers:
        return OrphanDependents(tuple(dependent.uid for dependent in dependents))
    if FOREGROUND in meta.finalizers:
        blocking = tuple(d.uid for d in dependents if _blocks(d, meta.uid))
        return DeleteDependents(blocking) if blocking else RemoveFinalizer(FOREGROUND)
    return Keep()


def _blocks(dependent: ObjectMeta, owner: str) -> bool:
    return any(r.uid == owner and r.blockOwnerDeletion for r in dependent.ownerReferences)


def without_owners(meta: ObjectMeta, uids: frozenset[str]) -> tuple[OwnerReference, ...]:
    return tuple(reference for reference in meta.ownerReferences if reference.uid not in uids)


def unblocked(meta: ObjectMeta) -> tuple[OwnerReference, ...]:
    """The references, none of which keeps its owner waiting."""
    return tuple(
        OwnerReference(
            apiVersion=r.apiVersion,
            kind=r.kind,
            name=r.name,
            uid=r.uid,
            controller=r.controller,
            blockOwnerDeletion=False,
        )
        for r in meta.ownerReferences
    )
