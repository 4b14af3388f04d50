"""The kernel forwards: nf_tables rules, replaced whole or changed by what differs."""

from __future__ import annotations

import logging

from kubepy.proxy import conntrack, nftables, rules
from kubepy.proxy.backend import BackendError, Unsupported, Wanted
from kubepy.proxy.conntrack import Conntrack, Way
from kubepy.proxy.metrics import Metrics
from kubepy.proxy.netlink import Netfilter, Refused, TableState
from kubepy.proxy.rules import Settings
from kubepy.proxy.ruleset import Family
from kubepy.proxy.tables import Tables

AFFINITY_MAPS = ("affinity", "nodeport-affinity")

log = logging.getLogger(__name__)


class Kernel:
    """The tables `ip kubepy-proxy` and `ip6 kubepy-proxy` of the network namespace we are in."""

    mode = "nftables"

    def __init__(self, metrics: Metrics) -> None:
        self._netfilter = Netfilter()
        self._flows = Conntrack()
        self._metrics = metrics
        self._families: tuple[Family, ...] = ()
        self._tables: Tables | None = None
        self._handles: dict[Family, int] = {}  # of the tables that we made

    async def open(self) -> None:
        """Whether the kernel takes every kind of rule that we use."""
        found: list[Family] = []
        for family in Family:
            trial = nftables.replace_table(rules.TABLE, rules.base(family, Settings()))
            try:
                await self._netfilter.check(trial)
                found.append(family)
            except Refused as refused:
                if refused.is_forbidden:
                    raise
                if family is Family.IPV4:
                    raise Unsupported(str(refused)) from refused
                log.info("services have no IPv6 here: %s", refused)
        self._families = tuple(found)

    async def replace(self, settings: Settings, wanted: Wanted) -> None:
        """In one transaction, so that nobody meets an empty table. What the kernel remembers of
        clients is kept."""
        tables = Tables(self._families, settings)
        for service, forwardings in wanted.items():
            tables.update(service, forwardings)
        self._tables = tables
        messages: list[nftables.Message] = []
        for ruleset in tables.rulesets():
            messages += nftables.replace_table(rules.TABLE, ruleset)
            for name in AFFINITY_MAPS:
                kept = await self._netfilter.elements(ruleset.family, rules.TABLE, name)
                messages += nftables.restore_elements(ruleset.family, rules.TABLE, name, kept)
        await self._netfilter.apply(messages)
        for family in self._families:
            state = await self._netfilter.table(family, rules.TABLE)
            self._handles[family] = state.handle if state is not None else 0
        await self._forget(conntrack.ways(one for all_ in wanted.values() for one in all_))

    async def change(self, wanted: Wanted) -> None:
        tables = self._tables
        assert tables is not None, "replace comes first"
        suspects: set[Way] = set()
        for service, forwardings in wanted.items():
            old = tables.forwardings(service)
            if tables.update(service, forwardings):
                suspects |= conntrack.suspects(old, forwardings)
        changes = tables.changes()
        messages = [one for change in changes for one in nftables.change_table(rules.TABLE, change)]
        if messages:
            await self._netfilter.apply(messages)
        await self._forget(suspects)

    async def is_intact(self) -> bool:
        """The same tables as we made, with as many chains and maps as we put there."""
        parts = self._tables.parts() if self._tables is not None else {}
        for family, count in parts.items():
            state = await self._netfilter.table(family, rules.TABLE)
            if state != TableState(self._handles.get(family, 0), count):
                return False
        return True

    async def close(self) -> None:
        """The rules stay: connections go on while the proxy is restarted."""
        await self._netfilter.close()
        self._flows.close()

    async def remove(self) -> None:
        for family in Family:
            try:
                await self._netfilter.apply(nftables.remove_table(rules.TABLE, family))
            except BackendError as error:
                if family is Family.IPV4:
                    raise
                log.debug("no IPv6 table to remove: %s", error)

    async def _forget(self, suspects: set[Way]) -> None:
        try:
            self._metrics.flows_deleted.inc(await self._flows.forget(suspects))
        except OSError as error:
            raise BackendError(f"UDP flows: {error.strerror or error}") from error
