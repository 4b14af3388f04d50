"""The rules of ObjectMeta, the same for every kind: what it may say, what the server fills in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.api.types import Time
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required, too_long
from kubepy.meta.managed import entries

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
ANNOTATION_BYTES = 256 << 10  # keys and values of one object together
NAME_BYTES = 63  # of a generated name
SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"  # no vowels: no words
SUFFIX_LENGTH = 5

# The fields that clients set and update freely; the server owns the others.
_SYSTEM = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def suffix(choose: Callable[[str], str]) -> str:
    """The random end of a generated name; `choose` picks a character."""
    return "".join(choose(SUFFIX_ALPHABET) for _ in range(SUFFIX_LENGTH))


def generated_name(prefix: str, choose: Callable[[str], str]) -> str:
    return prefix[: NAME_BYTES - SUFFIX_LENGTH] + suffix(choose)


def for_create(meta: ObjectMeta, *, uid: str, now: float) -> ObjectMeta:
    """The metadata of an object that begins to exist."""
    return replace(
        meta,
        uid=uid,
        creationTimestamp=Time.from_unix(now),
        deletionTimestamp=None,
        deletionGracePeriodSeconds=None,
        generation=0,
        resourceVersion="",
        selfLink="",
    )


def for_update(new: ObjectMeta, old: ObjectMeta) -> ObjectMeta:
    """The metadata of an update: what the client may not change is as it was.

    A deletionTimestamp where there was none stays, and validation refuses it.
    """
    deleted = old.deletionTimestamp is not None
    grace = new.deletionGracePeriodSeconds
    return replace(
        new,
        uid=new.uid or old.uid,
        creationTimestamp=old.creationTimestamp,
        deletionTimestamp=old.deletionTimestamp if deleted else new.deletionTimestamp,
        deletionGracePeriodSeconds=old.deletionGracePeriodSeconds if grace is None else grace,
        generation=old.generation,
        selfLink="",
    )


def validate(
    meta: ObjectMeta, *, namespaced: bool, validate_name: Callable[[str], list[str]]
) -> list[FieldError]:
    """What is wrong with the metadata of a new object, its name already made."""
    errors = []
    if meta.generateName:
        text, check = meta.generateName, names.prefix_of(validate_name)
        errors += [invalid("metadata.generateName", text, m) for m in check(text)]
    if not meta.name:
        errors.append(required("metadata.name", "name or generateName is required"))
    else:
        errors += [invalid("metadata.name", meta.name, m) for m in validate_name(meta.name)]
    errors += _validate_namespace(meta.namespace, namespaced)
    errors += _validate_maps(meta)
    errors += _validate_finalizers(meta.finalizers)
    return errors + entries.problems("metadata.managedFields", meta.managedFields)


def _validate_namespace(namespace: str, namespaced: bool) -> list[FieldError]:
    path = "metadata.namespace"
    if not namespaced:
        return [forbidden(path, "not allowed on this type")] if namespace else []
    if not namespace:
        return [required(path)]
    return [invalid(path, namespace, message) for message in names.dns1123_label(namespace)]


def _validate_maps(meta: ObjectMeta) -> list[FieldError]:
    errors = []
    for key, value in sorted(meta.labels.items()):
        errors += [invalid("metadata.labels", key, m) for m in names.label_key(key)]
        errors += [invalid("metadata.labels", value, m) for m in names.label_value(value)]
    size = 0
    for key, value in sorted(meta.annotations.items()):
        messages = names.label_key(key.lower())
        errors += [invalid("metadata.annotations", key, m) for m in messages]
        size += len(key.encode()) + len(value.encode())
    if size > ANNOTATION_BYTES:
        errors.append(too_long("metadata.annotations", "", ANNOTATION_BYTES))
    return errors + _validate_owners(meta.ownerReferences)


def _validate_owners(owners: tuple[OwnerReference, ...]) -> list[FieldError]:
    path = "metadata.ownerReferences"
    errors = []
    controller = ""
    for owner in owners:
        group, _, version = owner.apiVersion.rpartition("/")
        if not version:
            errors.append(
                invalid(f"{path}.apiVersion", owner.apiVersion, "version must not be empty")
            )
        for field in ("kind", "name", "uid"):
            if not getattr(owner, field):
                errors.append(invalid(f"{path}.{field}", "", "must not be empty"))
        if (group, version, owner.kind) == ("", "v1", "Event"):
            why = "/v1, Kind=Event is disallowed from being an owner"
            errors.append(invalid(path, owner, why))
        if owner.controller:
            this = f"{owner.kind}/{owner.name}"
            if controller:
                why = (
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {this}'
                )
                errors.append(invalid(path, owners, why))
            controller = controller or this
    return errors


def _validate_finalizers(finalizers: tuple[str, ...]) -> list[FieldError]:
    path = "metadata.finalizers"
    errors = [invalid(path, f, message) for f in finalizers for message in names.label_key(f)]
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        why = f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"
        errors.append(invalid(path, finalizers, why))
    return errors


def validate_update(
    new: ObjectMeta, old: ObjectMeta, whole: Sequence[FieldError]
) -> list[FieldError]:
    """What is wrong with a change of metadata, after `for_update`. `whole`: what is wrong with the
    new one as such, of which some is said again."""
    errors = []
    if old.deletionTimestamp is not None:
        extra = sorted(set(new.finalizers) - set(old.finalizers))
        if extra:
            shown = ", ".join(f'"{name}"' for name in extra)
            why = (
                "no new finalizers can be added if the object is being deleted, "
                f"found new finalizers []string{{{shown}}}"
            )
            errors.append(forbidden("metadata.finalizers", why))
    for field in ("name", "namespace", "uid", *_SYSTEM):
        value: Any = getattr(new, field)
        if value != getattr(old, field):
            errors.append(invalid(f"metadata.{field}", value, "field is immutable"))
    return errors + _validate_maps(new) if whole else errors
