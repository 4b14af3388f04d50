"""RuntimeClass: a pod's class must exist, and its overhead is the class's.

No RuntimeClasses are served yet, so a pod that names one is refused, as by any cluster without it.
"""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import Pod
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Review


class RuntimeClasses:
    NAME = "RuntimeClass"

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource == "pods" and not subresource

    async def admit(self, review: Review) -> Any:
        pod: Pod = review.object
        name = pod.spec.runtimeClassName
        if name is not None:
            raise review.forbid(f'pod rejected: RuntimeClass "{name}" not found')
        return pod

    async def validate(self, review: Review) -> None:
        pod: Pod = review.object
        if pod.spec.overhead:
            raise review.forbid(
                "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
            )
