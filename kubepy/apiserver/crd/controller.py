"""The server's own controller of definitions: it gives them names, serves them, and clears away.

    cache of definitions ──► queue of names ──► one worker
                                                 ├─ names and conditions   (status.wanted)
                                                 ├─ serve or serve no more (Kinds)
                                                 └─ delete what is left of a deleted kind

One worker, so that no two definitions take the same name at once. What a definition asks for is
served before its condition Established says so; whoever has seen the condition finds the kind in
discovery, in OpenAPI and under its paths.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator

from msgspec.structs import replace

from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.apiserver import ownership
from kubepy.apiserver.crd import status
from kubepy.apiserver.crd.kinds import Kinds
from kubepy.apiserver.crd.names import Taken, is_established, taken_by
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.subresources.door import status_door
from kubepy.apiserver.verbs.request import Request
from kubepy.apiserver.watchcache import Change, Record
from kubepy.apiserver.webhooks import Webhooks
from kubepy.meta.calls import Call, User
from kubepy.meta.errors import ApiError
from kubepy.storage.store import Conflict, StorageError

log = logging.getLogger(__name__)

MANAGER = "kube-apiserver"  # who owns what this writes
RETRY_SECONDS = 1.0
DEFINITIONS = ("customresourcedefinitions", "apiextensions.k8s.io")


class Definitions:
    """Start it when the feed runs, then let `run` go on in a task of its own."""

    def __init__(self, pipeline: Pipeline, user: User, webhooks: Webhooks) -> None:
        self._pipeline = pipeline
        self._store: ResourceStore = pipeline.store(*DEFINITIONS)
        self._user = user
        self._kinds = Kinds(pipeline, webhooks, self.look_at)
        self._queue: dict[str, None] = {}  # in order, each name once
        self._wake = asyncio.Event()

    async def start(self) -> None:
        """Serve what has been established before: requests may come right after."""
        for definition in list(self._definitions()):
            if is_established(definition):
                await self._kinds.serve(definition)
        self._store.cache.subscribe(self._changed)
        for record in self._store.cache.records.values():
            self.look_at(record.name)

    def look_at(self, name: str) -> None:
        """Reconcile a definition soon."""
        self._queue[name] = None
        self._wake.set()

    def _changed(self, change: Change) -> None:
        self.look_at(change.record.name)

    async def run(self) -> None:
        """Until the task is cancelled."""
        try:
            await self._work()
        finally:
            await self._kinds.close()

    async def _work(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                name = next(iter(self._queue))
                del self._queue[name]
                try:
                    await self._reconcile(name)
                except (Conflict, ApiError, StorageError) as problem:
                    log.info("definition %s: %s; trying again", name, problem)
                    loop = asyncio.get_running_loop()
                    loop.call_later(RETRY_SECONDS, self.look_at, name)

    def _definitions(self) -> Iterator[CustomResourceDefinition]:
        for record in self._store.cache.records.values():
            yield record.peek()

    async def _reconcile(self, name: str) -> None:
        record = await self._store.recent("", name)
        if record is None:
            await self._kinds.forget(name)
            self._look_at_neighbours(name)
            return
        definition: CustomResourceDefinition = record.peek()
        if status.is_terminating(definition):
            await self._clear(definition, record)
            return
        wanted = status.wanted(definition, self._taken(definition), self._now())
        if is_established(wanted):
            await self._kinds.serve(wanted)
        if wanted is not definition:
            await self._write_status(wanted, record)
            if wanted.status.acceptedNames != definition.status.acceptedNames:
                self._look_at_neighbours(name)

    async def _write_status(self, new: CustomResourceDefinition, record: Record) -> Record:
        """Raises Conflict."""
        resource, name = self._store.resource, new.metadata.name
        call = Call("update", resource, name=name, subresource="status", user_agent=MANAGER)
        request = Request(call, self._user, self._store, self._pipeline.means)
        door = status_door(resource, self._store.strategy)
        owned = ownership.tracked(request, door, new, record.object)
        return await self._store.replace(owned, record)

    def _now(self) -> float:
        return self._pipeline.means.clock.now()

    def _taken(self, definition: CustomResourceDefinition) -> Taken:
        return taken_by(
            other.status.acceptedNames
            for other in self._definitions()
            if other.spec.group == definition.spec.group
            and other.metadata.name != definition.metadata.name
        )

    def _look_at_neighbours(self, name: str) -> None:
        """Names may have become free for others of the group."""
        group = name.partition(".")[2]
        for other in self._definitions():
            if other.spec.group == group and other.metadata.name != name:
                self.look_at(other.metadata.name)

    async def _clear(self, definition: CustomResourceDefinition, record: Record) -> None:
        """Delete every object of the kind; when none is left, the definition may go."""
        if status.FINALIZER not in definition.metadata.finalizers:
            return
        now = self._now()
        if not is_established(definition):
            await self._release(status.with_condition(definition, status.NEVER, now), record)
            return
        await self._kinds.serve(definition)
        begun = status.with_condition(definition, status.IN_PROGRESS, now)
        if begun is not definition:
            record = await self._write_status(begun, record)
        left = await self._delete_objects(definition.metadata.name)
        if not left:
            await self._release(status.with_condition(begun, status.COMPLETED, now), record)

    async def _delete_objects(self, name: str) -> bool:
        """Ask every object to go; whether some are still there, held by finalizers."""
        store = self._kinds.any_store(name)
        if store is None:
            return False
        await store.feed.own_writes()
        held = False
        for record in list(store.cache.records.values()):
            meta = record.peek().metadata
            if meta.deletionTimestamp is None:
                call = Call("delete", store.resource, record.namespace, record.name)
                await self._pipeline.perform(call, self._user)
                held = held or bool(meta.finalizers)
            else:
                held = True
        return held

    async def _release(self, definition: CustomResourceDefinition, record: Record) -> None:
        """Without our finalizer; without any, the definition is gone."""
        meta = definition.metadata
        finalizers = tuple(each for each in meta.finalizers if each != status.FINALIZER)
        definition = replace(definition, metadata=replace(meta, finalizers=finalizers))
        if finalizers:
            await self._store.replace(definition, record)
        else:
            await self._store.remove(record)
