"""Gives each node its range of pod addresses."""

from __future__ import annotations

from kubepy.api.core.v1 import Node
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.nodeipam.plan import Pool
from kubepy.controllers.nodelifecycle.controller import reference


class NodeIpamController(Controller):
    """A key is a node's name. One worker: two must not hand out the same range."""

    name = "node-ipam-controller"
    workers = 1

    def __init__(
        self, context: Context, pools: tuple[Pool, ...], reserved: tuple[str, ...] = ()
    ) -> None:
        super().__init__(context)
        self.pools = pools
        self.reserved = reserved  # CIDRs that no node may get: the services'
        self.nodes = self.watch(Node)
        self.recorder = context.recorder("cidrAllocator")
        self._last = [-1] * len(pools)  # what a deleted node had is not given away at once
        self.nodes.subscribe(self._changed)

    def _changed(self, old: Node | None, new: Node | None) -> None:
        if new is not None and not new.spec.podCIDRs:
            self.queue.add(new.metadata.name)
        if new is None:  # a range has become free: somebody may be waiting for one
            for node in self.nodes.all():
                if not node.spec.podCIDRs:
                    self.queue.add(node.metadata.name)

    async def reconcile(self, key: str) -> None:
        node = self.nodes.get(key)
        if node is None or node.spec.podCIDRs:
            return
        taken = [cidr for other in self.nodes.all() for cidr in other.spec.podCIDRs]
        ranges = []
        for number, pool in enumerate(self.pools):
            found = pool.allocate([*self.reserved, *taken], self._last[number])
            if found is None:
                line = f"Node {key} status is now: CIDRNotAvailable"
                self.recorder.event(reference(node), "Normal", "CIDRNotAvailable", line)
                return
            self._last[number] = found[0]
            ranges.append(found[1])
        patch = {
            "metadata": {"uid": node.metadata.uid},
            "spec": {"podCIDR": ranges[0], "podCIDRs": ranges},
        }
        self.nodes.note_write(await self.client.patch(Node, key, patch=patch))
