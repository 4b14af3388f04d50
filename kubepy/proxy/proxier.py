"""Keeping a node at what is wanted: whose forwarding may have changed, and telling the backend.

    informers ──► dirty Services ──► Forwardings ──► backend: kernel or userspace
                  (names only)       (pure)

A change costs what it changes. Everything is replaced at start, when the node itself changes, when
the backend failed, and when somebody else touched what it had made.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress

from msgspec import Struct

from kubepy.api.core.v1 import Node, Service
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.types import Time
from kubepy.base.clock import Clock
from kubepy.client.informer import Informer, key_of
from kubepy.proxy import services
from kubepy.proxy.backend import Backend, BackendError
from kubepy.proxy.config import Options, nodeport_networks
from kubepy.proxy.health import Health, ServiceChecks
from kubepy.proxy.metrics import Metrics
from kubepy.proxy.rules import LocalTraffic, Settings
from kubepy.proxy.services import Forwarding, HealthCheck, NodeView

BY_SERVICE = "service"  # the index of slices
FULL_PERIOD = 3600.0  # seconds after which everything is replaced, whatever it looks like
FIRST_RETRY, LONGEST_RETRY = 0.2, 30.0  # seconds after a failed transaction
TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"  # an annotation of slices

log = logging.getLogger(__name__)


class Sources(Struct, frozen=True):
    """What the proxier watches. `nodes` has this node only; `slices` has the index BY_SERVICE."""

    services: Informer[Service]
    slices: Informer[EndpointSlice]
    nodes: Informer[Node]


def slice_owner(one: EndpointSlice) -> Iterable[str]:
    """The index BY_SERVICE: `namespace/name` of the Service."""
    key = services.service_key(one.metadata.labels, one.metadata.namespace)
    return (key,) if key else ()


def settings_for(options: Options, node: Node | None) -> Settings:
    """What the options mean on this node, as far as it is known."""
    local = LocalTraffic()
    match options.local_mode:
        case "ClusterCIDR":
            local = LocalTraffic(networks=options.cluster_cidrs)
        case "NodeCIDR" if node is not None:
            ranges = node.spec.podCIDRs or ((node.spec.podCIDR,) if node.spec.podCIDR else ())
            local = LocalTraffic(networks=tuple(services.network(text) for text in ranges))
        case "BridgeInterface":
            local = LocalTraffic(interface=options.bridge_interface)
        case "InterfaceNamePrefix":
            local = LocalTraffic(interface_prefix=options.interface_prefix)
    return Settings(
        local_traffic=local,
        masquerade_all=options.masquerade_all,
        masquerade_bit=options.masquerade_bit,
        nodeport_networks=nodeport_networks(
            options.nodeport_addresses, node_addresses(options, node)
        ),
    )


def node_addresses(options: Options, node: Node | None) -> tuple[str, ...]:
    """The node's own addresses, the primary one first."""
    found = [options.bind_address] if options.bind_address else []
    if node is not None:
        for wanted in ("InternalIP", "ExternalIP"):
            found += [one.address for one in node.status.addresses if one.type == wanted]
    return tuple(dict.fromkeys(found))


def view_of(options: Options, node: Node | None) -> NodeView:
    zone = node.metadata.labels.get(services.ZONE_LABEL, "") if node is not None else ""
    return NodeView(options.node_name, zone)


class Proxier:
    """One node's services, by one backend."""

    def __init__(
        self,
        options: Options,
        sources: Sources,
        backend: Backend,
        *,
        clock: Clock,
        health: Health,
        metrics: Metrics,
    ) -> None:
        self._options = options
        self._sources = sources
        self._backend = backend
        self._clock = clock
        self._health = health
        self._metrics = metrics
        self._checks = ServiceChecks(health.is_healthy, self._check_hosts)
        # Services whose forwarding has to be looked at again.
        self._dirty: set[str] = set()
        self._triggers: list[float] = []  # wall times of the changes that are not synced yet
        self._service_changes = self._slice_changes = 0
        self._wake = asyncio.Event()
        self._node: Node | None = None
        # Unless all of it must be replaced, the backend is where `_dirty` will take it from.
        self._known = False
        self._replaced_at = 0.0

    async def run(self) -> None:
        """Forward until cancelled. The backend has been opened."""
        sources = self._sources
        sources.services.subscribe(self._service_changed)
        sources.slices.subscribe(self._slice_changed)
        sources.nodes.subscribe(self._node_changed)
        for informer in (sources.services, sources.slices, sources.nodes):
            await informer.synced()
        async with asyncio.TaskGroup() as group:
            await self._loop(group)

    # --- what happens outside ---

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        self._service_changes += 1
        self._metrics.service_changes.inc()
        self._mark(key_of(new or old))

    def _slice_changed(self, old: EndpointSlice | None, new: EndpointSlice | None) -> None:
        self._slice_changes += 1
        self._metrics.endpoint_changes.inc()
        if new is not None and self._known:  # what is older than this proxy is not its delay
            with suppress(ValueError):
                self._triggers.append(Time(new.metadata.annotations.get(TRIGGER_TIME, "")).unix())
        for one in (old, new):
            for key in slice_owner(one) if one is not None else ():
                self._mark(key)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        self._health.node(new)
        before, self._node = self._node, new
        options = self._options
        if (settings_for(options, before), view_of(options, before)) != (
            settings_for(options, new),
            view_of(options, new),
        ):
            self._known = False
            self._ask()

    def _mark(self, service: str) -> None:
        self._dirty.add(service)
        self._ask()

    def _ask(self) -> None:
        self._health.queued()
        self._metrics.last_queued.set(self._clock.now())
        self._metrics.services_pending.set(self._service_changes)
        self._metrics.endpoints_pending.set(self._slice_changes)
        self._wake.set()

    # --- the loop ---

    async def _loop(self, group: asyncio.TaskGroup) -> None:
        retry = FIRST_RETRY
        while True:
            try:
                await self._sync(group)
                retry = FIRST_RETRY
                await self._clock.sleep(self._options.min_sync_period)
                await self._something()
            except BackendError as error:
                log.error("services are not as they should be: %s", error)
                self._metrics.failures.inc()
                self._known = False
                await self._clock.sleep(retry)
                retry = min(retry * 2, LONGEST_RETRY)

    async def _something(self) -> None:
        """Wait for a change, or for somebody else to have touched what we made."""
        while not self._wake.is_set():
            waiting = asyncio.ensure_future(self._wake.wait())
            pause = asyncio.ensure_future(self._clock.sleep(self._options.sync_period))
            try:
                await asyncio.wait((waiting, pause), return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
                pause.cancel()
            if self._wake.is_set():
                return
            if self._clock.monotonic() - self._replaced_at > FULL_PERIOD:
                self._known = False
                return
            if not await self._backend.is_intact():
                log.warning("somebody has changed what forwards services: replacing it")
                self._known = False
                return

    async def _sync(self, group: asyncio.TaskGroup) -> None:
        started = self._clock.monotonic()
        self._wake.clear()
        triggers, self._triggers = self._triggers, []
        keys, self._dirty = self._dirty, set()
        full = not self._known
        if full:
            self._known = True  # unless the node changes again meanwhile
            keys |= {key_of(service) for service in self._sources.services.all()}
            wanted = {key: self._wanted(key, group) for key in keys}
            await self._backend.replace(settings_for(self._options, self._node), wanted)
            self._replaced_at = self._clock.monotonic()
        else:
            await self._backend.change({key: self._wanted(key, group) for key in keys})
        # What changed while the backend worked is still waiting.
        if not self._wake.is_set():
            self._service_changes = self._slice_changes = 0
            self._health.updated()
        self._record(started, full, triggers)

    def _wanted(self, key: str, group: asyncio.TaskGroup) -> tuple[Forwarding, ...]:
        service = self._sources.services.get(key)
        slices: Sequence[EndpointSlice] = self._sources.slices.by(BY_SERVICE, key)
        view = view_of(self._options, self._node)
        if service is None:
            self._checks.update(key, HealthCheck(0, 0), group)
            return ()
        try:
            forwardings = services.forwardings(service, slices, view)
        except (ValueError, OSError) as error:  # an address that is none: only its Service suffers
            log.error("%s is not forwarded: %s", key, error)
            return ()
        self._checks.update(key, services.health_check(service, slices, view), group)
        return forwardings

    # --- what is told ---

    def _record(self, started: float, full: bool, triggers: list[float]) -> None:
        metrics = self._metrics
        took = self._clock.monotonic() - started
        metrics.sync.observe(took)
        (metrics.full_sync if full else metrics.partial_sync).observe(took)
        now = self._clock.now()
        metrics.last_sync.set(now)
        metrics.services_pending.set(self._service_changes)
        metrics.endpoints_pending.set(self._slice_changes)
        for at in triggers:
            metrics.network_programming.observe(max(0.0, now - at))

    def _check_hosts(self) -> list[str]:
        """Where health checks of Services are served: where node ports are."""
        if "all" in self._options.nodeport_addresses:
            return ["0.0.0.0"]
        return list(node_addresses(self._options, self._node)[:1]) or ["0.0.0.0"]
