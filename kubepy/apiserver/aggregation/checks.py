"""Keeps the condition Available of every APIService true.

APIServices ─┐
Services ────┼─ names ──► Queue ──► foreseen, or asked ──► status, if it says something new
slices ──────┘
"""

from __future__ import annotations

import asyncio

from kubepy.api.apiregistration.v1 import APIService, APIServiceCondition
from kubepy.apiserver.aggregation import availability, delegation
from kubepy.apiserver.aggregation.metrics import Availabilities
from kubepy.apiserver.aggregation.queue import Queue
from kubepy.apiserver.aggregation.registration import AGENT, APISERVICES
from kubepy.apiserver.aggregation.servers import Servers, Unreachable
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.registry.apiregistration.apiservice import LOCAL
from kubepy.apiserver.streaming.endpoints import SERVICE_NAME, SLICES, Directory
from kubepy.apiserver.watchcache import Change
from kubepy.meta import errors
from kubepy.meta.calls import Call, User
from kubepy.meta.errors import ApiError

ATTEMPTS = 5  # at once; one that succeeds is enough
RESYNC_SECONDS = 30.0  # a network may fail without anybody's telling
WORKERS = 5
GOOD = range(200, 300)


class Checks:
    """Start it when the feed runs, then let `run` go on in a task of its own."""

    def __init__(
        self,
        pipeline: Pipeline,
        directory: Directory,
        servers: Servers,
        user: User,
        metrics: Availabilities,
    ) -> None:
        self._pipeline = pipeline
        self._directory = directory
        self._servers = servers
        self._user = user
        self._metrics = metrics
        self._store = pipeline.store(*APISERVICES)
        self._queue = Queue("availability", self._reconcile)

    def start(self) -> None:
        self._store.cache.subscribe(lambda change: self._queue.add(change.record.name))
        self._pipeline.store("services").cache.subscribe(self._service_changed)
        self._pipeline.store(*SLICES).cache.subscribe(self._slice_changed)
        self._look_at_all()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.run(WORKERS))
            group.create_task(self._resync())

    async def _resync(self) -> None:
        while True:
            await self._pipeline.means.clock.sleep(RESYNC_SECONDS)
            self._look_at_all()

    def _look_at_all(self) -> None:
        for record in self._store.cache.records.values():
            self._queue.add(record.name)

    def _service_changed(self, change: Change) -> None:
        self._look_at_users_of(change.record.namespace, change.record.name)

    def _slice_changed(self, change: Change) -> None:
        record = change.record
        self._look_at_users_of(record.namespace, record.labels.get(SERVICE_NAME, ""))

    def _look_at_users_of(self, namespace: str, name: str) -> None:
        for record in self._store.cache.records.values():
            reference = record.peek().spec.service
            if reference and (reference.namespace, reference.name) == (namespace, name):
                self._queue.add(record.name)

    async def _reconcile(self, name: str) -> None:
        record = self._store.known("", name)
        if record is None:
            self._metrics.forget(name)
            return
        service: APIService = record.object
        condition = await self._look_at(service)
        now = self._pipeline.means.clock.now()
        wanted = availability.with_condition(service, condition, now)
        self._metrics.looked_at(service, wanted)
        if wanted is not service:
            call = Call(
                "update",
                self._store.resource,
                name=name,
                subresource="status",
                body=wanted,
                user_agent=AGENT,
            )
            await self._pipeline.handle(call, self._user)
        if condition.reason == "FailedDiscoveryCheck":  # comes again, sooner than the resync
            raise errors.ServiceUnavailable.of(condition.message)

    async def _look_at(self, service: APIService) -> APIServiceCondition:
        reference = service.spec.service
        if reference is None:
            return LOCAL
        known = self._directory
        found = availability.foreseen(
            service,
            known.service(reference.namespace, reference.name),
            known.slices(reference.namespace, reference.name),
        )
        return found or await self._ask(service)

    async def _ask(self, service: APIService) -> APIServiceCondition:
        """Some of several questions may go astray; all of them only if something is wrong."""
        why = ""
        tries = [asyncio.ensure_future(self._attempt(service)) for _ in range(ATTEMPTS)]
        try:
            for each in asyncio.as_completed(tries):
                why = await each
                if not why:
                    return availability.PASSED
        finally:
            for each in tries:
                each.cancel()
        return availability.failed_check(why)

    async def _attempt(self, service: APIService) -> str:
        """What is wrong; empty if nothing is."""
        path = delegation.path_of(service)
        try:
            reply = await self._servers.ask(service, path, {}, verify=False)
            if reply.status not in GOOD:
                why = f"bad status from {reply.url}: {reply.status}"
                raise Unreachable(reply.url, why)
        except ApiError as problem:
            return problem.message
        except Unreachable as problem:
            return str(problem)
        return ""
