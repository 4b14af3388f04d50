"""cloud-node-lifecycle-controller: removes the nodes of machines that are gone."""

from __future__ import annotations

from kubepy.api.core.v1 import Node
from kubepy.cloud.controller import NodeController
from kubepy.cloud.lifecycle import plan
from kubepy.cloud.lifecycle.plan import Delete, Keep, Retaint


class CloudNodeLifecycleController(NodeController):
    """Every node, every few seconds; the cloud is asked only about those that are not ready."""

    name = "cloud-node-lifecycle-controller"

    def concerns(self, node: Node) -> bool:
        return False  # rounds only: a kubelet that restarts is no reason to ask the cloud

    async def look(self, node: Node) -> None:
        exists, shut_down = True, False
        if plan.needs_asking(node):
            exists = await self.instances.exists(node)
            shut_down = exists and await self.instances.is_shut_down(node)
        match plan.decide(node, exists=exists, shut_down=shut_down):
            case Delete():
                await self._delete(node)
            case Retaint(wanted):
                self.nodes.note_write(await self.client.update(wanted))
            case Keep():
                pass

    async def _delete(self, node: Node) -> None:
        name = node.metadata.name
        text = f"Deleting node {name} because it does not exist in the cloud provider"
        self.recorder.event(node, "Normal", "DeletingNode", text)
        await self.client.delete(Node, name, uid=node.metadata.uid)
