"""Every API request's way: authorize → find what is addressed → the verb. No sockets, no bytes.

    Call, User ─► authorize ─► stores[resource] ─► verbs/<verb>.py ─► Answer, Items, Stream
                                    │                   │ admission, strategy, allocators
                                    └► subresources/    └► ResourceStore ─► Store

Front ends turn what comes over a wire into a Call and what comes back into bytes; in the same
process a client hands over Calls itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.custom import CustomKind
from kubepy.api.scheme import Resource
from kubepy.apiserver.authz import refusal
from kubepy.apiserver.catalog import Catalog
from kubepy.apiserver.feed import Feed
from kubepy.apiserver.registry.resource_store import ResourceStore, by_plural
from kubepy.apiserver.subresources.door import Door, main_door, status_door
from kubepy.apiserver.verbs import (
    apply,
    componentstatuses,
    create,
    delete,
    patch,
    reads,
    update,
    watches,
)
from kubepy.apiserver.verbs.request import MayCreate, Means, Request
from kubepy.apiserver.verbs.watches import Stream
from kubepy.meta import errors
from kubepy.meta.calls import (
    APPLY_PATCH,
    Answer,
    Attributes,
    Authorizer,
    Body,
    Call,
    Connection,
    Items,
    Reply,
    User,
)
from kubepy.meta.errors import ApiError
from kubepy.storage.store import StorageError


class Action(Protocol):
    """A POST that is no plain create: a binding, an eviction, a token, a review."""

    async def __call__(self, pipeline: Pipeline, request: Request) -> Answer: ...


class Connector(Protocol):
    """A subresource that streams; finds where it leads."""

    async def __call__(self, pipeline: Pipeline, request: Request) -> Connection: ...


class Pipeline:
    """A `kubepy.meta.calls.Handler`."""

    def __init__(
        self,
        stores: Sequence[ResourceStore],
        feed: Feed,
        means: Means,
        authorize: Authorizer,
        *,
        doors: Mapping[tuple[str, str], Door],
        actions: Mapping[tuple[str, str], Action],
        connectors: Mapping[tuple[str, str], Connector],
    ) -> None:
        self.feed = feed
        self.catalog = Catalog()
        self.means = means
        self.authorize = authorize
        self._stores = {store.resource: store for store in stores}
        self._by_name = by_plural(stores)
        self._special_doors = dict(doors)
        self._own_doors: dict[tuple[Resource, str], Door] = {}  # of resources that come and go
        self._doors: dict[tuple[Resource, str], Door] = {}
        self._actions = actions
        self._connectors = connectors

    def store(self, plural: str, group: str = "") -> ResourceStore:
        """The objects of a resource. KeyError if there is none."""
        return self._by_name[plural, group]

    def add(self, store: ResourceStore, doors: Mapping[str, Door]) -> None:
        """One more resource, with the subresources that have doors of their own."""
        resource = store.resource
        self._stores[resource] = store
        self._by_name[resource.plural, resource.group] = store
        for name, door in doors.items():
            self._own_doors[resource, name] = door

    def remove(self, store: ResourceStore) -> None:
        resource = store.resource
        del self._stores[resource]
        if self._by_name.get((resource.plural, resource.group)) is store:
            del self._by_name[resource.plural, resource.group]
        for key in [key for key in self._own_doors if key[0] is resource]:
            del self._own_doors[key]

    async def lookup(self, type_: type[Any], namespace: str, name: str) -> Any | None:
        """A current object, past all authorization; None if there is none. Raises ApiError."""
        store = self._stores[scheme.by_type(type_)]
        with _answered():
            record = await store.current(namespace, name)
        return record.object if record is not None else None

    async def handle(self, call: Call, user: User) -> Reply:
        """Raises ApiError."""
        await self._check_allowed(call, user)
        return await self.perform(call, user)

    async def perform(self, call: Call, user: User) -> Reply:
        """The same for the server itself, which asks nobody. Raises ApiError."""
        call = self._own(call)
        action = self._actions.get((call.resource.group_resource, call.subresource))
        if action is not None and call.verb == "create":
            request = Request(call, user, self._stores.get(call.resource), self.means)
            return await self._finish(request, action(self, request))
        request = Request(call, user, self._stores.get(call.resource), self.means)
        if call.resource.group_resource == "componentstatuses":
            return await self._finish(request, componentstatuses.answer(request, self.feed.store))
        self._target(call)
        return await self._finish(request, self._perform(request))

    async def _finish(self, request: Request, work: Awaitable[Reply]) -> Reply:
        try:
            with _answered():
                return await work
        except ApiError as error:
            error.warnings += tuple(request.warnings)
            raise

    async def _perform(self, request: Request) -> Reply:
        call, target = request.call, request.target
        match call.verb:
            case "get":
                return await self._get(request)
            case "list":
                return await reads.list_(target, call)
            case "create" if not call.subresource:
                return await create.create(request, self._door(call))
            case "update":
                return await update.update(request, self._door(call), self._may_create(request))
            case "patch" if _is_apply(call):
                return await apply.apply(request, self._door(call), self._may_create(request))
            case "patch":
                return await patch.patch(request, self._door(call))
            case "delete" if not call.subresource:
                return await delete.delete(request)
            case "deletecollection" if not call.subresource:
                return await delete.delete_collection(request)
        raise errors.MethodNotAllowed.path()

    def _may_create(self, request: Request) -> MayCreate:
        creation = replace(request.call, verb="create")

        async def check() -> None:
            await self._check_allowed(creation, request.user)

        return check

    async def _get(self, request: Request) -> Answer:
        call = request.call
        answer = await reads.get(request.target, call)
        if not call.subresource:
            return answer
        return update.seen_through(self._door(call), answer.item)

    async def watch(self, call: Call, user: User) -> Stream:
        """Raises ApiError before the stream begins."""
        call = self._own(call)
        await self._check_allowed(call, user)
        with _answered():
            return await watches.watch(self._target(call), call, self.means.random)

    async def connect(self, call: Call, user: User) -> Connection:
        """Raises ApiError."""
        await self._check_allowed(call, user)
        connector = self._connectors.get((call.resource.group_resource, call.subresource))
        if connector is None:
            raise errors.NotFound.path()
        with _answered():
            return await connector(self, Request(call, user, self._target(call), self.means))

    async def _check_allowed(self, call: Call, user: User) -> None:
        """Raises Forbidden."""
        asked = attributes(call, user)
        decision = await self.authorize(asked)
        if not decision.allowed:
            raise refusal.forbidden(asked, decision)

    def _own(self, call: Call) -> Call:
        """A call of somebody who knows a custom kind by its definition alone."""
        resource = call.resource
        if not isinstance(resource, CustomKind) or resource in self._stores:
            return call
        found = self.catalog.by_plural(resource.group, resource.version, resource.plural)
        if found is None:
            raise errors.NotFound.path()
        return replace(call, resource=found)

    def _target(self, call: Call) -> ResourceStore:
        found = self._stores.get(call.resource)
        if found is None:
            raise errors.MethodNotAllowed.path()
        return found

    def _door(self, call: Call) -> Door:
        key = (call.resource, call.subresource)
        if key not in self._doors:
            self._doors[key] = self._find_door(*key)
        return self._doors[key]

    def _find_door(self, resource: Resource, subresource: str) -> Door:
        """Raises NotFound."""
        found = self._own_doors.get((resource, subresource))
        found = found or self._special_doors.get((resource.group_resource, subresource))
        if found is not None:
            return found
        strategy = self._stores[resource].strategy
        if not subresource:
            return main_door(resource, strategy)
        if subresource == "status" and resource.subresource("status"):
            return status_door(resource, strategy)
        raise errors.NotFound.path()


def _is_apply(call: Call) -> bool:
    return isinstance(call.body, Body) and call.body.content_type == APPLY_PATCH


@contextmanager
def _answered() -> Iterator[None]:
    """What the store says when it fails, as an answer."""
    try:
        yield
    except StorageError as problem:
        raise errors.Unknown.of(str(problem)) from problem


def attributes(call: Call, user: User) -> Attributes:
    """What an authorizer is asked about a call."""
    resource = call.resource
    return Attributes(
        user=user,
        verb=call.verb,
        group=resource.group,
        version=resource.version,
        resource=resource.plural,
        subresource=call.subresource,
        # A namespace is in itself: rights within it may cover it.
        namespace=call.name if resource.group_resource == "namespaces" else call.namespace,
        name=call.name,
    )


__all__ = ["Action", "Connector", "Items", "Pipeline", "attributes"]
