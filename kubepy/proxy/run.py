"""kube-proxy as a whole: informers, the proxier, and what it says about itself."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import AsyncExitStack

from kubepy.api.core.v1 import Node, Service
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.base import httpserver
from kubepy.base.clock import Clock, SystemClock
from kubepy.base.httpserver import Handler, Request, Response
from kubepy.client.client import Client
from kubepy.client.connect import connect
from kubepy.client.informer import Informer
from kubepy.proxy import config as configuration
from kubepy.proxy import sysctls
from kubepy.proxy.backend import Backend, BackendError, Unsupported
from kubepy.proxy.config import Config, KubeProxyConfiguration, Options
from kubepy.proxy.health import Health
from kubepy.proxy.kernel import Kernel
from kubepy.proxy.metrics import Metrics
from kubepy.proxy.proxier import BY_SERVICE, Proxier, Sources, slice_owner
from kubepy.proxy.services import HEADLESS_LABEL, PROXY_NAME_LABEL
from kubepy.proxy.userspace import Userspace

NAME = "kube-proxy"
PATIENCE = 2  # sync periods that a change may wait before the proxy calls itself ill
# What another proxy serves, or nobody, is not even listed.
SERVICES = f"!{PROXY_NAME_LABEL}"
SLICES = f"!{HEADLESS_LABEL},!{PROXY_NAME_LABEL}"

log = logging.getLogger(__name__)


async def main(config: Config) -> None:
    """The binary."""
    if config.cleanup:
        await cleanup()
        return
    clock = SystemClock()
    client = connect(config.file.clientConnection.kubeconfig, user_agent=NAME, clock=clock)
    sysctls.apply(config.file)  # not before it is clear whom to serve
    try:
        await run(config.file, client, clock=clock)
    finally:
        await client.close()


async def cleanup() -> None:
    """Remove everything of this proxy from the machine, and nothing else."""
    for backend in (Kernel(Metrics()), Userspace(SystemClock(), random.Random())):
        try:
            await backend.remove()
        finally:
            await backend.close()


async def run(config: KubeProxyConfiguration, client: Client, *, clock: Clock) -> None:
    """Forward this node's services until cancelled."""
    options = configuration.options(config)
    metrics = Metrics()
    health = Health(clock, PATIENCE * options.sync_period, metrics)
    sources = Sources(
        services=Informer(client, Service, label_selector=SERVICES, clock=clock),
        slices=Informer(
            client,
            EndpointSlice,
            label_selector=SLICES,
            indexers={BY_SERVICE: slice_owner},
            clock=clock,
        ),
        nodes=Informer(
            client, Node, field_selector=f"metadata.name={options.node_name}", clock=clock
        ),
    )
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as group:
        for informer in (sources.services, sources.slices, sources.nodes):
            group.create_task(informer.run())
        # While the first lists are on their way: opening the kernel's socket takes as long.
        backend = await _backend(config, metrics, clock)
        stack.push_async_callback(backend.close)
        for host, port, routes in _servers(options, config, health, metrics, backend):
            group.create_task(_serve(host, port, routes, must_bind=options.must_bind))
        proxier = Proxier(options, sources, backend, clock=clock, health=health, metrics=metrics)
        group.create_task(proxier.run())


async def _backend(config: KubeProxyConfiguration, metrics: Metrics, clock: Clock) -> Backend:
    """The kernel if it can; this process if not, or if that is asked for."""
    if config.mode != Userspace.mode:
        if config.mode not in ("", Kernel.mode):
            log.warning("proxy mode %s is not supported: using nftables", config.mode)
        kernel = Kernel(metrics)
        try:
            await kernel.open()
            return kernel
        except Unsupported as reason:
            log.warning("forwarding in this process, as the kernel cannot: %s", reason)
            await kernel.close()
        except BackendError:
            await kernel.close()
            raise
    userspace = Userspace(clock, random.Random())
    await userspace.open()
    return userspace


def _servers(
    options: Options,
    config: KubeProxyConfiguration,
    health: Health,
    metrics: Metrics,
    backend: Backend,
) -> list[tuple[str, int, dict[str, Handler]]]:
    async def mode(request: Request) -> Response:
        return Response(backend.mode)

    shown = configuration.configz(config)
    about = {**httpserver.component_routes(config=shown, registry=metrics.registry),
             "/proxyMode": mode}  # fmt: skip
    return [(*options.healthz_address, health.routes()), (*options.metrics_address, about)]


async def _serve(host: str, port: int, routes: dict[str, Handler], *, must_bind: bool) -> None:
    """A port that somebody else has is no reason to stop forwarding, unless asked for."""
    try:
        await httpserver.serve(routes, host=host, port=port)
    except OSError as error:
        if must_bind:
            raise
        log.error("cannot serve on %s port %d: %s", host, port, error.strerror)
