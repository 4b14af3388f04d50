"""The apiservers that are alive, and the endpoints of the Service `kubernetes`: all of them.

Each server keeps a key of its own in the store, which goes away by itself when it is not renewed;
Kubernetes' own servers do the same, under the same keys. From these keys every server derives what
the endpoints should be.

    /registry/masterleases/192.0.2.1   gone 15 s after its server has renewed it last
    /registry/masterleases/192.0.2.2
        ─► Endpoints and EndpointSlice default/kubernetes: 192.0.2.1, 192.0.2.2

A server with a store of its own is alone, and writes no such key.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from kubepy.api.core.v1 import EndpointAddress, Endpoints, EndpointSubset
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver import bootstrap
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.watchcache import Encoding
from kubepy.meta.calls import User
from kubepy.meta.errors import ApiError
from kubepy.storage.store import Conflict, StorageError, Store

log = logging.getLogger(__name__)

RENEW_SECONDS = 10.0
LEASE_SECONDS = 15
LEAVE_SECONDS = 20.0  # no longer, if the store does not answer


class MasterLeases:
    """The keys of those that are alive. Raises StorageError."""

    def __init__(self, store: Store, registry: str, seconds: int = LEASE_SECONDS) -> None:
        self._store = store
        self._prefix = f"{registry}/masterleases/"
        self._seconds = seconds
        self._encoding = Encoding(Endpoints, lambda _: {})

    async def renew(self, address: str) -> None:
        key = self._prefix + address
        while True:
            stored = await self._store.get(key)
            old = self._encoding.foreign(stored.value) if stored is not None else Endpoints()
            meta = ObjectMeta(generation=old.metadata.generation + 1)
            subset = EndpointSubset(addresses=(EndpointAddress(ip=address),))
            value = self._encoding.stored(Endpoints(metadata=meta, subsets=(subset,)))
            revision = stored.revision if stored is not None else 0
            try:
                await self._store.write(key, value, expect=revision, lease=self._seconds)
            except Conflict:
                continue  # it has just run out
            return

    async def remove(self, address: str) -> None:
        stored = await self._store.get(self._prefix + address)
        try:
            if stored is not None:
                await self._store.write(stored.key, None, expect=stored.revision)
        except Conflict:
            return  # it has just run out

    async def addresses(self) -> list[str]:
        page = await self._store.list(self._prefix)
        return [item.key.removeprefix(self._prefix) for item in page.items]


def port_of(current: Endpoints | None, addresses: Sequence[str], own: int) -> int:
    """The port of all endpoints: who is alone sets it, and who comes later takes what there is."""
    if current is None or len(addresses) == 1 or len(current.subsets) != 1:
        return own
    ports = current.subsets[0].ports
    return ports[0].port if len(ports) == 1 else own


class MasterEndpoints:
    """Keeps them true. Without `leases` this server is the only one."""

    def __init__(
        self,
        pipeline: Pipeline,
        user: User,
        where: tuple[str, int],
        leases: MasterLeases | None,
    ) -> None:
        self._pipeline = pipeline
        self._user = user
        self._address, self._port = where
        self._leases = leases
        self._turn = asyncio.Lock()
        self._left = False

    async def run(self) -> None:
        """For ever. What fails is tried again the next time."""
        while True:
            try:
                await self.renew()
            except (ApiError, StorageError, ValueError) as problem:
                log.error("unable to sync kubernetes service: %s", problem)
            await self._pipeline.means.clock.sleep(RENEW_SECONDS)

    async def renew(self) -> None:
        """Say that this server is alive, and bring the endpoints up to date."""
        async with self._turn:
            if self._left:
                return
            if self._leases is not None:
                await self._leases.renew(self._address)
            await self._reconcile()

    async def leave(self) -> None:
        """Be no endpoint any more, for good; whatever fails, the lease runs out."""
        self._left = True
        if self._leases is None:
            return
        try:
            async with asyncio.timeout(LEAVE_SECONDS), self._turn:
                await self._leases.remove(self._address)
                await self._reconcile()
        except (ApiError, StorageError, TimeoutError) as problem:
            log.warning("unable to remove endpoints from kubernetes service: %s", problem)

    async def _reconcile(self) -> None:
        found = [self._address] if self._leases is None else await self._leases.addresses()
        if not found:
            return  # the last one to go leaves the endpoints as they are, as in Kubernetes
        addresses = sorted(found)
        await self._pipeline.feed.fresh()
        record = self._pipeline.store("endpoints").known("default", bootstrap.SERVICE)
        current: Endpoints | None = record.peek() if record is not None else None
        port = port_of(current, addresses, self._port)
        endpoints = bootstrap.endpoints(addresses, port)
        if current is None or current.subsets != endpoints.subsets:
            await bootstrap.put(self._pipeline, self._user, endpoints)
        slice_ = bootstrap.endpoint_slice(addresses, port)
        known = self._pipeline.store("endpointslices", "discovery.k8s.io")
        record = known.known("default", bootstrap.SERVICE)
        if record is None or not _same(record.peek(), slice_):
            await bootstrap.put(self._pipeline, self._user, slice_)


def _same(one: EndpointSlice, other: EndpointSlice) -> bool:
    return (one.endpoints, one.ports) == (other.endpoints, other.ports)
