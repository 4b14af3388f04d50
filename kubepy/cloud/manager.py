"""cloud-controller-manager as a whole: the provider, leadership, the chosen controllers, health."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path

from kubepy.api.core.v1 import Node
from kubepy.base import httpserver, tls
from kubepy.base.clock import Clock, SystemClock
from kubepy.client.client import Client
from kubepy.client.connect import connect
from kubepy.client.events import Recorder
from kubepy.client.informer import Informer
from kubepy.client.leader import Election, LeaderElector
from kubepy.cloud import config as configuration
from kubepy.cloud.config import PROVIDERS, Config
from kubepy.cloud.controller import NodeController
from kubepy.cloud.lifecycle.controller import CloudNodeLifecycleController
from kubepy.cloud.node.controller import CloudNodeController
from kubepy.cloud.provider import Provider

NAME = "cloud-controller-manager"

log = logging.getLogger(__name__)


async def main(config: Config) -> None:
    """The binary."""
    clock = SystemClock()
    client = connect(config.kubeconfig, user_agent=NAME, clock=clock)
    provider = PROVIDERS[config.cloud_provider](
        Path(config.cloud_config) if config.cloud_config else None
    )
    try:
        await run(config, provider, client, clock=clock)
    finally:
        await client.close()


async def run(
    config: Config,
    provider: Provider,
    client: Client,
    *,
    clock: Clock,
    rng: random.Random | None = None,
) -> None:
    """Work until cancelled. Raises LostLease when another instance leads."""
    rng = rng or random.Random()
    async with asyncio.TaskGroup() as group:
        if config.secure_port:
            group.create_task(_serve(config, clock))
        recorder = Recorder(client, NAME, clock=clock)
        group.create_task(recorder.run())
        if not config.leader_elect:
            await lead(config, provider, client, clock=clock, rng=rng)
            return
        instance = uuid.UUID(int=rng.getrandbits(128), version=4)
        election = Election(
            name=config.leader_elect_resource_name,
            namespace=config.leader_elect_resource_namespace,
            identity=f"{socket.gethostname()}_{instance}",
            lease_duration=config.leader_elect_lease_duration,
            renew_deadline=config.leader_elect_renew_deadline,
            retry_period=config.leader_elect_retry_period,
        )
        elector = LeaderElector(client, election, clock, rng, recorder)
        await elector.run(lambda: lead(config, provider, client, clock=clock, rng=rng))


async def lead(
    config: Config, provider: Provider, client: Client, *, clock: Clock, rng: random.Random
) -> None:
    """Run the chosen controllers until cancelled."""
    nodes = Informer(client, Node, clock=clock, rng=rng)
    node_events = Recorder(client, "cloud-node-controller", clock=clock)
    life_events = Recorder(client, "cloud-node-lifecycle-controller", clock=clock)
    async with asyncio.TaskGroup() as group:
        for recorder in (node_events, life_events):
            group.create_task(recorder.run())
        group.create_task(nodes.run())
        for controller in make(config, provider, client, nodes, (node_events, life_events), clock):
            log.info("running %s for provider %s", controller.name, provider.name)
            group.create_task(controller.run())


def make(
    config: Config,
    provider: Provider,
    client: Client,
    nodes: Informer[Node],
    recorders: tuple[Recorder, Recorder],
    clock: Clock,
) -> Iterator[NodeController]:
    """The controllers that are chosen and for which the provider has a part."""
    node_events, life_events = recorders
    for name in configuration.selected(config.controllers):
        match name, provider.instances:
            case configuration.NODE, instances if instances is not None:
                yield CloudNodeController(
                    client, nodes, instances, node_events, clock,
                    period=config.node_status_update_frequency,
                    workers=config.concurrent_node_syncs,
                )  # fmt: skip
            case configuration.LIFECYCLE, instances if instances is not None:
                yield CloudNodeLifecycleController(
                    client, nodes, instances, life_events, clock,
                    period=config.node_monitor_period,
                )  # fmt: skip
            case _:
                log.info("%s does not run: provider %s has no part for it", name, provider.name)


async def _serve(config: Config, clock: Clock) -> None:
    await httpserver.serve(
        httpserver.component_routes(),
        host=config.bind_address,
        port=config.secure_port,
        tls=_tls(config, clock),
        allow=httpserver.trusted_only,
    )


def _tls(config: Config, clock: Clock) -> ssl.SSLContext:
    return tls.component_context(
        NAME,
        config.tls_cert_file,
        config.tls_private_key_file,
        client_ca_file=config.client_ca_file,
        now=clock.now(),
    )
