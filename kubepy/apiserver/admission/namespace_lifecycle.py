"""NamespaceLifecycle: nothing new in a namespace that is missing or going away.

The namespaces that every cluster has may not be deleted.
"""

from __future__ import annotations

from typing import Any

from kubepy.api.meta.v1 import StatusCause
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, DELETE, UPDATE, Review, Stores
from kubepy.meta import errors

IMMORTAL = frozenset({"default", "kube-system", "kube-public"})
# What asks about a namespace, and puts nothing into it.
REVIEWS = frozenset({"localsubjectaccessreviews.authorization.k8s.io"})


class NamespaceLifecycle:
    NAME = "NamespaceLifecycle"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        if resource.group_resource == "namespaces":
            return operation == DELETE
        if not resource.namespaced or resource.group_resource in REVIEWS:
            return False
        return operation in (CREATE, UPDATE)

    async def admit(self, review: Review) -> Any:
        if review.operation == DELETE:
            if review.name in IMMORTAL:
                raise review.forbid("this namespace may not be deleted")
            return review.object
        name = review.namespace
        namespaces = self._stores.store("namespaces")
        found = await namespaces.recent("", name) or await namespaces.current("", name)
        if found is None:
            raise errors.NotFound.of(namespaces.resource, name)
        if review.operation != CREATE:
            return review.object
        namespace = found.object
        if namespace.metadata.deletionTimestamp or namespace.status.phase == "Terminating":
            why = f"unable to create new content in namespace {name} because it is being terminated"
            cause = StatusCause(
                reason="NamespaceTerminating",
                message=f"namespace {name} is being terminated",
                field="metadata.namespace",
            )
            raise review.forbid(why, (cause,))
        return review.object

    async def validate(self, review: Review) -> None:
        """All is said."""
