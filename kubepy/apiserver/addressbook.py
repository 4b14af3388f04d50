"""Each cluster address of a Service is an IPAddress object, too, for those who look there.

The Services are the truth, and the allocator derives from them who has what. A Service that has
just been written is entered at once; `run` strikes out what nobody has any more, and puts right
whatever somebody else has left undone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from ipaddress import ip_address

from kubepy.api.core.v1 import Service
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.networking.v1 import IPAddress, IPAddressSpec, ParentReference
from kubepy.api.types import Time
from kubepy.apiserver.admission.chain import Stores
from kubepy.apiserver.registry.core.addresses import MANAGED_BY, ServiceAllocation
from kubepy.apiserver.registry.core.servicetypes import NONE
from kubepy.apiserver.verbs.request import Means
from kubepy.apiserver.watchcache import Change
from kubepy.storage.store import Conflict

FAMILY = "ipaddress.kubernetes.io/ip-family"
ALLOCATOR = "ipallocator.k8s.io"


def addresses_of(service: Service) -> list[str]:
    return [text for text in service.spec.clusterIPs if text != NONE]


def parent_of(service: Service) -> ParentReference:
    meta = service.metadata
    return ParentReference(resource="services", namespace=meta.namespace, name=meta.name)


def is_managed(address: IPAddress) -> bool:
    """Whether it is in the book because of a Service; somebody else's is left alone."""
    return address.metadata.labels.get(MANAGED_BY) == ALLOCATOR


class AddressBook:
    def __init__(self, stores: Stores, allocation: ServiceAllocation, means: Means) -> None:
        self._services = stores.store("services")
        self._addresses = stores.store("ipaddresses", "networking.k8s.io")
        self._allocation = allocation
        self._means = means
        self._doubtful: asyncio.Queue[str] = asyncio.Queue()

    async def enter(self, service: Service) -> None:
        """Every address of a Service that has just been stored."""
        for text in addresses_of(service):
            await self._enter(text, parent_of(service))

    async def _enter(self, text: str, parent: ParentReference) -> None:
        found = self._addresses.known("", text)
        if found is not None and (found.object.spec.parentRef == parent):
            return
        address = self._page(text, parent)
        with suppress(Conflict):  # another turn will see what is there now
            if found is None:
                await self._addresses.insert(address)
            elif is_managed(found.object):
                await self._addresses.replace(address, found)

    def _page(self, text: str, parent: ParentReference) -> IPAddress:
        labels = {FAMILY: f"IPv{ip_address(text).version}", MANAGED_BY: ALLOCATOR}
        meta = ObjectMeta(
            name=text,
            uid=self._means.uid(),
            creationTimestamp=Time.from_unix(self._means.clock.now()),
            labels=labels,
        )
        return IPAddress(metadata=meta, spec=IPAddressSpec(parentRef=parent))

    async def run(self) -> None:
        """Compare all once, and then whatever changes; for ever."""
        self._services.cache.subscribe(self._notice_service)
        self._addresses.cache.subscribe(self._notice_address)
        services = [record.peek() for record in self._services.cache.select()]
        known = [record.name for record in self._addresses.cache.select()]
        self._doubt(known)
        for service in services:
            self._doubt(addresses_of(service))
        while True:
            await self._settle(await self._doubtful.get())

    def _doubt(self, texts: Iterable[str]) -> None:
        for text in texts:
            self._doubtful.put_nowait(text)

    def _notice_service(self, change: Change) -> None:
        before, after = _addresses_at(change)
        self._doubt(before ^ after)

    def _notice_address(self, change: Change) -> None:
        if change.new is None:
            self._doubt([change.record.name])

    async def _settle(self, text: str) -> None:
        """What the book says about one address is what the Services say."""
        owner = self._owner(text)
        if owner is not None:
            await self._enter(text, parent_of(owner))
            return
        found = self._addresses.known("", text)
        if found is not None and is_managed(found.object):
            with suppress(Conflict):
                await self._addresses.remove(found)

    def _owner(self, text: str) -> Service | None:
        """The Service that has an address, as the allocator knows."""
        owner = self._allocation.owner_of(text)
        namespace, _, name = owner.partition("/")
        record = self._services.known(namespace, name) if owner else None
        if record is None:
            return None
        service: Service = record.peek()
        return service if text in addresses_of(service) else None


def _addresses_at(change: Change) -> Iterator[set[str]]:
    """Those before and those after a change."""
    for record in (change.old, change.new):
        yield set(addresses_of(record.peek())) if record is not None else set()
