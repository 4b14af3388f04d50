"""Makes ReplicationControllers true, as ReplicaSets are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kubepy.api.core.v1 import (
    PodTemplateSpec,
    ReplicationController,
    ReplicationControllerCondition,
    ReplicationControllerStatus,
)
from kubepy.controllers.replicaset.controller import ReplicaSetController
from kubepy.controllers.replicaset.plan import Tally


class ReplicationControllerController(ReplicaSetController):
    """A key is a ReplicationController's `namespace/name`."""

    name = "replicationcontroller-controller"
    component = "replication-controller"
    type = ReplicationController

    def matcher(self, owner: Any) -> Callable[[Mapping[str, str]], bool]:
        wanted = owner.spec.selector.items()
        return lambda labels: bool(wanted) and wanted <= labels.items()

    def template(self, owner: Any) -> PodTemplateSpec:
        return owner.spec.template or PodTemplateSpec()

    def status(self, owner: Any, counts: Tally, conditions: tuple[Any, ...]) -> Any:
        return ReplicationControllerStatus(
            replicas=counts.replicas,
            fullyLabeledReplicas=counts.fullyLabeledReplicas,
            readyReplicas=counts.readyReplicas,
            availableReplicas=counts.availableReplicas,
            observedGeneration=owner.metadata.generation,
            conditions=conditions,
        )

    def condition(self, **fields: Any) -> Any:
        return ReplicationControllerCondition(**fields)
