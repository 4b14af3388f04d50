"""cloud-node-controller: opens new nodes for pods once they say what the cloud knows of them."""

from __future__ import annotations

from kubepy.api.core.v1 import Node
from kubepy.cloud.controller import NodeController
from kubepy.cloud.node import plan
from kubepy.cloud.provider import Instance


class CloudNodeController(NodeController):
    """New nodes at once; the addresses and labels of all of them every now and then."""

    name = "cloud-node-controller"

    def concerns(self, node: Node) -> bool:
        return plan.is_new(node)

    async def look(self, node: Node) -> None:
        instance = await self.instances.describe(node)
        if plan.is_new(node):
            # The addresses are checked first: a node with a wrong one stays closed.
            plan.addressed(node, instance)
            node = await self._write(node, plan.initialized(node, instance))
            await self._write_addresses(node, instance)
            self.recorder.event(node, "Normal", "Synced", "Node synced successfully")
        else:
            node = await self._write(node, plan.relabelled(node))
            await self._write_addresses(node, instance)

    async def _write(self, old: Node, new: Node) -> Node:
        if new == old:
            return old
        written = await self.client.update(new)
        self.nodes.note_write(written)
        return written

    async def _write_addresses(self, node: Node, instance: Instance) -> None:
        wanted = plan.addressed(node, instance)
        if wanted != node:
            self.nodes.note_write(await self.client.update(wanted, subresource="status"))
