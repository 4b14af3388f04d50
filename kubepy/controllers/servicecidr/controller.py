"""ServiceCIDRs are ready, and stay until their addresses are in use no more."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.networking.v1 import IPAddress, ServiceCIDR
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.servicecidr import plan
from kubepy.meta import errors


class ServiceCIDRController(Controller):
    """A key is a range's name."""

    name = "service-cidr-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.cidrs = self.watch(ServiceCIDR)
        self.addresses = self.watch(IPAddress)
        self.cidrs.subscribe(self._cidr_changed)
        self.addresses.subscribe(self._address_changed)

    def _cidr_changed(self, old: ServiceCIDR | None, new: ServiceCIDR | None) -> None:
        """One that comes may let others go."""
        changed = new or old
        assert changed is not None
        self.queue.add(changed.metadata.name)
        if old is None or new is None:
            for each in plan.overlapping(changed, self.cidrs.all()):
                self.queue.add(each.metadata.name)

    def _address_changed(self, old: IPAddress | None, new: IPAddress | None) -> None:
        changed = new or old
        assert changed is not None
        if (old is None or new is None) and plan.is_managed(changed):
            for each in plan.containing(changed.metadata.name, self.cidrs.all()):
                if each.metadata.deletionTimestamp is not None:
                    self.queue.add(each.metadata.name)

    async def reconcile(self, key: str) -> None:
        cidr = self.cidrs.get(key)
        if cidr is None:
            return
        used = (each.metadata.name for each in self.addresses.all() if plan.is_managed(each))
        wanted = plan.wanted(cidr, self.cidrs.all(), used, self.clock.now())
        try:
            if wanted.conditions is not cidr.status.conditions:
                status = replace(cidr.status, conditions=wanted.conditions)
                cidr = await self._update(replace(cidr, status=status), "status")
            if wanted.finalizers != cidr.metadata.finalizers:
                meta = replace(cidr.metadata, finalizers=wanted.finalizers)
                await self._update(replace(cidr, metadata=meta), "")
        except errors.NotFound:
            return
        if wanted.again:
            self.queue.add_after(key, wanted.again)

    async def _update(self, cidr: ServiceCIDR, subresource: str) -> ServiceCIDR:
        written = await self.client.update(cidr, subresource=subresource, field_manager=self.name)
        self.cidrs.note_write(written)
        return written
