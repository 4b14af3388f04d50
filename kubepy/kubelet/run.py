"""kubelet, wired: the runtime, the sources of pods, the node's own reports and the server."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import ssl
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kubepy.api.core.v1 import Node, Pod, Service
from kubepy.base import tls
from kubepy.base.clock import Clock, SystemClock
from kubepy.base.tasks import Failure
from kubepy.client import Client
from kubepy.client.events import Recorder
from kubepy.client.informer import Informer
from kubepy.kubelet.cgroups import Cgroups
from kubepy.kubelet.config import Config, completed
from kubepy.kubelet.figures import Figures
from kubepy.kubelet.housekeeping import Housekeeping
from kubepy.kubelet.images.credentials import Auth, from_config
from kubepy.kubelet.images.puller import Puller
from kubepy.kubelet.node import machine as machines
from kubepy.kubelet.node.agent import Agent
from kubepy.kubelet.node.machine import Machine
from kubepy.kubelet.node.status import allocatable, capacity
from kubepy.kubelet.objects import Objects
from kubepy.kubelet.pod.acts import Acts, Events, Host
from kubepy.kubelet.pod.resources import Amounts, shares
from kubepy.kubelet.pod.statuses import Statuses
from kubepy.kubelet.pod.turns import Turns
from kubepy.kubelet.pods import Pods
from kubepy.kubelet.probes.prober import Prober
from kubepy.kubelet.runtime import events
from kubepy.kubelet.runtime.cache import Cache
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.kubelet.sources.manifests import Manifests
from kubepy.kubelet.sources.mirrors import Mirrors
from kubepy.kubelet.view import View
from kubepy.kubelet.volumes.volumes import Volumes

RUNTIME_PATIENCE = 60.0  # seconds that the runtime may take to come up
RUNTIME_LOOK = 0.1
SANDBOXES_A_CPU = 2  # made at a time

_log = logging.getLogger(__name__)


async def main(config: Config) -> None:
    """The binary: a client by its kubeconfig, then `run`."""
    config = completed(config)
    client: Client | None = None
    if config.kubeconfig:
        from kubepy.client import connect

        client = connect(config.kubeconfig, user_agent="kubelet")
    try:
        await run(config, client, clock=SystemClock(), rng=random.Random())
    finally:
        if client is not None:
            await client.close()


async def run(config: Config, client: Client | None, *, clock: Clock, rng: random.Random) -> None:
    """Be this node's agent until cancelled; running containers stay behind.

    Without a client only static pods run, and nobody is told.
    """
    file = config.file
    os.makedirs(config.root_dir, mode=0o750, exist_ok=True)
    machine = machines.machine()
    name = (config.hostname_override or machine.hostname).lower()
    figures = Figures(clock)
    endpoints = file.containerRuntimeEndpoint, file.imageServiceEndpoint
    runtime = Runtime(*endpoints, figures.calls.timed)
    try:
        await _wait_for(runtime, file.containerRuntimeEndpoint, clock)
        host = _host(config, machine)
        driver = await runtime.cgroup_driver() or file.cgroupDriver
        cgroups = Cgroups(clock, root=file.cgroupRoot, driver=driver)
        cpus, memory = host.allocatable["cpu"], host.allocatable["memory"]
        await cgroups.start(Amounts(shares(cpus.milli()), None, memory.value()))
        cache = Cache(runtime, clock)
        await cache.relist()
        recorder = Recorder(client, "kubelet", name, clock) if client is not None else None
        tell = Events(recorder)
        objects = Objects(client, clock, rng)
        volumes = Volumes(Path(config.root_dir), objects, clock)
        services = Informer(client, Service, clock=clock, rng=rng) if client else None
        pulls = 1 if file.serializeImagePulls else file.maxParallelImagePulls
        acts = Acts(
            runtime=runtime,
            cache=cache,
            puller=Puller(runtime, tell, clock, parallel=pulls),
            volumes=volumes,
            objects=objects,
            cgroups=cgroups,
            tell=tell,
            clock=clock,
            rng=rng,
            figures=figures,
            turns=Turns(SANDBOXES_A_CPU * machine.cpus),
            host=host,
            services=services.all if services is not None else list,
            node_auth=lambda: _node_auth(config.root_dir),
        )
        statuses, prober = Statuses(client, clock), Prober(runtime, tell, clock, rng)
        mirrors = Mirrors(client, clock) if client is not None else None
        pods = Pods(acts, statuses, prober, client, rng, mirrors)
        async with asyncio.TaskGroup() as group:
            group.create_task(events.follow(runtime, cache, clock))
            for part in (statuses, prober, pods, recorder, services, mirrors):
                if part is not None:
                    group.create_task(part.run())
            agent = _join(config, client, acts, pods, mirrors, name, machine, recorder, group)
            listed = _follow_pods(client, pods, services, name, clock, rng, group)
            read = _follow_manifests(config, pods, name, clock, group)
            view = View(pods, cache, runtime, file, host.ips, name, figures)
            group.create_task(_serve(config, client, view, name, clock))
            await asyncio.gather(listed, read)
            changed = agent.images_changed if agent is not None else _nothing
            keeper = Housekeeping(pods, runtime, cache, volumes, cgroups, clock, file, changed)
            group.create_task(keeper.run())
    finally:
        await runtime.close()


def _host(config: Config, machine: Machine) -> Host:
    file = config.file
    stated = config.node_ip or file.nodeIP
    whole = capacity(machine, machines.disk_capacity(config.root_dir), file)
    return Host(
        ips=tuple(filter(None, stated.split(","))) or machines.default_addresses(),
        root=config.root_dir,
        log_root=file.podLogsDir,
        resolv_conf=file.resolvConf,
        cluster_dns=file.clusterDNS,
        cluster_domain=file.clusterDomain,
        memory=machine.memory,
        allocatable=allocatable(whole, file),
        seccomp_default=file.seccompDefault,
        max_restart_period=float(file.crashLoopBackOff.maxContainerRestartPeriod),
    )


def _join(
    config: Config,
    client: Client | None,
    acts: Acts,
    pods: Pods,
    mirrors: Mirrors | None,
    name: str,
    machine: Machine,
    recorder: Recorder | None,
    group: asyncio.TaskGroup,
) -> Agent | None:
    """Be a node of the cluster: registered, reported, alive."""
    if client is None:
        return None

    def took(node: Node) -> None:
        pods.node = node
        if mirrors is not None:
            mirrors.joined(node)

    agent = Agent(
        name,
        config,
        client,
        acts.runtime,
        acts.clock,
        acts.rng,
        machine=machine,
        addresses=acts.host.ips,
        on_node=took,
        recorder=recorder,
    )
    nodes = Informer(
        client, Node, field_selector=f"metadata.name={name}", clock=acts.clock, rng=acts.rng
    )

    def changed(old: Node | None, new: Node | None) -> None:
        if new is not None:
            agent.saw(new)
            took(new)

    nodes.subscribe(changed)
    group.create_task(agent.run())
    group.create_task(nodes.run())
    return agent


async def _follow_pods(
    client: Client | None,
    pods: Pods,
    services: Informer[Service] | None,
    name: str,
    clock: Clock,
    rng: random.Random,
    group: asyncio.TaskGroup,
) -> None:
    """Take in the pods that are bound to this node; returns once all of them are known."""
    if client is None or services is None:
        return
    bound = Informer(client, Pod, field_selector=f"spec.nodeName={name}", clock=clock, rng=rng)
    group.create_task(bound.run())
    await bound.synced()
    await services.synced()  # or the first containers would lack their service variables
    bound.subscribe(pods.api_changed)


async def _follow_manifests(
    config: Config, pods: Pods, name: str, clock: Clock, group: asyncio.TaskGroup
) -> None:
    """Take in the static pods; returns once all of them are known."""
    if not config.file.staticPodPath:
        return
    known = asyncio.Event()

    def changed(statics: Mapping[str, Pod]) -> None:
        pods.statics_changed(statics)
        known.set()

    manifests = Manifests(config.file.staticPodPath, name, clock, changed)
    group.create_task(manifests.run(float(config.file.fileCheckFrequency)))
    await known.wait()


async def _serve(
    config: Config, client: Client | None, view: View, name: str, clock: Clock
) -> None:
    """The HTTPS server: logs, exec, attach, port-forward, /pods, /metrics."""
    file = config.file
    if not file.port:
        return
    from kubepy.kubelet.server.auth import Gate  # late: aiohttp takes 200 ms to import
    from kubepy.kubelet.server.server import Server

    gate = Gate(client, name, clock) if client and file.authorization.mode == "Webhook" else None
    server = Server(view, gate, clock, anonymous=file.authentication.anonymous.enabled)
    await server.run(file.address, file.port, _context(config, name, view.addresses, clock))


def _context(config: Config, name: str, addresses: tuple[str, ...], clock: Clock) -> ssl.SSLContext:
    file = config.file
    certificate, key = file.tlsCertFile, file.tlsPrivateKeyFile
    if not certificate:
        directory = Path(config.cert_dir or f"{config.root_dir}/pki")
        made = directory / "kubelet.crt", directory / "kubelet.key"
        certificate, key = map(str, made)
        if not all(path.exists() for path in made):
            pair = tls.self_signed(name, [name, *addresses], now=clock.now())
            tls.write_pair(pair, *made)
    return tls.server_context(
        certificate, key, client_ca_file=file.authentication.x509.clientCAFile
    )


async def _wait_for(runtime: Runtime, endpoint: str, clock: Clock) -> None:
    """Until the runtime answers. Failure if it does not come up."""
    patience = clock.monotonic() + RUNTIME_PATIENCE
    told = False
    while True:
        try:
            found = await runtime.version()
            _log.info("runtime: %s %s", found.name, found.version)
            return
        except RuntimeFault as error:
            if clock.monotonic() > patience:
                raise Failure(f"no CRI v1 runtime answers at {endpoint}: {error}") from error
            if not told:
                _log.info("waiting for the runtime at %s", endpoint)
                told = True
        await clock.sleep(RUNTIME_LOOK)


def _node_auth(root: str) -> dict[str, Auth]:
    """Registry credentials that the node itself has."""
    found: dict[str, Auth] = {}
    for path in (Path(root, "config.json"), Path("/root/.docker/config.json")):
        with suppress(OSError):
            found |= from_config(path.read_bytes())
    return found


def _nothing() -> None:
    """Nobody is to be told."""
