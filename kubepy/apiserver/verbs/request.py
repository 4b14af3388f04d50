"""What a verb works with: the call, who makes it, and the server's means."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from kubepy.apiserver.admission.chain import Chain, Plugin, Review
from kubepy.apiserver.registry.allocation import Allocation
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.base.clock import Clock
from kubepy.meta.calls import Call, User
from kubepy.meta.errors import ApiError
from kubepy.storage.store import Conflict

MayCreate = Callable[[], Awaitable[None]]
"""Raises Forbidden if the caller of a write may not create what is not there."""


class Means:
    """What every request shares: time, chance, admission, permits, allocators."""

    def __init__(
        self, clock: Clock, random: Random, chain: Chain, permits: frozenset[str] = frozenset()
    ) -> None:
        self.clock = clock
        self.random = random
        self.chain = chain
        self.permits = permits
        self.allocations: dict[str, Allocation] = {}

    def uid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))


class Allocated:
    """An object with the addresses and ports taken for it; say `stored` when it is."""

    def __init__(self, obj: Any) -> None:
        self.object = obj
        self.stored = False


class Request:
    """One call under way. `warnings` grows while it is worked on."""

    def __init__(self, call: Call, user: User, target: ResourceStore | None, means: Means) -> None:
        self.call = call
        self.user = user
        self.means = means
        self.warnings: list[str] = []
        self.dry_run = bool(getattr(call.options, "dryRun", ()))
        self._target = target

    @property
    def target(self) -> ResourceStore:
        """Where the resource's objects are; reviews and the like have none."""
        assert self._target is not None
        return self._target

    def warn(self, texts: Sequence[str]) -> None:
        """Each text once, however often it is said."""
        self.warnings += [text for text in texts if text not in self.warnings]

    @asynccontextmanager
    async def allocated(
        self, obj: Any, old: Any = None, *, needed: bool = True
    ) -> AsyncIterator[Allocated]:
        """Hold what the object needs of unique things until it is known whether it is stored."""
        allocation = self._allocation() if needed else None
        if allocation is None:
            yield Allocated(obj)
            return
        obj, taken = await allocation.take(obj, old, dry_run=self.dry_run)
        result = Allocated(obj)
        try:
            yield result
        except (ApiError, Conflict):
            await allocation.settle(obj, taken, stored=False)
            raise
        except BaseException:
            allocation.doubt(taken)
            raise
        await allocation.settle(obj, taken, stored=result.stored)

    async def gone(self, obj: Any) -> None:
        """What was unique about a deleted object is anybody's."""
        if (allocation := self._allocation()) is not None:
            await allocation.release(obj)

    def _allocation(self) -> Allocation | None:
        return self.means.allocations.get(self.call.resource.group_resource)

    async def admit(self, operation: str, obj: Any, old: Any = None) -> Any:
        """The object after every plugin that may change it. Raises ApiError."""
        review = self._review(operation, obj, old)
        for plugin in self._plugins(operation):
            obj = await plugin.admit(review)
            if obj is not review.object:
                review = self._review(operation, obj, old)
        return review.object

    async def check(self, operation: str, obj: Any, old: Any = None) -> None:
        """Every plugin's last word. Raises ApiError."""
        review = self._review(operation, obj, old)
        for plugin in self._plugins(operation):
            await plugin.validate(review)

    def _plugins(self, operation: str) -> Sequence[Plugin]:
        call = self.call
        return self.means.chain.plugins_for(operation, call.resource, call.subresource)

    def _review(self, operation: str, obj: Any, old: Any) -> Review:
        call = self.call
        return Review(
            operation,
            call.resource,
            call.subresource,
            call.namespace,
            call.name or (obj.metadata.name if obj is not None else ""),
            obj,
            old,
            self.user,
            self.dry_run,
        )


def in_namespace(obj: Any, namespace: str) -> Any:
    """The object where the request says it is; it may have left that out."""
    if obj.metadata.namespace == namespace:
        return obj
    return replace(obj, metadata=replace(obj.metadata, namespace=namespace))
