"""Whether this proxy keeps up, and whether a Service has endpoints here: for load balancers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from kubepy.api.core.v1 import Node
from kubepy.base import httpserver
from kubepy.base.clock import Clock
from kubepy.base.httpserver import Handler, Request, Response
from kubepy.proxy.metrics import Metrics
from kubepy.proxy.services import HealthCheck

TO_BE_DELETED = "ToBeDeletedByClusterAutoscaler"  # a taint: the autoscaler is removing the node

log = logging.getLogger(__name__)


class Health:
    """Healthy while no change has waited for the kernel longer than `patience` seconds."""

    def __init__(self, clock: Clock, patience: float, metrics: Metrics) -> None:
        self._clock = clock
        self._patience = patience
        self._metrics = metrics
        self._updated = 0.0  # wall time of the last sync; 0 before the first
        self._waiting: float | None = None  # monotonic time of the oldest change not yet synced
        self._eligible = True

    def queued(self) -> None:
        """A change has come that is not in the kernel yet."""
        if self._waiting is None:
            self._waiting = self._clock.monotonic()

    def updated(self) -> None:
        """Everything is in the kernel."""
        self._waiting = None
        self._updated = self._clock.now()

    def node(self, node: Node | None) -> None:
        """A node that is going away should get no new connections from load balancers."""
        if node is not None:
            going = any(taint.key == TO_BE_DELETED for taint in node.spec.taints)
            self._eligible = not going and node.metadata.deletionTimestamp is None

    def is_healthy(self) -> bool:
        """Also before the first sync: starting is no illness."""
        if self._waiting is None or not self._updated:
            return True
        return self._clock.monotonic() - self._waiting < self._patience

    def routes(self) -> dict[str, Handler]:
        async def healthz(request: Request) -> Response:
            healthy = self.is_healthy() and self._eligible
            eligible = f', "nodeEligible": {json.dumps(self._eligible)}'
            answer = self._answer(healthy, eligible)
            self._metrics.healthz.labels(str(answer.status)).inc()
            return answer

        async def livez(request: Request) -> Response:
            answer = self._answer(self.is_healthy(), "")
            self._metrics.livez.labels(str(answer.status)).inc()
            return answer

        return {"/healthz": healthz, "/livez": livez}

    def _answer(self, healthy: bool, more: str) -> Response:
        now = self._clock.now()
        # A healthy proxy is up to date now, however long ago something changed.
        updated = now if healthy else self._updated
        body = f'{{"lastUpdated": "{_moment(updated)}","currentTime": "{_moment(now)}"{more}}}'
        return Response(body, 200 if healthy else 503, httpserver.JSON)


def _moment(unix: float) -> str:
    """As Go prints a time."""
    if not unix:
        return "0001-01-01 00:00:00 +0000 UTC"
    return datetime.fromtimestamp(unix, UTC).strftime("%Y-%m-%d %H:%M:%S.%f +0000 UTC")


class ServiceChecks:
    """A small server for each Service whose load balancer asks which nodes have endpoints."""

    def __init__(self, is_healthy: Callable[[], bool], hosts: Callable[[], list[str]]) -> None:
        self._is_healthy = is_healthy
        self._hosts = hosts
        self._checks: dict[str, HealthCheck] = {}
        self._servers: dict[str, list[asyncio.Task[None]]] = {}

    def update(self, service: str, check: HealthCheck, group: asyncio.TaskGroup) -> None:
        """Have `namespace/name` answered as `check` says; port 0: not at all."""
        old = self._checks.get(service)
        if old is not None and old.port != check.port:
            for task in self._servers.pop(service, []):
                task.cancel()
        if not check.port:
            self._checks.pop(service, None)
            return
        self._checks[service] = check
        if service not in self._servers:
            self._servers[service] = [
                group.create_task(self._serve(service, host, check.port)) for host in self._hosts()
            ]

    async def _serve(self, service: str, host: str, port: int) -> None:
        async def answer(request: Request) -> Response:
            return _service_answer(service, self._checks, self._is_healthy())

        try:
            await httpserver.serve({"/": answer}, host=host, port=port)
        except OSError as error:
            log.error("health check of %s: port %d: %s", service, port, error.strerror)


def _service_answer(
    service: str, checks: Mapping[str, HealthCheck], proxy_healthy: bool
) -> Response:
    namespace, _, name = service.partition("/")
    check = checks.get(service, HealthCheck(0, 0))
    body = {
        "service": {"namespace": namespace, "name": name},
        "localEndpoints": check.endpoints,
        "serviceProxyHealthy": proxy_healthy,
    }
    healthy = check.endpoints > 0 and proxy_healthy
    return Response(json.dumps(body, indent="\t"), 200 if healthy else 503, httpserver.JSON)
