"""create: default → admission → prepare → names, uid, time → validate → allocate → store."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.meta.v1 import CreateOptions
from kubepy.apiserver import bodies, options, ownership
from kubepy.apiserver.admission.chain import CREATE
from kubepy.apiserver.cel import budget
from kubepy.apiserver.registry import objectmeta
from kubepy.apiserver.registry.permits import upheld
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs.request import Request, in_namespace
from kubepy.meta import errors
from kubepy.meta.calls import Answer, Item
from kubepy.storage.store import Conflict

NAME_TRIES = 8  # of a generated name that somebody has already


async def create(request: Request, door: Door) -> Answer:
    """Raises BadRequest, Invalid, AlreadyExists, and whatever admission says."""
    call, target = request.call, request.target
    given = call.options if isinstance(call.options, CreateOptions) else None
    mode = (given.fieldValidation if given else "") or bodies.WARN
    options.check_write(given)
    obj, problems = bodies.decode(call.body, target.type, mode)
    request.warn(problems)
    obj = door.default(placed(obj, target, call.namespace))
    obj = ownership.tracked(request, door, obj)
    return await create_object(request, obj)


async def create_object(request: Request, obj: Any) -> Answer:
    """Create what is decoded, placed, defaulted and owned (also: by a PUT or a patch)."""
    obj = await request.admit(CREATE, obj)
    item = await store_new(request, obj)
    return Answer(item=item, code=201, warnings=tuple(request.warnings))


def placed(obj: Any, target: ResourceStore, namespace: str) -> Any:
    """The object in the request's namespace. Raises BadRequest if it says another."""
    own = obj.metadata.namespace
    if target.resource.namespaced and own not in ("", namespace):
        raise errors.BadRequest.of(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    return in_namespace(obj, namespace if target.resource.namespaced else "")


async def store_new(request: Request, obj: Any) -> Item:
    """Everything behind admission's changes: make the object valid and put it there."""
    target = request.target
    prefix = "" if obj.metadata.name else obj.metadata.generateName
    for tries in range(NAME_TRIES, 0, -1):
        name = obj.metadata.name
        if prefix:
            name = objectmeta.generated_name(prefix, request.means.random.choice)
        elif not name and target.strategy.names_itself:
            name = request.means.uid()
        if name != obj.metadata.name:
            obj = replace(obj, metadata=replace(obj.metadata, name=name))
        try:
            async with request.allocated(prepare(request, obj)) as allocated:
                await budget.asked(validate, request, allocated.object, obj)
                await request.check(CREATE, allocated.object)
                item = await _put(request, allocated.object)
                allocated.stored = not request.dry_run
            return item
        except Conflict:
            if not prefix or tries == 1:
                raise exists(target, obj.metadata) from None
    raise AssertionError("the last try returns or raises")


def prepare(request: Request, obj: Any) -> Any:
    """The object with what the server sets."""
    means, strategy = request.means, request.target.strategy
    meta = objectmeta.for_create(obj.metadata, uid=means.uid(), now=means.clock.now())
    if strategy.generation:
        meta = replace(meta, generation=1)
    return strategy.prepare_create(replace(obj, metadata=meta))


def validate(request: Request, obj: Any, sent: Any) -> None:
    """Raises Invalid; warns. `sent`: the object before the server set anything."""
    strategy, resource = request.target.strategy, request.target.resource
    rule = strategy.name_rule(obj) if strategy.name_rule else strategy.validate_name
    problems = objectmeta.validate(obj.metadata, namespaced=resource.namespaced, validate_name=rule)
    problems += upheld(strategy.validate_create(obj), request.means.permits)
    if problems:
        group = request.target.kind_group
        raise errors.Invalid.of(group, resource.kind, obj.metadata.name, problems)
    request.warn(strategy.warnings(sent))
    if sent.metadata.resourceVersion:
        raise errors.Unknown.of("resourceVersion should not be set on objects to be created")


async def _put(request: Request, obj: Any) -> Item:
    target = request.target
    if not request.dry_run:
        return await target.insert(obj)
    if await target.current(obj.metadata.namespace, obj.metadata.name) is not None:
        raise Conflict(None)
    return Item(target.type, obj=obj)


def exists(target: ResourceStore, meta: Any) -> errors.ApiError:
    """Why the name cannot be had."""
    problem = errors.AlreadyExists.of(target.resource, meta.name)
    record = target.known(meta.namespace, meta.name)
    if record is not None and record.peek().metadata.deletionTimestamp is not None:
        message = f"object is being deleted: {problem.status.message}"
        return errors.AlreadyExists(replace(problem.status, message=message))
    return problem
