"""Each cluster address of a Service is an IPAddress object, named after the address.

That is what settles who has it: a name can be had once, whichever server its Service is created at.
It is entered before its Service is written, and struck out by whoever has deleted the Service.

    create     +IPAddress 10.96.0.7 (services/default/web)   +Service web      only in this order
    delete     -Service web                                  -IPAddress 10.96.0.7
    leaked     an IPAddress whose Service is not there, a minute after it was entered: a server has
               stopped half-way, and any of the others strikes it out
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from ipaddress import ip_address

from kubepy.api.core.v1 import Service
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.networking.v1 import IPAddress, IPAddressSpec, ParentReference
from kubepy.api.types import Time
from kubepy.apiserver.admission.chain import Stores
from kubepy.apiserver.registry.core.servicetypes import NONE
from kubepy.apiserver.verbs.request import Means
from kubepy.apiserver.watchcache import Change, Record
from kubepy.meta.errors import ApiError
from kubepy.storage.store import Conflict, StorageError

log = logging.getLogger(__name__)

FAMILY = "ipaddress.kubernetes.io/ip-family"
MANAGED_BY = "ipaddress.kubernetes.io/managed-by"
ALLOCATOR = "ipallocator.k8s.io"
GRACE_SECONDS = 60.0  # as long as a request may take: then its Service is there, or never will be


def addresses_of(service: Service) -> list[str]:
    return [text for text in service.spec.clusterIPs if text != NONE]


def parent_of(service: Service) -> ParentReference:
    meta = service.metadata
    return ParentReference(resource="services", namespace=meta.namespace, name=meta.name)


def is_managed(address: IPAddress) -> bool:
    """Whether it is in the book because of a Service; somebody else's is left alone."""
    return address.metadata.labels.get(MANAGED_BY) == ALLOCATOR


class AddressBook:
    def __init__(self, stores: Stores, means: Means) -> None:
        self._services = stores.store("services")
        self._addresses = stores.store("ipaddresses", "networking.k8s.io")
        self._means = means
        self._missing: asyncio.Queue[str] = asyncio.Queue()  # Services that lack one
        self._suspects: set[str] = set()

    async def enter(self, text: str, service: Service) -> None:
        """Raises Conflict if somebody has the address."""
        await self._addresses.insert(self._page(text, parent_of(service)))

    def _page(self, text: str, parent: ParentReference) -> IPAddress:
        labels = {FAMILY: f"IPv{ip_address(text).version}", MANAGED_BY: ALLOCATOR}
        meta = ObjectMeta(
            name=text,
            uid=self._means.uid(),
            creationTimestamp=Time.from_unix(self._means.clock.now()),
            labels=labels,
        )
        return IPAddress(metadata=meta, spec=IPAddressSpec(parentRef=parent))

    def has(self, text: str) -> bool:
        """Whether the address is somebody's, as far as the cache knows."""
        return self._addresses.known("", text) is not None

    async def strike(self, text: str, service: Service) -> None:
        """The Service does not have the address any more. Raises Timeout, StorageError."""
        record = await self._addresses.recent("", text)
        if record is None:
            return
        address: IPAddress = record.peek()
        if is_managed(address) and address.spec.parentRef == parent_of(service):
            with suppress(Conflict):  # somebody was quicker
                await self._addresses.remove(record)

    async def complete(self) -> None:
        """Enter what Services have, and nobody has entered: older servers knew no such book."""
        for record in self._services.cache.select():
            await self._complete(record.peek())

    async def _complete(self, service: Service) -> None:
        for text in addresses_of(service):
            if not self.has(text):
                with suppress(Conflict):  # somebody was quicker
                    await self.enter(text, service)

    async def run(self) -> None:
        """Put right what others leave undone; for ever."""
        self._services.cache.subscribe(self._notice_service)
        self._addresses.cache.subscribe(self._notice_address)
        self._suspects.update(record.name for record in self._addresses.cache.select())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._complete_again())
            group.create_task(self._clear())

    def _notice_service(self, change: Change) -> None:
        before, after = _at(change.old), _at(change.new)
        self._suspects |= before - after  # whoever has deleted it may stop half-way
        if any(not self.has(text) for text in after - before):
            self._missing.put_nowait(change.record.key)

    def _notice_address(self, change: Change) -> None:
        if change.new is not None:
            self._suspects.add(change.record.name)
        elif (service := self._service_of(change.record.peek())) is not None:
            self._missing.put_nowait(f"{service.metadata.namespace}/{service.metadata.name}")

    def _service_of(self, address: IPAddress) -> Service | None:
        """The Service that an IPAddress names, if it has the address."""
        parent = address.spec.parentRef
        if parent is None:
            return None
        record = self._services.known(parent.namespace, parent.name)
        service: Service | None = record.peek() if record is not None else None
        has_it = service is not None and address.metadata.name in addresses_of(service)
        return service if has_it else None

    async def _complete_again(self) -> None:
        """Services whose addresses have been struck out under their hands."""
        while True:
            namespace, _, name = (await self._missing.get()).partition("/")
            with suppress(ApiError, StorageError):  # Timeout: the store will be back
                record = await self._services.recent(namespace, name)
                if record is not None:
                    await self._complete(record.peek())

    async def _clear(self) -> None:
        """Strike out what has leaked, a minute later."""
        while True:
            await self._means.clock.sleep(GRACE_SECONDS)
            suspects, self._suspects = self._suspects, set()
            for text in suspects:
                record = self._addresses.known("", text)
                if record is not None and is_managed(record.peek()):
                    await self._clear_one(record)

    async def _clear_one(self, record: Record) -> None:
        address: IPAddress = record.peek()
        if self._service_of(address) is not None:
            return
        created = address.metadata.creationTimestamp
        age = self._means.clock.now() - created.unix() if created is not None else GRACE_SECONDS
        if age < GRACE_SECONDS:
            self._suspects.add(record.name)
            return
        log.warning("IPAddress %s appears to have leaked: cleaning up", record.name)
        try:
            await self._addresses.remove(record)
        except Conflict:
            return  # it has changed, or gone
        except StorageError:
            self._suspects.add(record.name)


def _at(record: Record | None) -> set[str]:
    return set(addresses_of(record.peek())) if record is not None else set()
