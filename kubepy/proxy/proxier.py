"""Keeping the kernel at what is wanted: who changed, what that changes, one transaction.

    informers ──► dirty Services ──► Tables ──► Changes ──► Netfilter
                  (names only)       (pure)     (pure)      (one send)

A change costs what it changes. Everything is replaced, in one transaction too, at start, when the
node itself changes, when the kernel refused something, and when somebody else touched the tables.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence

from msgspec import Struct

from kubepy.api.core.v1 import Node, Service
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.types import Time
from kubepy.base.clock import Clock
from kubepy.client.informer import Informer, key_of
from kubepy.proxy import conntrack, nftables, rules, services
from kubepy.proxy.config import Options, nodeport_networks
from kubepy.proxy.conntrack import Conntrack, Way
from kubepy.proxy.health import Health, ServiceChecks
from kubepy.proxy.metrics import Metrics
from kubepy.proxy.netlink import Netfilter, NetfilterError, TableState
from kubepy.proxy.rules import LocalTraffic, Settings
from kubepy.proxy.ruleset import Family, Ruleset
from kubepy.proxy.services import HealthCheck, NodeView
from kubepy.proxy.tables import Tables

BY_SERVICE = "service"  # the index of slices
FULL_PERIOD = 3600.0  # seconds after which everything is replaced, whatever it looks like
FIRST_RETRY, LONGEST_RETRY = 0.2, 30.0  # seconds after a failed transaction
TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"  # an annotation of slices
AFFINITY_MAPS = ("affinity", "nodeport-affinity")

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
    """One node's services, in the kernel."""

    def __init__(
        self,
        options: Options,
        sources: Sources,
        netfilter: Netfilter,
        flows: Conntrack,
        *,
        clock: Clock,
        health: Health,
        metrics: Metrics,
    ) -> None:
        self._options = options
        self._sources = sources
        self._netfilter = netfilter
        self._flows = flows
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
        self._families: tuple[Family, ...] = ()
        # None: what the kernel has is unknown, and all of it must be replaced.
        self._tables: Tables | None = None
        self._replaced_at = 0.0
        self._handles: dict[Family, int] = {}

    async def run(self) -> None:
        """Forward until cancelled. The rules stay when it ends, as connections do."""
        sources = self._sources
        sources.services.subscribe(self._service_changed)
        sources.slices.subscribe(self._slice_changed)
        sources.nodes.subscribe(self._node_changed)
        # While the first lists are on their way: opening the socket takes as long.
        self._families = await self._find_families()
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
        if new is not None and (text := new.metadata.annotations.get(TRIGGER_TIME)):
            if self._tables is not None:  # what is older than this proxy is not its delay
                self._triggers.append(Time(text).unix())
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
            self._tables = None
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
            except (NetfilterError, OSError) as error:
                log.error("cannot bring the rules up to date: %s", error)
                self._metrics.failures.inc()
                self._tables = None
                await self._clock.sleep(retry)
                retry = min(retry * 2, LONGEST_RETRY)
                continue
            if self._options.min_sync_period:
                await self._clock.sleep(self._options.min_sync_period)
            await self._something()

    async def _something(self) -> None:
        """Wait for a change, or for somebody else to have touched our tables."""
        while True:
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
                self._tables = None
                return
            if not await self._is_intact():
                log.warning("somebody has changed our tables: replacing them")
                self._tables = None
                return

    async def _sync(self, group: asyncio.TaskGroup) -> None:
        started = self._clock.monotonic()
        self._wake.clear()
        triggers, self._triggers = self._triggers, []
        full = self._tables is None
        if full:
            suspects = await self._replace(group)
        else:
            suspects = await self._change(group)
        # What changed while the kernel worked is still waiting.
        if not self._wake.is_set():
            self._service_changes = self._slice_changes = 0
            self._health.updated()
        self._record(started, full, triggers)
        if suspects:
            self._metrics.flows_deleted.inc(await self._flows.forget(suspects))

    async def _replace(self, group: asyncio.TaskGroup) -> set[Way]:
        """Everything, from what the informers have; the kernel's memory of clients is kept."""
        keys, self._dirty = self._dirty, set()
        keys |= {key_of(service) for service in self._sources.services.all()}
        tables = Tables(self._families, settings_for(self._options, self._node))
        for key in keys:
            self._update(tables, key, group)
        self._tables = tables
        messages: list[nftables.Message] = []
        rulesets = tables.rulesets()
        for wanted in rulesets:
            messages += nftables.replace_table(rules.TABLE, wanted)
            for name in AFFINITY_MAPS:
                kept = await self._netfilter.elements(wanted.family, rules.TABLE, name)
                messages += nftables.restore_elements(wanted.family, rules.TABLE, name, kept)
        await self._netfilter.apply(messages)
        self._replaced_at = self._clock.monotonic()
        await self._remember(rulesets)
        return conntrack.ways(one for key in keys for one in tables.forwardings(key))

    async def _change(self, group: asyncio.TaskGroup) -> set[Way]:
        """Only what changed. Returns the UDP ways that may have stale flows."""
        tables = self._tables
        assert tables is not None
        dirty, self._dirty = self._dirty, set()
        suspects: set[Way] = set()
        for key in dirty:
            old = tables.forwardings(key)
            if self._update(tables, key, group):
                suspects |= conntrack.suspects(old, tables.forwardings(key))
        changes = tables.changes()
        messages = [one for change in changes for one in nftables.change_table(rules.TABLE, change)]
        if messages:
            await self._netfilter.apply(messages)
        return suspects

    def _update(self, tables: Tables, key: str, group: asyncio.TaskGroup) -> bool:
        service = self._sources.services.get(key)
        slices: Sequence[EndpointSlice] = self._sources.slices.by(BY_SERVICE, key)
        view = view_of(self._options, self._node)
        if service is None:
            self._checks.update(key, HealthCheck(0, 0), group)
            return tables.update(key, ())
        self._checks.update(key, services.health_check(service, slices, view), group)
        return tables.update(key, services.forwardings(service, slices, view))

    # --- the tables as the kernel has them ---

    async def _find_families(self) -> tuple[Family, ...]:
        """Those of which this kernel can have a table. Raises NetfilterError if none."""
        found: list[Family] = []
        for family in Family:
            try:
                await self._netfilter.apply([nftables.add_table(family, rules.TABLE)])
                found.append(family)
            except NetfilterError as error:
                if family is Family.IPV4:
                    raise
                log.info("services have no IPv6 here: %s", error)
        return tuple(found)

    async def _remember(self, rulesets: Iterable[Ruleset]) -> None:
        self._handles = {}
        for wanted in rulesets:
            state = await self._netfilter.table(wanted.family, rules.TABLE)
            if state is not None:
                self._handles[wanted.family] = state.handle

    async def _is_intact(self) -> bool:
        """The same tables as we made, with as many chains and maps as we put there."""
        assert self._tables is not None
        for family, parts in self._tables.parts().items():
            state = await self._netfilter.table(family, rules.TABLE)
            if state is None or state != TableState(self._handles.get(family, 0), parts):
                return False
        return True

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


async def cleanup(netfilter: Netfilter) -> None:
    """Remove everything of this proxy from the kernel, and nothing else."""
    for family in Family:
        try:
            await netfilter.apply(list(nftables.remove_table(rules.TABLE, family)))
        except NetfilterError as error:
            if family is Family.IPV4:
                raise
            log.debug("no IPv6 table to remove: %s", error)
