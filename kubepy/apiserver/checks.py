"""What /healthz, /livez and /readyz look at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial

from kubepy.apiserver.config import Config
from kubepy.apiserver.rest.health import Check, Checks
from kubepy.apiserver.server import Server
from kubepy.base.clock import Clock
from kubepy.storage.store import StorageError

# What Kubernetes calls the parts of a start, as far as this server has them.
STARTED = (
    "generic-apiserver-start-informers",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "start-cluster-authentication-info-controller",
    "start-kube-apiserver-identity-lease-controller",
    "start-kube-apiserver-identity-lease-garbage-collector",
    "start-service-ip-repair-controllers",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "bootstrap-controller",
    "start-kubernetes-service-cidr-controller",
    "start-kube-aggregator-informers",
    "apiservice-status-local-available-controller",
    "apiservice-status-remote-available-controller",
    "apiservice-registration-controller",
    "apiservice-discovery-controller",
    "kube-apiserver-autoregistration",
)
STARTED_LAST = ("apiservice-openapi-controller", "apiservice-openapiv3-controller")


class State:
    """Whether the server is on its way out."""

    def __init__(self) -> None:
        self.leaving = False

    async def leave(self, delay: float, clock: Clock) -> None:
        """Say not ready, and give load balancers `delay` seconds to notice."""
        self.leaving = True
        if delay:
            await clock.sleep(delay)


def checks(state: State, server: Server, config: Config) -> Mapping[str, Checks]:
    """The checks of each page, in Kubernetes' order.

    What is done before the server listens is well by then; what could fail later would have ended
    the process.
    """

    async def well() -> str:
        return ""

    async def shutdown() -> str:
        return "the server is shutting down" if state.leaving else ""

    async def answers(seconds: float) -> str:
        try:
            async with asyncio.timeout(seconds):
                await server.store.revision()
        except (TimeoutError, StorageError) as problem:
            return f"error getting data from etcd: {problem}"
        return ""

    async def registered() -> str:
        missing = " ".join(server.registrations.missing)
        return f"missing APIService: [{missing}]" if missing else ""

    healthy: Check = partial(answers, config.etcd_healthcheck_timeout)
    ready_to: Check = partial(answers, config.etcd_readycheck_timeout)
    basic = {"ping": well, "log": well}
    started = {
        **{f"poststarthook/{name}": well for name in STARTED},
        "autoregister-completion": registered,
        **{f"poststarthook/{name}": well for name in STARTED_LAST},
    }
    alive = {**basic, "etcd": healthy, **started}
    ready = {**basic, "etcd-readiness": ready_to, "informer-sync": well, **started}
    return {"healthz": alive, "livez": alive, "readyz": {**ready, "shutdown": shutdown}}
