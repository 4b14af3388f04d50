"""StorageObjectInUseProtection: volumes and claims go only when nobody uses them any more."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Review

FINALIZERS = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "persistentvolumes": "kubernetes.io/pv-protection",
    "volumeattributesclasses.storage.k8s.io": "kubernetes.io/vac-protection",
}


class StorageObjectInUseProtection:
    NAME = "StorageObjectInUseProtection"

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource in FINALIZERS and not subresource

    async def admit(self, review: Review) -> Any:
        finalizer = FINALIZERS[review.resource.group_resource]
        meta = review.object.metadata
        if finalizer in meta.finalizers:
            return review.object
        meta = replace(meta, finalizers=(*meta.finalizers, finalizer))
        return replace(review.object, metadata=meta)

    async def validate(self, review: Review) -> None:
        """Refuses nothing."""
