"""update and patch: read, change, check, write over exactly what was read; again if it moved.

A client that names a resourceVersion wants its own state replaced and nothing else: for it a
second try can only fail. One that names none, and any patch, is tried again on the newer state.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from msgspec.structs import replace

from kubepy.api.meta.v1 import UpdateOptions
from kubepy.apiserver import bodies, options, ownership
from kubepy.apiserver.admission.chain import UPDATE
from kubepy.apiserver.cel import budget
from kubepy.apiserver.registry import objectmeta
from kubepy.apiserver.registry.permits import upheld
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs import create, delete
from kubepy.apiserver.verbs.request import MayCreate, Request
from kubepy.apiserver.watchcache import Record
from kubepy.meta import errors, names
from kubepy.meta.calls import Answer, Item
from kubepy.storage.store import Conflict

TRIES = 20  # against other writers, before the client is told to try again itself

Change = Callable[[Any], Awaitable[Any]]
"""What the client sees now → what it wants."""


async def update(request: Request, door: Door, may_create: MayCreate) -> Answer:
    """Raises BadRequest, Forbidden, Invalid, NotFound, Conflict, and whatever admission says."""
    call, target = request.call, request.target
    given = call.options if isinstance(call.options, UpdateOptions) else None
    mode = (given.fieldValidation if given else "") or bodies.WARN
    options.check_write(given)
    sent, problems = bodies.decode(call.body, door.type, mode)
    request.warn(problems)
    sent = placed(request, sent)
    sent = door.default(sent)
    record = await target.current(call.namespace, call.name)
    if record is None and door.allocates and target.strategy.create_on_update:
        await may_create()
        # A version that it names has nothing to be compared with.
        fresh = replace(sent, metadata=replace(sent.metadata, resourceVersion=""))
        return await create.create_object(request, ownership.tracked(request, door, fresh))

    async def change(shown: Any) -> Any:
        check_same_life(request, sent.metadata.uid, shown.metadata)
        return ownership.tracked(request, door, sent, shown)

    return await change_object(request, door, change)


def placed(request: Request, sent: Any) -> Any:
    """What was sent, under the name and namespace of the path. Raises BadRequest."""
    call = request.call
    sent = create.placed(sent, request.target, call.namespace)
    name = sent.metadata.name
    if not name:
        return replace(sent, metadata=replace(sent.metadata, name=call.name))
    if name != call.name:
        raise errors.BadRequest.of(
            f"the name of the object ({name}) does not match the name on the URL ({call.name})"
        )
    return sent


async def change_object(request: Request, door: Door, change: Change) -> Answer:
    """Change the object that the call names. Raises NotFound, Conflict, Invalid, ..."""
    call, target = request.call, request.target
    record = await target.current(call.namespace, call.name)
    for _ in range(TRIES):
        if record is None:
            raise errors.NotFound.of(target.resource, call.name)
        try:
            item = await _attempt(request, door, change, record)
        except Conflict as conflict:
            found = conflict.current
            record = target.encoding.readable(found) if found else None
            continue
        return seen_through(door, item, tuple(request.warnings))
    raise errors.Conflict.of(target.resource, call.name)


def seen_through(door: Door, item: Item, warnings: tuple[str, ...] = ()) -> Answer:
    """The answer about an object, as its door shows it."""
    if door.type is not item.type:
        item = Item(door.type, obj=door.show(item.peek()))
    return Answer(item=item, warnings=warnings)


async def _attempt(request: Request, door: Door, change: Change, record: Record) -> Item:
    """One try on one state of the object. Raises storage.Conflict if it has moved."""
    target = request.target
    old = record.peek()
    shown = (door.base or door.show)(old)
    sent = await change(shown)
    sent = conditional(request, door, sent, old)
    sent = await request.admit(UPDATE, sent, shown)
    new = merged(request, door, sent, old)
    async with request.allocated(new, old, needed=door.allocates) as allocated:
        new = allocated.object
        await budget.asked(validate, request, door, new, old)
        await request.check(UPDATE, new, old)
        if target.strategy.is_released(new, old):
            return await delete.release(request, new, record)
        item = await _put(request, ownership.settled(new, old), record)
        allocated.stored = not request.dry_run
    return item


def check_same_life(request: Request, uid: str, old: Any) -> None:
    """Raises Conflict if `uid` is another object that bore this name."""
    target = request.target
    if not uid or uid == old.uid:
        return
    raise errors.Conflict.of(
        target.resource,
        request.call.name,
        f"StorageError: invalid object, Code: 4, Key: {target.key(old.namespace, old.name)}, "
        f"ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, "
        f"UID in object meta: {old.uid}",
    )


def conditional(request: Request, door: Door, sent: Any, old: Any) -> Any:
    """What was sent, at the version that it replaces. Raises Conflict, Invalid."""
    target, meta = request.target, sent.metadata
    resource = target.resource
    version = meta.resourceVersion
    if not version and not target.strategy.unconditional_update:
        why = "must be specified for an update"
        problem = errors.invalid("metadata.resourceVersion", 0, why)
        raise errors.Invalid.of(resource.group, resource.plural, request.call.name, [problem])
    if version and version != old.metadata.resourceVersion:
        options.version_of_read(version)
        raise errors.Conflict.of(resource, request.call.name)
    if not version:
        fresh = replace(meta, resourceVersion=old.metadata.resourceVersion)
        return replace(sent, metadata=fresh)
    return sent


def merged(request: Request, door: Door, sent: Any, old: Any) -> Any:
    """The object with the change in it, before its rules are asked. Raises Invalid."""
    problems = door.check(sent, old)
    if problems:
        group = door.type.__module__.split(".")[-2]
        raise errors.Invalid.of(group, door.type.__name__, request.call.name, problems)
    sent = replace(sent, metadata=objectmeta.for_update(sent.metadata, old.metadata))
    new = door.merge(sent, old)
    if door.counts and desires_differ(new, old):
        meta = replace(new.metadata, generation=old.metadata.generation + 1)
        new = replace(new, metadata=meta)
    return new


def validate(request: Request, door: Door, new: Any, old: Any) -> None:
    """Raises Invalid; warns."""
    resource = request.target.resource
    whole = objectmeta.validate(
        new.metadata, namespaced=resource.namespaced, validate_name=names.path_segment
    )
    changed = objectmeta.validate_update(new.metadata, old.metadata, whole)
    # Kubernetes checks metadata once for all kinds and again in each kind's own validation, some
    # of which repeat the checks of a create; and it reports a cause each time.
    problems = [*whole, *changed, *changed]
    if whole and request.target.strategy.repeats_create_checks:
        problems += whole
    problems += upheld(door.validate(new, old), request.means.permits)
    if problems:
        raise errors.Invalid.of(
            request.target.kind_group, resource.kind, request.call.name, problems
        )
    request.warn(door.warnings(new, old))


def desires_differ(new: Any, old: Any) -> bool:
    """Whether anything but metadata and status has changed."""
    return any(
        getattr(new, name) != getattr(old, name)
        for name in type(new).__struct_fields__
        if name not in ("metadata", "status")
    )


async def _put(request: Request, new: Any, record: Record) -> Item:
    target = request.target
    if not request.dry_run:
        return await target.replace(new, record)
    return Item(target.type, obj=new)
