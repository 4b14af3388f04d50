"""What a write does to the owners of an object's fields. Pure.

    update   whatever the write changed belongs to its manager, and to nobody else
    apply    the configuration belongs to its manager, beside others that agree with it; a field
             that another owns with another value is a conflict, unless the write is forced; what
             the manager applied before and leaves out now goes, if nobody else wants it

Documents are decoded JSON without kind, apiVersion and managedFields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec import Struct

from kubepy.api.meta.v1 import StatusCause
from kubepy.api.types import Time
from kubepy.meta import errors
from kubepy.meta.managed import entries, fieldset, typed
from kubepy.meta.managed.entries import Key, Owner, Owners
from kubepy.meta.managed.fieldset import LEAF, SELF, Fields
from kubepy.meta.managed.shapes import Shape
from kubepy.meta.managed.typed import Comparison

Document = dict[str, Any]

MAX_UPDATERS = 10  # owners by update; the oldest ones are joined beyond that
ANCIENT = "ancient-changes"
BEFORE = "before-first-apply"  # owns what was there when tracking begins with an apply
KUBECTL = "kubectl"  # the manager that takes over what its client-side apply owned
CAUSE = "FieldManagerConflict"
_SERVERS_OWN = (
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation",
    "managedFields", "resourceVersion",
)  # fmt: skip
_UNOWNED: Fields = {"f:metadata": {SELF: LEAF, **{f"f:{name}": LEAF for name in _SERVERS_OWN}}}


def everything(fields: Fields) -> Fields:
    return fields


class Versioned(Struct, frozen=True):
    """A document in the words of one version."""

    shape: Shape
    document: Document


Converter = Callable[[Document, str], Versioned | None]
"""A document of the scope's version in another; None for a version that is not served."""


def no_other(_: Document, __: str) -> None:
    """The converter of a kind that has one version."""


class Scope(Struct, frozen=True, kw_only=True):
    """Through what a write comes in."""

    shape: Shape
    version: str
    subresource: str = ""
    kept: Callable[[Fields], Fields] = everything
    """Of some fields those that a write through here can change; the others are reset."""
    convert: Converter = no_other


class Conflicts(Exception):
    """Fields that others own with other values: each with who owns it."""

    def __init__(self, found: list[tuple[Key, str]], fields: Fields) -> None:
        super().__init__(f"{len(found)} conflicts")
        self.found = found
        self.fields = fields

    def refusal(self) -> errors.Conflict:
        causes = [
            StatusCause(reason=CAUSE, message=f"conflict with {key.shown}", field=path)
            for key, path in self.found
        ]
        return errors.Conflict.apply(f"Apply failed with {self._listed()}", causes)

    def _listed(self) -> str:
        if len(self.found) == 1:
            key, path = self.found[0]
            return f"1 conflict: conflict with {key.shown}: {path}"
        lines = []
        for owner in dict.fromkeys(key for key, _ in self.found):
            lines.append(f"conflicts with {owner.shown}:")
            lines += [f"- {path}" for key, path in self.found if key == owner]
        return f"{len(self.found)} conflicts: " + "\n".join(lines)


# ---- update


class Change(NamedTuple):
    """A write: what was there (the empty object before a create), what is, what differs."""

    old: Document
    new: Document
    fields: Comparison


def changed(shape: Shape, old: Document, new: Document) -> Change:
    return Change(old, new, typed.compare(shape, old, new))


def update(scope: Scope, change: Change, owners: Owners, manager: str, now: Time) -> Owners:
    """The owners after a write."""
    old, new = change.old, change.new
    changes = Comparison(scope.kept(change.fields.changed), scope.kept(change.fields.removed))
    owners = _settled(scope, old, new, owners, changes)
    taken = fieldset.difference(changes.changed, _UNOWNED)
    if taken:
        key = entries.updater(manager, scope.version, scope.subresource)
        before = owners.get(key)
        fields = fieldset.union(taken, before.fields) if before else taken
        owners[key] = Owner(fields, scope.version, now)
    return _capped(owners)


def _settled(
    scope: Scope,
    old: Document,
    new: Document,
    owners: Owners,
    changes: Comparison,
    spared: Key | None = None,
    *,
    force: bool = True,
) -> Owners:
    """The owners without what others have just changed or removed; `spared` is not touched.

    Raises Conflicts unless `force`.
    """
    by_version: dict[str, Comparison | None] = {scope.version: changes}
    left: Owners = {}
    conflicts: list[tuple[Key, Fields]] = []
    for key, owner in owners.items():
        if key == spared:
            left[key] = owner
            continue
        if owner.version not in by_version:
            by_version[owner.version] = _compare_as(scope, old, new, owner.version)
        seen = by_version[owner.version]
        if seen is None:
            continue  # nobody can tell any more what it owned
        taken = fieldset.intersection(owner.fields, seen.changed) if seen.changed else LEAF
        if taken:
            conflicts.append((key, taken))
        fields = fieldset.difference(owner.fields, taken)
        fields = fieldset.difference(fields, seen.removed)
        if fields is not owner.fields:
            owner = Owner(fields, owner.version, owner.time)
        if fields:
            left[key] = owner
    if conflicts and not force:
        raise _refused(conflicts)
    return left


def _compare_as(scope: Scope, old: Document, new: Document, version: str) -> Comparison | None:
    before, after = scope.convert(old, version), scope.convert(new, version)
    if before is None or after is None:
        return None
    return typed.compare(after.shape, before.document, after.document)


def _refused(conflicts: list[tuple[Key, Fields]]) -> Conflicts:
    together: Fields = LEAF
    for _, fields in conflicts:
        together = fieldset.union(together, fields)
    found = [(key, path) for key, fields in sorted(conflicts, key=lambda each: each[0])
             for path in fieldset.paths(fields)]  # fmt: skip
    return Conflicts(found, together)


def _capped(owners: Owners) -> Owners:
    """The oldest updaters of each version joined into one, until there are not too many."""
    updaters = [key for key in owners if key.operation == entries.UPDATE]
    surplus = len(updaters) - MAX_UPDATERS
    if surplus <= 0:
        return owners
    updaters.sort(key=lambda key: (owners[key].time or "", key))
    first: dict[str, Key] = {}
    for key in updaters:
        if surplus <= 0:
            break
        owner = owners[key]
        bucket = entries.updater(ANCIENT, owner.version, "")
        earlier = first.setdefault(owner.version, key)
        if earlier == key:
            continue
        if bucket not in owners:
            owners[bucket] = owners.pop(earlier)
        joined = fieldset.union(owner.fields, owners[bucket].fields)
        del owners[key]
        owners[bucket] = Owner(joined, owner.version, owner.time)
        surplus -= 1
    return owners


# ---- apply


def apply(
    scope: Scope,
    live: Document,
    config: Document,
    owners: Owners,
    manager: str,
    now: Time,
    *,
    force: bool,
) -> tuple[Document, Owners]:
    """The document with the configuration in it, and its owners. Raises Conflicts."""
    key = entries.applier(manager, scope.subresource)
    last = owners.get(key)
    fields = scope.kept(typed.fields_of(scope.shape, config))
    owners = {**owners, key: Owner(fields, scope.version)}
    new = _pruned(scope, typed.merge(scope.shape, live, config), owners, key, last)
    found = typed.compare(scope.shape, live, new)
    changes = Comparison(scope.kept(found.changed), scope.kept(found.removed))
    owners = _settled(scope, live, new, owners, changes, key, force=force)
    fields = fieldset.difference(fields, _UNOWNED)
    if fields:
        since = now if new != live else (last.time if last else None)
        owners[key] = Owner(fields, scope.version, since)
    else:
        del owners[key]
    return new, owners


def _pruned(
    scope: Scope, merged: Document, owners: Owners, key: Key, last: Owner | None
) -> Document:
    """Without what the manager applied last time and nobody wants any more."""
    if last is None or not fieldset.difference(last.fields, owners[key].fields):
        return merged
    if last.version != scope.version:
        return merged  # what it applied cannot be compared; it stays and belongs to nobody
    shape = scope.shape
    mine = typed.named(shape, last.fields)
    wanted: Fields = LEAF
    for owner in owners.values():
        if owner.version == scope.version:
            wanted = fieldset.union(wanted, owner.fields)
    pruned = typed.remove(shape, merged, mine)
    there = _named_fields(shape, merged)
    kept = fieldset.union(_named_fields(shape, pruned), typed.named(shape, wanted))
    pruned = typed.remove(shape, merged, fieldset.difference(there, kept))
    gone = fieldset.difference(there, _named_fields(shape, pruned))
    left: Document = typed.remove(shape, merged, fieldset.intersection(gone, mine)) or {}
    return left


def _named_fields(shape: Shape, value: Any) -> Fields:
    return typed.named(shape, typed.fields_of(shape, value)) if value else LEAF


# ---- from client-side to server-side apply


def allowed(scope: Scope, live: Document, last_applied: Document) -> Fields:
    """The fields that a client-side apply owns: those of its last configuration that are still
    as it left them."""
    fields = typed.fields_of(scope.shape, last_applied)
    differing = typed.compare(scope.shape, last_applied, live)
    return fieldset.difference(fieldset.difference(fields, differing.changed), differing.removed)


def beyond(conflicts: Conflicts, fields: Fields) -> Conflicts | None:
    """The conflicts over other fields than these; None if there are none."""
    rest = fieldset.difference(conflicts.fields, fields)
    if not rest:
        return None
    paths = set(fieldset.paths(fields))
    return Conflicts([each for each in conflicts.found if each[1] not in paths], rest)


def first_owner(scope: Scope, empty: Document, live: Document, now: Time) -> Owners:
    """The owners of an object that nobody has tracked: one who stands for all its past."""
    return update(scope, changed(scope.shape, empty, live), {}, BEFORE, now)
