"""APIServices of what this server itself answers for: written by it, and taken away again.

    catalog of group versions ──► wanted ─┐
                                          ├─ decide ──► create, update, delete
    cache of APIServices ─────► current ──┘

What is built in is looked at once after a start, so that people may change it afterwards; what is
defined at run time is kept as it should be all the time. An APIService without the label belongs to
whoever wrote it, and is never touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.apiregistration.v1 import APIService
from kubepy.apiserver.aggregation import priorities
from kubepy.apiserver.aggregation.availability import is_available
from kubepy.apiserver.aggregation.priorities import ALWAYS, AUTOMANAGED, ON_START, GroupVersion
from kubepy.apiserver.aggregation.queue import Queue
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.watchcache import Change, Record
from kubepy.base import version
from kubepy.meta import errors
from kubepy.meta.calls import Call, User

APISERVICES = ("apiservices", "apiregistration.k8s.io")
AGENT = f"kube-apiserver/{version.KUBERNETES}"  # whom the fields that are written here belong to


class Create(Struct, frozen=True):
    service: APIService


class Update(Struct, frozen=True):
    service: APIService


class Delete(Struct, frozen=True):
    name: str


Action = Create | Update | Delete


def decide(
    wanted: APIService | None, current: APIService | None, *, was_there: bool, done: bool
) -> Action | None:
    """What brings one APIService to what is wanted; None: nothing.

    `was_there`: it existed when the server started. `done`: it has been looked at since then.
    """
    if wanted is not None and _managed(wanted) == ON_START and done:
        return None
    if current is None:
        return Create(wanted) if wanted is not None else None
    label = _managed(current)
    if label not in (ON_START, ALWAYS):
        return None
    if label == ON_START and (done or not was_there):
        return None
    if wanted is None:
        return Delete(current.metadata.name)
    if current.spec == wanted.spec:
        return None
    return Update(replace(current, spec=wanted.spec))


def _managed(service: APIService) -> str:
    return service.metadata.labels.get(AUTOMANAGED, "")


class Registrations:
    """Start it when the feed runs, then let `run` go on in a task of its own."""

    def __init__(self, pipeline: Pipeline, user: User) -> None:
        self._pipeline = pipeline
        self._user = user
        self._store = pipeline.store(*APISERVICES)
        self._resource = self._store.resource
        served = ((each.group, each.version) for each in scheme.resources())
        self._built_in = {each.metadata.name: each for each in priorities.built_in(served)}
        self._custom: dict[str, APIService] = {}
        self._at_start: frozenset[str] = frozenset()
        self._done: set[str] = set()
        self._pending = set(self._built_in)
        self._queue = Queue("APIServices", self._reconcile)

    async def start(self) -> None:
        """Write what is built in: discovery is asked for it right after."""
        cache = self._store.cache
        self._at_start = frozenset(record.name for record in cache.records.values())
        await asyncio.gather(*(self._reconcile(name) for name in self._built_in))
        cache.subscribe(self._changed)
        for record in cache.records.values():
            self._notice(record)
        for name in self._at_start:
            self._queue.add(name)

    def want(self, group_versions: Iterable[GroupVersion]) -> None:
        """From now on these are the group versions that are defined at run time, and no others.

        Say those of old before `start`: what nobody wants by then is taken away.
        """
        wanted = {each.metadata.name: each for each in map(priorities.custom, group_versions)}
        changed = self._custom.keys() ^ wanted.keys()
        self._custom = wanted
        for name in sorted(changed):
            self._queue.add(name)

    async def run(self) -> None:
        await self._queue.run()

    @property
    def missing(self) -> list[str]:
        """What is built in and has not been seen to be available since the start."""
        return sorted(self._pending)

    def _changed(self, change: Change) -> None:
        if change.new is not None:
            self._notice(change.new)
        self._queue.add(change.record.name)

    def _notice(self, record: Record) -> None:
        if record.name in self._pending and is_available(record.peek()):
            self._pending.discard(record.name)

    async def _reconcile(self, name: str) -> None:
        record = await self._store.recent("", name)
        current = record.object if record is not None else None
        wanted = self._built_in.get(name) or self._custom.get(name)
        action = decide(wanted, current, was_there=name in self._at_start, done=name in self._done)
        if action is not None:
            await self._perform(action)
        self._done.add(name)

    async def _perform(self, action: Action) -> None:
        match action:
            case Create(service):
                call = Call("create", self._resource, body=service, user_agent=AGENT)
            case Update(service):
                name = service.metadata.name
                call = Call("update", self._resource, name=name, body=service, user_agent=AGENT)
            case Delete(name):
                call = Call("delete", self._resource, name=name, user_agent=AGENT)
        try:
            await self._pipeline.handle(call, self._user)
        except (errors.AlreadyExists, errors.NotFound):
            return  # another apiserver was quicker
