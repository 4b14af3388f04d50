"""NodeDeclaredFeatureValidator: a pod can only be resized on a node that is known."""

from __future__ import annotations

from typing import Any

from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import UPDATE, Review, Stores


class ResizedNode:
    NAME = "NodeDeclaredFeatureValidator"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        if resource.group_resource != "pods" or subresource != "resize":
            return False
        return operation == UPDATE

    async def admit(self, review: Review) -> Any:
        return review.object

    async def validate(self, review: Review) -> None:
        name = review.old.spec.nodeName
        if name and await self._stores.store("nodes").recent("", name) is None:
            raise review.forbid(f'node "{name}" not found')
