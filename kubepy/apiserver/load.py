"""How much goes on at once, how long it may take, and the figures about it for /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kubepy.api.scheme import Resource
from kubepy.meta import errors

T = TypeVar("T")

RETRY_AFTER_SECONDS = 1
SECONDS = (
    0.005,
    0.025,
    0.05,
    0.1,
    0.2,
    0.4,
    0.6,
    0.8,
    1.0,
    1.25,
    1.5,
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    15,
    20,
    30,
    45,
    60,
)
LONG_RUNNING = frozenset({"WATCH", "CONNECT"})
VERBS = {
    "get": "GET",
    "list": "LIST",
    "watch": "WATCH",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETECOLLECTION",
}
COMPONENT = "apiserver"
STREAMED = frozenset({"log", "exec", "attach", "portforward", "proxy"})


class Target(Protocol):
    """What a request was about: a Call, or the front's RequestInfo."""

    @property
    def verb(self) -> str: ...
    @property
    def subresource(self) -> str: ...
    @property
    def namespace(self) -> str: ...
    @property
    def name(self) -> str: ...


class Load:
    """Limits and counters of one server."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        reading: int,
        mutating: int,
        timeout_seconds: float,
    ) -> None:
        self._limits = {False: reading, True: mutating}  # by whether it changes something
        self._now = {False: 0, True: 0}
        self._timeout = timeout_seconds
        labels = ("verb", "group", "version", "resource", "subresource", "scope")
        self._total = Counter(
            "apiserver_request_total",
            "Requests answered, by verb, resource and HTTP code.",
            ("verb", "dry_run", *labels[1:], "component", "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "apiserver_request_duration_seconds",
            "Seconds from a request's head to its answer's end, without long-running ones.",
            (*labels, "component", "dry_run"),
            buckets=SECONDS,
            registry=registry,
        )
        current = Gauge(
            "apiserver_current_inflight_requests",
            "Requests under way.",
            ("request_kind",),
            registry=registry,
        )
        current.labels("readOnly").set_function(lambda: self._now[False])
        current.labels("mutating").set_function(lambda: self._now[True])
        self._long_running = Gauge(
            "apiserver_longrunning_requests",
            "Watches and streams that go on.",
            (*labels, "component"),
            registry=registry,
        )
        self._children = lru_cache(maxsize=4096)(self._make_children)

    @contextmanager
    def admitted(self, *, mutating: bool) -> Iterator[None]:
        """Raises TooManyRequests when as many are under way as may be."""
        limit = self._limits[mutating]
        if limit and self._now[mutating] >= limit:
            raise errors.TooManyRequests.of(
                "too many requests, please try again later", RETRY_AFTER_SECONDS
            )
        self._now[mutating] += 1
        try:
            yield
        finally:
            self._now[mutating] -= 1

    async def bounded(self, work: Awaitable[T]) -> T:
        """Raises Timeout for what takes longer than a request may."""
        try:
            async with asyncio.timeout(self._timeout):
                return await work
        except TimeoutError:
            raise errors.Timeout.of(
                "request did not complete within the allotted timeout"
            ) from None

    def finished(
        self,
        resource: Resource | None,
        asked: Target,
        code: int,
        seconds: float,
        *,
        dry_run: bool = False,
    ) -> None:
        """Count a request that is over. `resource` is None for what is none, or is unknown."""
        key = labels_of(resource, asked)
        total, duration = self._children(key, "All" if dry_run else "", code)
        total.inc()
        if key[0] not in LONG_RUNNING:
            duration.observe(seconds)

    @contextmanager
    def long_running(self, resource: Resource, asked: Target) -> Iterator[None]:
        """Counts a watch or a stream while it goes on."""
        gauge = self._long_running.labels(*labels_of(resource, asked), COMPONENT)
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()

    def _make_children(self, key: tuple[str, ...], dry: str, code: int) -> tuple[Any, Any]:
        verb, *rest = key
        return (
            self._total.labels(verb, dry, *rest, COMPONENT, str(code)),
            self._seconds.labels(verb, *rest, COMPONENT, dry),
        )


def labels_of(resource: Resource | None, asked: Target) -> tuple[str, ...]:
    """Verb, group, version, resource, subresource and scope, of what is known alone.

    Whatever a client makes up must not become a label: there is no end to that.
    """
    verb = VERBS.get(asked.verb, "OTHER")
    if resource is None:
        return verb, "", "", "", "", ""
    subresource = asked.subresource if resource.subresource(asked.subresource) else ""
    if subresource in STREAMED:
        verb = "CONNECT"
    scope = "resource" if asked.name else "namespace" if asked.namespace else "cluster"
    return verb, resource.group, resource.version, resource.plural, subresource, scope
