"""kube-scheduler as a whole: informers, leader election, the scheduler, and its server."""

from __future__ import annotations

import asyncio
import os
import random
import ssl
import uuid

from kubepy.api.core.v1 import Node, Pod
from kubepy.base import httpserver, tls
from kubepy.base.clock import Clock, SystemClock
from kubepy.base.httpserver import Request, Response
from kubepy.base.tasks import Failure
from kubepy.client.client import Client
from kubepy.client.connect import connect
from kubepy.client.informer import Informer
from kubepy.client.kubeconfig import KubeconfigError
from kubepy.client.leader import Election, LeaderElector, LostLease
from kubepy.scheduler.config import Config, LeaderElection, configz
from kubepy.scheduler.scheduler import Scheduler


async def main(config: Config) -> None:
    """The binary."""
    try:
        client = connect(config.file.clientConnection.kubeconfig, user_agent="kube-scheduler")
    except KubeconfigError as error:
        raise Failure(str(error)) from error
    try:
        await run(config, client, clock=SystemClock(), rng=random.Random())
    finally:
        await client.close()


async def run(config: Config, client: Client, *, clock: Clock, rng: random.Random) -> None:
    """Schedule, and serve health and metrics, until cancelled. Failure: the lease was lost."""
    host = os.uname().nodename
    pods = Informer(client, Pod, clock=clock, rng=rng)
    nodes = Informer(client, Node, clock=clock, rng=rng)
    scheduler = Scheduler(config.file, client, pods, nodes, clock=clock, rng=rng, identity=host)
    identity = f"{host}_{uuid.UUID(int=rng.getrandbits(128), version=4)}"
    async with asyncio.TaskGroup() as group:
        background = [group.create_task(informer.run()) for informer in (pods, nodes)]
        if config.secure_port:
            background.append(group.create_task(_serve(config, scheduler, pods, nodes, clock)))
        await asyncio.gather(pods.synced(), nodes.synced())
        await _lead(config.file.leaderElection, client, identity, clock, rng, scheduler)
        for task in background:
            task.cancel()


async def _lead(
    config: LeaderElection,
    client: Client,
    identity: str,
    clock: Clock,
    rng: random.Random,
    scheduler: Scheduler,
) -> None:
    if not config.leaderElect:
        await scheduler.run()
        return
    election = Election(
        name=config.resourceName,
        namespace=config.resourceNamespace,
        identity=identity,
        lease_duration=config.leaseDuration,
        renew_deadline=config.renewDeadline,
        retry_period=config.retryPeriod,
    )
    try:
        await LeaderElector(client, election, clock, rng).run(scheduler.run)
    except LostLease as error:
        raise Failure(f"leader election lost: {error}") from error


async def _serve(
    config: Config,
    scheduler: Scheduler,
    pods: Informer[Pod],
    nodes: Informer[Node],
    clock: Clock,
) -> None:
    def synced() -> str:
        return "" if pods.is_synced and nodes.is_synced else "not all informers have synced"

    async def why(request: Request) -> Response:
        """/why?pod=namespace/name: for each node why it did not take the pod."""
        reasons = scheduler.why(request.query.get("pod", ""))
        if reasons is None:
            return Response("no such pod waits for a node\n", 404)
        return Response("".join(f"{node}: {', '.join(r)}\n" for node, r in reasons.items()))

    routes = httpserver.component_routes(
        config=configz(config.file), registry=scheduler.metrics.registry
    )
    ready = httpserver.health({"ping": lambda: "", "sched-handler-sync": synced})
    await httpserver.serve(
        {**routes, "/readyz": ready, "/why": why},
        host=config.bind_address,
        port=config.secure_port,
        tls=_tls(config, clock),
        allow=httpserver.trusted_only,
    )


def _tls(config: Config, clock: Clock) -> ssl.SSLContext:
    return tls.component_context(
        "kube-scheduler",
        config.tls_cert_file,
        config.tls_private_key_file,
        client_ca_file=config.client_ca_file,
        now=clock.now(),
    )
