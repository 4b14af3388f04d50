"""kube-controller-manager as a whole: leadership, the chosen controllers, health and metrics."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import ssl
import uuid
from pathlib import Path

from kubepy.base import httpserver, tls
from kubepy.base.clock import Clock, SystemClock
from kubepy.base.tasks import Failure
from kubepy.client.client import Client
from kubepy.client.connect import connect
from kubepy.client.leader import Election, LeaderElector
from kubepy.client.workqueue import WorkQueue
from kubepy.controllers import metrics
from kubepy.controllers.config import Config
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.registry import CONTROLLERS, Settings, selected

NAME = "kube-controller-manager"

log = logging.getLogger(__name__)


async def main(config: Config) -> None:
    """The binary."""
    clock = SystemClock()
    client = connect(config.kubeconfig, user_agent=NAME, clock=clock)
    try:
        await run(config, client, clock=clock)
    finally:
        await client.close()


async def run(
    config: Config, client: Client, *, clock: Clock, rng: random.Random | None = None
) -> None:
    """Control until cancelled. Raises LostLease when another instance leads."""
    rng = rng or random.Random()
    settings = Settings(config=config, root_ca=_read(config.root_ca_file))
    manager = Manager(settings, client, clock, rng)
    async with asyncio.TaskGroup() as group:
        if config.secure_port:
            group.create_task(_serve(config, manager, clock))
        group.create_task(manager.run())


class Manager:
    """The controllers of one process, and whether it is their turn."""

    def __init__(
        self, settings: Settings, client: Client, clock: Clock, rng: random.Random
    ) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._rng = rng
        self.context: Context | None = None  # None: somebody else leads
        self.controllers: list[Controller] = []

    async def run(self) -> None:
        config = self._settings.config
        if not config.leader_elect:
            await self.lead()
            return
        instance = uuid.UUID(int=self._rng.getrandbits(128), version=4)
        election = Election(
            name=config.leader_elect_resource_name,
            namespace=config.leader_elect_resource_namespace,
            identity=f"{socket.gethostname()}_{instance}",
            lease_duration=config.leader_elect_lease_duration,
            renew_deadline=config.leader_elect_renew_deadline,
            retry_period=config.leader_elect_retry_period,
        )
        elections = Context(self._client, self._clock, self._rng)
        elector = LeaderElector(
            self._client, election, self._clock, self._rng, elections.recorder(NAME)
        )
        telling = asyncio.ensure_future(elections.run())
        try:
            await elector.run(self.lead)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def lead(self) -> None:
        """Run the chosen controllers until cancelled."""
        self.context = Context(self._client, self._clock, self._rng)
        self.controllers = make(self.context, self._settings)
        names = ", ".join(controller.name for controller in self.controllers)
        log.info("running %s", names)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.context.run())
                for controller in self.controllers:
                    group.create_task(controller.run())
        finally:
            self.context, self.controllers = None, []

    def leads(self) -> bool:
        return self.context is not None

    def queues(self) -> dict[str, WorkQueue[str]]:
        return {controller.name: controller.queue for controller in self.controllers}

    def stale(self) -> str:
        """What keeps the controllers from working, in a line; empty: nothing."""
        if self.context is None or self.context.synced:
            return ""
        return "the caches are not filled yet"


def make(context: Context, settings: Settings) -> list[Controller]:
    """The controllers that the configuration asks for."""
    made = (CONTROLLERS[name](context, settings) for name in selected(settings.config.controllers))
    return [controller for controller in made if controller is not None]


async def _serve(config: Config, manager: Manager, clock: Clock) -> None:
    routes = httpserver.component_routes(
        checks={"informer-sync": manager.stale},
        registry=metrics.registry(manager.queues, manager.leads, config.leader_elect_resource_name),
    )
    await httpserver.serve(
        routes,
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


def _read(file: str) -> str:
    if not file:
        return ""
    try:
        return Path(file).read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"--root-ca-file {file}: {getattr(error, 'strerror', error)}") from error
