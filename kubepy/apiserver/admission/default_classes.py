"""DefaultIngressClass, DefaultStorageClass: who names no class gets the cluster's default one.

An annotation makes a class the default; of several, the newest is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import PersistentVolumeClaim
from kubepy.api.networking.v1 import Ingress, IngressClass
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Review, Stores
from kubepy.apiserver.registry.core.claims import CLASS_ANNOTATION as CLAIM_ANNOTATION
from kubepy.apiserver.registry.networking.ingress import CLASS_ANNOTATION as INGRESS_ANNOTATION
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.registry.storage import storageclass

DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class"


async def default_class(classes: ResourceStore, is_default: Callable[[Any], bool]) -> str | None:
    """The name of the newest default class, the first by name among equally new ones."""
    await classes.feed.own_writes()
    found = [each for record in classes.cache.select() if is_default(each := record.object)]
    if not found:
        return None
    newest = max(each.metadata.creationTimestamp.unix() for each in found)
    name: str = next(
        each.metadata.name for each in found if each.metadata.creationTimestamp.unix() == newest
    )
    return name


class DefaultIngressClass:
    NAME = "DefaultIngressClass"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return (
            operation == CREATE
            and resource.group_resource == "ingresses.networking.k8s.io"
            and not subresource
        )

    async def admit(self, review: Review) -> Any:
        ingress: Ingress = review.object
        spec = ingress.spec
        if spec.ingressClassName is not None or INGRESS_ANNOTATION in ingress.metadata.annotations:
            return ingress
        classes = self._stores.store("ingressclasses", "networking.k8s.io")
        name = await default_class(classes, is_default_ingress_class)
        return ingress if name is None else _with_spec(ingress, ingressClassName=name)

    async def validate(self, review: Review) -> None:
        """Refuses nothing."""


def is_default_ingress_class(ingress_class: IngressClass) -> bool:
    return ingress_class.metadata.annotations.get(DEFAULT_INGRESS_CLASS) == "true"


class DefaultStorageClass:
    NAME = "DefaultStorageClass"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return (
            operation == CREATE
            and resource.group_resource == "persistentvolumeclaims"
            and not subresource
        )

    async def admit(self, review: Review) -> Any:
        claim: PersistentVolumeClaim = review.object
        if (
            claim.spec.storageClassName is not None
            or CLAIM_ANNOTATION in claim.metadata.annotations
        ):
            return claim
        classes = self._stores.store("storageclasses", "storage.k8s.io")
        name = await default_class(classes, storageclass.is_default)
        return claim if name is None else _with_spec(claim, storageClassName=name)

    async def validate(self, review: Review) -> None:
        """Refuses nothing."""


def _with_spec(obj: Any, **changes: Any) -> Any:
    return replace(obj, spec=replace(obj.spec, **changes))
