"""Priority: a pod's class becomes the number that the scheduler compares.

Only the two classes that Kubernetes itself defines are known as long as PriorityClasses are not
served.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod
from kubepy.api.scheme import Resource
from kubepy.apiserver.admission.chain import CREATE, Review

SYSTEM = {"system-cluster-critical": 2_000_000_000, "system-node-critical": 2_000_001_000}
DEFAULT_POLICY = "PreemptLowerPriority"


class Priority:
    NAME = "Priority"

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool:
        return operation == CREATE and resource.group_resource == "pods" and not subresource

    async def admit(self, review: Review) -> Any:
        pod: Pod = review.object
        spec = pod.spec
        name = spec.priorityClassName
        if name and name not in SYSTEM:
            raise review.forbid(f"no PriorityClass with name {name} was found")
        priority, policy = SYSTEM.get(name, 0), DEFAULT_POLICY
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
        return replace(pod, spec=replace(spec, priority=priority, preemptionPolicy=policy))

    async def validate(self, review: Review) -> None:
        """All is said."""
