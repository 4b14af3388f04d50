"""DefaultTolerationSeconds: for how long a pod stays on a node that is not ready or unreachable."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod, Toleration
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, UPDATE, Review

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"


class DefaultTolerationSeconds:
    NAME = "DefaultTolerationSeconds"

    def __init__(self, *, not_ready: int, unreachable: int) -> None:
        self._seconds = {NOT_READY: not_ready, UNREACHABLE: unreachable}

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        if resource.group_resource != "pods" or subresource:
            return False
        return operation in (CREATE, UPDATE)

    async def admit(self, review: Review) -> Any:
        pod: Pod = review.object
        tolerations = pod.spec.tolerations
        added = tuple(
            Toleration(key=key, operator="Exists", effect="NoExecute", tolerationSeconds=seconds)
            for key, seconds in self._seconds.items()
            if not any(tolerates(toleration, key) for toleration in tolerations)
        )
        if not added:
            return pod
        return replace(pod, spec=replace(pod.spec, tolerations=(*tolerations, *added)))

    async def validate(self, review: Review) -> None:
        """Refuses nothing."""


def tolerates(toleration: Toleration, key: str) -> bool:
    """Whether a pod has said already what it wants when a node gets this NoExecute taint."""
    return toleration.key in ("", key) and toleration.effect in ("", "NoExecute")
