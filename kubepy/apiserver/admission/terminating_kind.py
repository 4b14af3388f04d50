"""No object of a kind is created while the kind's definition is being deleted."""

from __future__ import annotations

from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Refusing, Review, Stores
from kubepy.apiserver.crd.resource import CustomResource

WHY = "create not allowed while custom resource definition is terminating"


class TerminatingKind(Refusing):
    """Part of the server: unlike other plugins it cannot be switched off in Kubernetes."""

    NAME = "CustomResourceTerminating"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and isinstance(resource, CustomResource) and not subresource

    async def validate(self, review: Review) -> None:
        assert isinstance(review.resource, CustomResource)
        definitions = self._stores.store("customresourcedefinitions", "apiextensions.k8s.io")
        record = await definitions.recent("", review.resource.definition)
        # The bytes tell most of the time, and definitions take long to decode.
        if record is None or (
            b'"deletionTimestamp":' in record.raw
            and record.peek().metadata.deletionTimestamp is not None
        ):
            raise review.forbid(WHY)
