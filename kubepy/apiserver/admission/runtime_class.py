"""RuntimeClass: a pod's class must exist; its overhead and its nodes are the class's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod, Toleration
from kubepy.api.node.v1 import RuntimeClass, Scheduling
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Review, Stores

CLASSES = ("runtimeclasses", "node.k8s.io")
MISMATCH = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
WITHOUT = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"


class RuntimeClasses:
    NAME = "RuntimeClass"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource == "pods" and not subresource

    async def admit(self, review: Review) -> Any:
        pod: Pod = review.object
        runtime = await self._class_of(review)
        if runtime is None:
            return pod
        if runtime.overhead is not None:
            self._check_overhead(review, runtime, given=pod.spec.overhead or None)
            pod = replace(pod, spec=replace(pod.spec, overhead=runtime.overhead.podFixed))
        if runtime.scheduling is not None:
            pod = with_scheduling(review, pod, runtime.scheduling)
        return pod

    async def _class_of(self, review: Review) -> RuntimeClass | None:
        name = review.object.spec.runtimeClassName
        if name is None:
            return None
        found = await self._stores.store(*CLASSES).recent("", name)
        if found is None:
            raise review.forbid(f'pod rejected: RuntimeClass "{name}" not found')
        runtime: RuntimeClass = found.object
        return runtime

    def _check_overhead(self, review: Review, runtime: RuntimeClass, *, given: Any) -> None:
        assert runtime.overhead is not None
        if given is not None and given != runtime.overhead.podFixed:
            raise review.forbid(MISMATCH)

    async def validate(self, review: Review) -> None:
        pod: Pod = review.object
        runtime = await self._class_of(review)
        if runtime is not None and runtime.overhead is not None:
            self._check_overhead(review, runtime, given=pod.spec.overhead)
        elif pod.spec.overhead:
            raise review.forbid(WITHOUT)


def with_scheduling(review: Review, pod: Pod, scheduling: Scheduling) -> Pod:
    """The pod where its class wants it. Raises Forbidden if it wants to be elsewhere."""
    own = pod.spec.nodeSelector
    for key, value in sorted(scheduling.nodeSelector.items()):
        if own.get(key, value) != value:
            raise review.forbid(
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {own[key]}"
            )
    spec = replace(
        pod.spec,
        nodeSelector=own | scheduling.nodeSelector,
        tolerations=merged((*pod.spec.tolerations, *scheduling.tolerations)),
    )
    return replace(pod, spec=spec)


def merged(tolerations: Sequence[Toleration]) -> tuple[Toleration, ...]:
    """Without those that another one includes."""
    kept: list[Toleration] = []
    for index, toleration in enumerate(tolerations):
        others = (*kept, *tolerations[index + 1 :])
        if not any(includes(other, toleration) for other in others):
            kept.append(toleration)
    return tuple(kept)


def includes(wide: Toleration, narrow: Toleration) -> bool:
    """Whether `wide` tolerates everything that `narrow` does, and as long."""
    if wide == narrow:
        return True
    if wide.key != narrow.key and (wide.key or wide.operator != "Exists"):
        return False
    if wide.effect not in ("", narrow.effect):
        return False
    if wide.effect == "NoExecute" and wide.tolerationSeconds is not None:
        seconds = narrow.tolerationSeconds
        if seconds is None or seconds > wide.tolerationSeconds:
            return False
    if wide.operator in ("", "Equal"):
        return narrow.operator in ("", "Equal") and narrow.value == wide.value
    return wide.operator == "Exists"
