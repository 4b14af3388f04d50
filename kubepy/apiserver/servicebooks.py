"""The addresses and node ports of Services, in memory and in the books that servers share.

take    ServiceAllocation: what this server knows to be free
        ─► AddressBook, PortBook: so that nobody else takes it; whoever was quicker is
           seen, and something else is taken
settle  not written: out of the books again; written: what an old state had goes
unsure  a write that was cut off may have happened: looked at later, by what there is then
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection

from msgspec.structs import replace

from kubepy.api.core.v1 import Service
from kubepy.apiserver.addressbook import GRACE_SECONDS, AddressBook
from kubepy.apiserver.portbook import PortBook
from kubepy.apiserver.registry.core.addresses import Hold, ServiceAllocation, ports_of
from kubepy.apiserver.registry.core.pools import Taken
from kubepy.apiserver.registry.core.servicetypes import needs_health_check, needs_node_port
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.base.clock import Clock
from kubepy.meta import errors
from kubepy.meta.errors import ApiError
from kubepy.storage.store import Conflict, StorageError

log = logging.getLogger(__name__)

TRIES = 16  # against other servers that take the same at the same time
REPAIR_SECONDS = 180.0


class ServiceBooks:
    """An `Allocation`. Without `ports` this server alone gives node ports away."""

    def __init__(
        self,
        allocation: ServiceAllocation,
        services: ResourceStore,
        addresses: AddressBook,
        ports: PortBook | None,
    ) -> None:
        self.known = allocation
        self._services = services
        self._addresses = addresses
        self._ports = ports
        self._unsure: list[Hold] = []

    async def start(self) -> None:
        """Complete the books, before anybody takes anything."""
        await self._addresses.complete()
        if self._ports is not None:
            await self._ports.repair(self._used_ports)

    async def run(self, clock: Clock) -> None:
        """Put right what was left undone; for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._addresses.run())
            group.create_task(_every(clock, GRACE_SECONDS, self._look_again))
            if self._ports is not None:
                group.create_task(_every(clock, REPAIR_SECONDS, self._repair))

    async def take(
        self, obj: Service, old: Service | None, *, dry_run: bool
    ) -> tuple[Service, Hold]:
        """See `Allocation`."""
        shared = self._ports if needs_node_port(obj) or needs_health_check(obj.spec) else None
        for _ in range(TRIES):
            await (
                self._services.feed.fresh()
            )  # what was given back just now is free, also elsewhere
            if shared is not None:
                self.known.ports.elsewhere = await shared.read()
            service, hold = self.known.take(obj, old, dry_run=dry_run)
            if dry_run:
                self.known.give_back(hold.owner, hold.addresses, hold.ports)
                return service, Hold(hold.owner)
            try:
                await self._enter(service, hold)
            except Taken:
                continue
            return service, hold
        raise errors.InternalError.of("failed to allocate a serviceIP or nodePort: too many others")

    async def _enter(self, service: Service, hold: Hold) -> None:
        """Raises Taken, with nothing held any more."""
        entered = []
        try:
            for number in hold.addresses:
                await self._addresses.enter(self.known.text_of(number), service)
                entered.append(number)
            if hold.ports and self._ports is not None:
                await self._ports.enter(hold.ports)
        except (Conflict, Taken):
            await self._strike(service, entered, ())
            self._give_back(hold)
            raise Taken from None
        except BaseException:
            self._unsure.append(hold)
            raise

    async def settle(self, service: Service, hold: Hold, *, stored: bool) -> None:
        """See `Allocation`."""
        if stored:
            await self._strike(service, hold.freed_addresses, hold.freed_ports)
            return
        await self._strike(service, hold.addresses, hold.ports)
        self._give_back(hold)

    def doubt(self, hold: Hold) -> None:
        """See `Allocation`."""
        self._unsure.append(hold)

    async def release(self, obj: Service) -> None:
        """See `Allocation`."""
        await self._strike(obj, self.known.numbers_of(obj), ports_of(obj))

    async def _strike(
        self, service: Service, addresses: Collection[int], ports: Collection[int]
    ) -> None:
        """Whatever goes wrong here is put right later: the write itself has ended."""
        try:
            for number in addresses:
                await self._addresses.strike(self.known.text_of(number), service)
            if ports and self._ports is not None:
                await self._ports.strike(ports)
        except (ApiError, StorageError) as problem:
            log.warning("addresses and ports of a service stay taken for now: %s", problem)

    def _give_back(self, hold: Hold) -> None:
        """Nobody has it any more, unless it is in the book by now."""
        free = [n for n in hold.addresses if not self._addresses.has(self.known.text_of(n))]
        self.known.give_back(hold.owner, free, hold.ports)

    async def _look_again(self) -> None:
        """By now it is known whether Services were written whose writes were cut off."""
        unsure, self._unsure = self._unsure, []
        await self._services.feed.fresh()
        for hold in unsure:
            namespace, _, name = hold.owner.partition("/")
            record = self._services.known(namespace, name)
            used = ports_of(record.peek()) if record is not None else frozenset()
            self._give_back(replace(hold, ports=tuple(set(hold.ports) - used)))

    async def _repair(self) -> None:
        assert self._ports is not None
        await self._ports.repair(self._used_ports)

    async def _used_ports(self) -> frozenset[int]:
        await self._services.feed.fresh()
        services = self._services.cache.select()
        return frozenset(port for record in services for port in ports_of(record.peek()))


async def _every(clock: Clock, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
    while True:
        await clock.sleep(seconds)
        try:
            await do()
        except (ApiError, StorageError) as problem:
            log.warning("the books of addresses and ports: %s", problem)
