"""What other servers say about themselves: discovery and OpenAPI, fetched and kept.

A server that does not answer keeps the place that it had; what is shown of it is stale then.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from kubepy.api import codec
from kubepy.api.apidiscovery.v2 import APIGroupDiscoveryList, APIVersionDiscovery
from kubepy.api.apiregistration.v1 import APIService
from kubepy.api.meta.v1 import APIResourceList
from kubepy.apiserver.aggregation import availability, delegation, discovery
from kubepy.apiserver.aggregation.openapi import Other
from kubepy.apiserver.aggregation.priorities import GroupVersion
from kubepy.apiserver.aggregation.queue import Queue
from kubepy.apiserver.aggregation.registration import APISERVICES
from kubepy.apiserver.aggregation.servers import Servers, Unreachable
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.watchcache import Change
from kubepy.meta import errors

REFRESH_SECONDS = 60.0
AS = "as=APIGroupDiscoveryList"
AGGREGATED = ",".join(
    f"application/json;g=apidiscovery.k8s.io;v={version};{AS}" for version in ("v2", "v2beta1")
)
JSON = "application/json"
OK, NOT_ACCEPTABLE = 200, 406


class Documents:
    """Start it when the feed runs, then let `run` go on in a task of its own."""

    def __init__(self, pipeline: Pipeline, servers: Servers) -> None:
        self._clock = pipeline.means.clock
        self._cache = pipeline.store(*APISERVICES).cache
        self._servers = servers
        self._queue = Queue("discovery", self._fetch)
        self.generation = 0  # counts whatever changes what is shown
        self.services: dict[str, APIService] = {}
        self.remote: dict[GroupVersion, APIService] = {}
        self.discovery: dict[GroupVersion, APIVersionDiscovery] = {}
        self.openapi_v2: dict[GroupVersion, Other] = {}
        self.openapi_v3: dict[GroupVersion, dict[str, Any]] = {}

    def start(self) -> None:
        for record in self._cache.records.values():
            self._know(record.peek())
        self._cache.subscribe(self._changed)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.run(2))
            group.create_task(self._refresh())

    async def _refresh(self) -> None:
        while True:
            await self._clock.sleep(REFRESH_SECONDS)
            for service in self.remote.values():
                self._queue.add(service.metadata.name)

    def _changed(self, change: Change) -> None:
        if change.new is not None:
            self._know(change.new.peek())
            return
        gone = self.services.pop(change.record.name, None)
        if gone is not None:
            self._forget((gone.spec.group, gone.spec.version))

    def _know(self, service: APIService) -> None:
        key = (service.spec.group, service.spec.version)
        self.generation += 1
        self.services[service.metadata.name] = service
        if service.spec.service is None:
            self._forget(key)
            return
        self.remote[key] = service
        if key not in self.discovery:
            self.discovery[key] = discovery.entry(None, key[1], fresh=False)
        self._queue.add(service.metadata.name)

    def _forget(self, key: GroupVersion) -> None:
        self.generation += 1
        for known in (self.remote, self.discovery, self.openapi_v2, self.openapi_v3):
            known.pop(key, None)  # type: ignore[attr-defined]

    async def _fetch(self, name: str) -> None:
        """Raises what is to be tried again."""
        service = self.services.get(name)
        if service is None or service.spec.service is None:
            return
        key = (service.spec.group, service.spec.version)
        if not availability.is_available(service):
            self._show(key, self.discovery.get(key), fresh=False)
            return  # it comes here again when that changes
        try:
            found = await self._discovery(service)
            await self._openapi(service)
        except (Unreachable, codec.DecodeError, msgspec.MsgspecError) as problem:
            self._show(key, self.discovery.get(key), fresh=False)
            raise errors.ServiceUnavailable.of(str(problem)) from problem
        self._show(key, found, fresh=True)

    def _show(self, key: GroupVersion, found: APIVersionDiscovery | None, *, fresh: bool) -> None:
        if key not in self.remote:
            return  # gone in the meantime
        shown = discovery.entry(found, key[1], fresh=fresh)
        if self.discovery.get(key) != shown:
            self.discovery[key] = shown
            self.generation += 1

    async def _discovery(self, service: APIService) -> APIVersionDiscovery | None:
        """What the server says of the group version; None: it says nothing of it."""
        reply = await self._servers.ask(service, "/apis", {"Accept": AGGREGATED})
        if reply.status == OK and AS in reply.headers.get("Content-Type", ""):
            found = discovery.documents_of(codec.decode(APIGroupDiscoveryList, reply.body))
            return found.get((service.spec.group, service.spec.version))
        if reply.status not in (OK, NOT_ACCEPTABLE):
            raise Unreachable(reply.url, f"response code {reply.status}")
        path = delegation.path_of(service)
        reply = await self._servers.ask(service, path, {"Accept": JSON})
        if reply.status != OK:
            raise Unreachable(reply.url, f"response code {reply.status}")
        plain = codec.decode(APIResourceList, reply.body)
        return discovery.converted(service.spec.version, plain)

    async def _openapi(self, service: APIService) -> None:
        """Servers need not have either kind of document."""
        key = (service.spec.group, service.spec.version)
        path = delegation.path_of(service)
        reply = await self._servers.ask(service, "/openapi/v2", {"Accept": JSON})
        if reply.status == OK:
            other = Other(path, msgspec.json.decode(reply.body))
            if self.openapi_v2.get(key) != other:
                self.openapi_v2[key] = other
                self.generation += 1
        reply = await self._servers.ask(service, "/openapi/v3", {"Accept": JSON})
        if reply.status == OK:
            listed = msgspec.json.decode(reply.body).get("paths", {})
            name = path.removeprefix("/")
            found = {name: listed[name]} if name in listed else {}
            if self.openapi_v3.get(key) != found:
                self.openapi_v3[key] = found
                self.generation += 1
