"""All servers as one API: what the front end asks about other servers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import sha512
from typing import Any

import msgspec

from kubepy.api import codec
from kubepy.api.apidiscovery.v2 import APIGroupDiscoveryList
from kubepy.api.meta.v1 import APIGroup, APIGroupList
from kubepy.apiserver.aggregation import delegation, discovery, openapi
from kubepy.apiserver.aggregation.checks import Checks
from kubepy.apiserver.aggregation.documents import Documents
from kubepy.apiserver.aggregation.metrics import Availabilities
from kubepy.apiserver.aggregation.openapi import Document
from kubepy.apiserver.aggregation.servers import Servers
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.rest.front import Asked
from kubepy.apiserver.streaming.endpoints import Directory
from kubepy.meta.calls import User


class Aggregator:
    """Start it when the feed runs, then let `run` go on in a task of its own."""

    def __init__(
        self,
        pipeline: Pipeline,
        directory: Directory,
        servers: Servers,
        user: User,
        metrics: Availabilities,
    ) -> None:
        self._servers = servers
        self._documents = Documents(pipeline, servers)
        self._checks = Checks(pipeline, directory, servers, user, metrics)
        self._kept: dict[str, tuple[int, Any, Any]] = {}  # by kind: generation, of what, result

    def start(self) -> None:
        self._documents.start()
        self._checks.start()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._documents.run())
            group.create_task(self._checks.run())

    def elsewhere(self, path: str) -> Callable[[Asked], Awaitable[None]] | None:
        """Who answers for a decoded path; None: this server."""
        service = delegation.route(path, self._documents.remote)
        return partial(self._servers.forward, service=service) if service is not None else None

    def paths(self) -> list[str]:
        """Of other servers, for the list of all paths."""
        found = [delegation.path_of(service) for service in self._documents.remote.values()]
        return found + [f"/apis/{group}" for group, _ in self._documents.remote if group]

    def groups(self, own: APIGroupList) -> APIGroupList:
        return discovery.groups(own, self._documents.services.values())

    def group(self, name: str, own: APIGroup | None) -> APIGroup | None:
        return discovery.group(name, own, self._documents.services.values())

    def aggregated(
        self, own: APIGroupDiscoveryList, *, core: bool
    ) -> tuple[APIGroupDiscoveryList, str]:
        """The document of the core group, or of all others, and its ETag."""
        known = self._documents

        def merge() -> tuple[APIGroupDiscoveryList, str]:
            others = {key: each for key, each in known.discovery.items() if (not key[0]) == core}
            found = discovery.aggregated(own, known.services.values(), others)
            return found, sha512(codec.encode(found)).hexdigest().upper()

        place = "/api" if core else "/apis"
        result: tuple[APIGroupDiscoveryList, str] = self._remember(place, own, merge)
        return result

    def openapi_v2(self, own: Document, encode: Callable[[Document], bytes]) -> bytes | None:
        """The merged document; None: nobody else has one. Takes long: call it on a thread."""
        others = list(self._documents.openapi_v2.values())
        if not others:
            return None
        result: bytes = self._remember(
            f"v2 {encode.__qualname__}", own, lambda: encode(openapi.merged_v2(own, others))
        )
        return result

    def openapi_index(self, own: bytes) -> bytes:
        """GET /openapi/v3."""
        others = self._documents.openapi_v3.values()
        if not any(others):
            return own
        paths = msgspec.json.decode(own)["paths"]
        for each in others:
            paths.update(each)
        return msgspec.json.encode({"paths": dict(sorted(paths.items()))})

    def _remember(self, kind: str, own: Any, make: Callable[[], Any]) -> Any:
        """What is made of `own` and the others' documents, until either changes."""
        generation = self._documents.generation
        kept = self._kept.get(kind)
        if kept is not None and kept[0] == generation and kept[1] is own:
            return kept[2]
        result = make()
        self._kept[kind] = (generation, own, result)
        return result
