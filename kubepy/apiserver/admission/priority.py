"""Priority: a pod's class becomes the number that the scheduler compares.

A pod that names no class gets the global default, if there is one; of several, the lowest. Only
one may be made so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod
from kubepy.api.scheduling.v1 import PriorityClass
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, DELETE, UPDATE, Review, Stores
from kubepy.apiserver.registry.scheduling.priorityclass import PREEMPT, SYSTEM

CLASSES = ("priorityclasses", "scheduling.k8s.io")
NO_CLASS = PriorityClass(preemptionPolicy=PREEMPT)
SYSTEM_NAMES = frozenset(each.metadata.name for each in SYSTEM)


class Priority:
    NAME = "Priority"

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        if subresource:
            return False
        if resource.group_resource == "pods":
            return operation == CREATE
        return resource.group_resource == ".".join(CLASSES) and operation in (
            CREATE,
            UPDATE,
            DELETE,
        )

    async def admit(self, review: Review) -> Any:
        if review.resource.group_resource != "pods":
            return review.object
        pod: Pod = review.object
        spec = pod.spec
        found = await self._class_of(review, spec.priorityClassName)
        priority, policy = found.value, found.preemptionPolicy
        if spec.priority is not None and spec.priority != priority:
            raise review.forbid(
                f"the integer value of priority ({spec.priority}) must not be provided in pod "
                f"spec; priority admission controller computed {priority} from the given "
                "PriorityClass name",
            )
        if spec.preemptionPolicy is not None and spec.preemptionPolicy != policy:
            raise review.forbid(
                f"the string value of PreemptionPolicy ({spec.preemptionPolicy}) must not be "
                f"provided in pod spec; priority admission controller computed {policy} from the "
                "given PriorityClass name",
            )
        name = found.metadata.name
        spec = replace(spec, priorityClassName=name, priority=priority, preemptionPolicy=policy)
        return replace(pod, spec=spec)

    async def _class_of(self, review: Review, name: str) -> PriorityClass:
        if not name:
            return lowest_default(self._classes()) or NO_CLASS
        found = await self._stores.store(*CLASSES).recent("", name)
        if found is None:
            raise review.forbid(f"no PriorityClass with name {name} was found")
        priority: PriorityClass = found.object
        return priority

    def _classes(self) -> Iterable[PriorityClass]:
        return [record.object for record in self._stores.store(*CLASSES).cache.select()]

    async def validate(self, review: Review) -> None:
        """Of classes: the system's stay, and there is one default."""
        if review.resource.group_resource == "pods":
            return
        if review.operation == DELETE:
            if review.name in SYSTEM_NAMES:
                raise review.forbid("this is a system priority class and cannot be deleted")
            return
        if not review.object.globalDefault:
            return
        # Here one waits for what has just been written; pods, of which there are many, need not.
        await self._stores.store(*CLASSES).feed.own_writes()
        other = lowest_default(self._classes())
        if other is not None and other.metadata.name != review.name:
            raise review.forbid(
                f"PriorityClass {other.metadata.name} is already marked as default. Only one "
                "default can exist"
            )


def lowest_default(classes: Iterable[PriorityClass]) -> PriorityClass | None:
    """The class of pods that name none."""
    defaults = [each for each in classes if each.globalDefault]
    return min(defaults, key=lambda each: each.value, default=None)
