"""delete and deletecollection: check the preconditions, then do what `registry.deletion` plans."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.meta.v1 import DeleteOptions, ListOptions, ObjectMeta, Status, StatusDetails
from kubepy.apiserver import bodies, options
from kubepy.apiserver.admission.chain import DELETE
from kubepy.apiserver.registry import deletion
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.verbs import reads
from kubepy.apiserver.verbs.request import Request
from kubepy.apiserver.watchcache import Record
from kubepy.meta import errors
from kubepy.meta.calls import Answer, Item, Items
from kubepy.storage.store import Conflict

TRIES = 20  # against other writers


async def delete(request: Request) -> Answer:
    """Raises NotFound, Conflict (a precondition), Invalid (the options), Forbidden."""
    wanted = options_of(request)
    answer = await delete_object(request, wanted, request.call.name)
    return replace(answer, warnings=tuple(request.warnings)) if request.warnings else answer


async def delete_collection(request: Request) -> Items:
    """Delete what the selection covers; the answer is the list as it was."""
    wanted = options_of(request)
    target, namespace = request.target, request.call.namespace
    selection = request.call.selection or ListOptions()
    options.check_list(selection)
    found = await reads.select(target, namespace, selection)
    for item in found.items:
        assert isinstance(item, Record)
        try:
            await delete_object(request, wanted, item.name, item.namespace)
        except errors.NotFound:
            continue  # somebody was quicker
    return replace(found, warnings=tuple(request.warnings)) if request.warnings else found


def options_of(request: Request) -> DeleteOptions:
    given = request.call.options
    wanted = bodies.delete_options(
        request.call.body, given if isinstance(given, DeleteOptions) else None
    )
    options.check_delete(wanted)
    request.warn(request.target.strategy.delete_warnings(wanted))
    return wanted


async def delete_object(
    request: Request, wanted: DeleteOptions, name: str, namespace: str | None = None
) -> Answer:
    """Delete one object; the options have been checked."""
    target = request.target
    namespace = request.call.namespace if namespace is None else namespace
    await request.admit(DELETE, None)
    record = await target.current(namespace, name)
    for _ in range(TRIES):
        if record is None:
            raise errors.NotFound.of(target.resource, name)
        try:
            return await _attempt(request, wanted, record)
        except Conflict as conflict:
            found = conflict.current
            record = target.encoding.readable(found) if found else None
    raise errors.Conflict.of(target.resource, name)


async def _attempt(request: Request, wanted: DeleteOptions, record: Record) -> Answer:
    """One try on one state. Raises storage.Conflict if it has moved."""
    target = request.target
    old = record.peek()
    strategy = target.strategy
    if strategy.plan_delete is deletion.plan:
        check_preconditions(target, wanted, old.metadata)
    await request.check(DELETE, None, old)
    plan = strategy.plan_delete(old, wanted, strategy, request.means.clock.now())
    if options.dry_run(wanted):
        return _answer(request, plan.go, wanted, Item(target.type, obj=plan.mark or old))
    if plan.mark is not None:
        record = await target.replace(plan.mark, record)
    if not plan.go:
        return _answer(request, False, wanted, record)
    gone = await target.remove(record)
    await request.gone(old)
    return _answer(request, True, wanted, gone)


def _answer(request: Request, gone: bool, wanted: DeleteOptions, item: Item) -> Answer:
    """The object while it waits, a Status when it is gone."""
    if gone and not request.target.strategy.returns_deleted:
        meta: ObjectMeta = item.peek().metadata
        return Answer(item=Item(Status, obj=success(request.target, meta.name, meta.uid)))
    # Only this old way of asking for cascading deletion is told that it is not done yet.
    waiting = not gone and wanted.orphanDependents is False
    return Answer(item=item, code=202 if waiting else 200)


def success(target: ResourceStore, name: str, uid: str = "") -> Status:
    """Done; there is no object to show."""
    resource = target.resource
    details = StatusDetails(name=name, group=resource.group, kind=resource.plural, uid=uid)
    return Status(status="Success", details=details)


def check_preconditions(target: ResourceStore, wanted: DeleteOptions, meta: ObjectMeta) -> None:
    """Raises Conflict."""
    conditions = wanted.preconditions
    if conditions is None:
        return
    resource = target.resource
    # This message names the kind where others name the resource.
    named = f"{resource.kind}.{target.kind_group}".rstrip(".")
    if conditions.uid is not None and conditions.uid != meta.uid:
        raise errors.Conflict.of(
            named,
            meta.name,
            f"the UID in the precondition ({conditions.uid}) does not match the UID in record "
            f"({meta.uid}). The object might have been deleted and then recreated",
        )
    version = conditions.resourceVersion
    if version is not None and version != meta.resourceVersion:
        raise errors.Conflict.of(
            named,
            meta.name,
            f"the ResourceVersion in the precondition ({version}) does not match the "
            f"ResourceVersion in record ({meta.resourceVersion}). The object might have been "
            "modified",
        )


async def release(request: Request, new: Any, record: Record) -> Item:
    """An update has taken the last finalizer away: the object goes, the answer is its end.

    Raises storage.Conflict.
    """
    if not request.dry_run:
        await request.target.remove(record)
        await request.gone(record.peek())
    return Item(request.target.type, obj=new)
