"""TaintNodesByCondition: a new node takes no pods until it has reported that it is ready."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Node, Taint
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Review

NOT_READY = "node.kubernetes.io/not-ready"


class TaintNodesByCondition:
    NAME = "TaintNodesByCondition"

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource == "nodes" and not subresource

    async def admit(self, review: Review) -> Any:
        node: Node = review.object
        taints = node.spec.taints
        if any(taint.key == NOT_READY and taint.effect == "NoSchedule" for taint in taints):
            return node
        taint = Taint(key=NOT_READY, effect="NoSchedule")
        return replace(node, spec=replace(node.spec, taints=(*taints, taint)))

    async def validate(self, review: Review) -> None:
        """Refuses nothing."""
