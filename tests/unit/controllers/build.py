"""Objects for the controllers' tests, each in a line."""

from __future__ import annotations

from typing import Any

from kubepy.api.apps.v1 import (
    Deployment,
    DeploymentSpec,
    DeploymentStatus,
    DeploymentStrategy,
    ReplicaSet,
    ReplicaSetSpec,
    ReplicaSetStatus,
    RollingUpdateDeployment,
)
from kubepy.api.core.v1 import (
    Container,
    ContainerStatus,
    Pod,
    PodCondition,
    PodIP,
    PodSpec,
    PodStatus,
    PodTemplateSpec,
)
from kubepy.api.meta.v1 import LabelSelector, ObjectMeta, OwnerReference
from kubepy.api.types import IntOrString, Time

NOW = 1_800_000_000.0
LABELS = {"app": "web"}


def ago(seconds: float) -> Time:
    return Time.from_unix(NOW - seconds)


def template(image: str = "web:1", labels: dict[str, str] | None = None) -> PodTemplateSpec:
    return PodTemplateSpec(
        metadata=ObjectMeta(labels=labels or LABELS),
        spec=PodSpec(containers=(Container(name="web", image=image),)),
    )


def pod(
    name: str,
    *,
    ready: bool = False,
    ready_for: float = 3600,
    phase: str = "Running",
    node: str = "n1",
    age: float = 7200,
    deleting: bool = False,
    restarts: int = 0,
    labels: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    owner: str = "",
    ip: str = "",
    spec: dict[str, Any] | None = None,
) -> Pod:
    owners = (OwnerReference(kind="ReplicaSet", name=owner, uid=owner, controller=True),)
    ready_condition = PodCondition(
        type="Ready", status="True" if ready else "False", lastTransitionTime=ago(ready_for)
    )
    return Pod(
        metadata=ObjectMeta(
            name=name,
            namespace="shop",
            uid=f"uid-{name}",
            labels=LABELS if labels is None else labels,
            annotations=annotations or {},
            creationTimestamp=ago(age),
            deletionTimestamp=ago(0) if deleting else None,
            ownerReferences=owners if owner else (),
        ),
        spec=PodSpec(nodeName=node, **(spec or {})),
        status=PodStatus(
            phase=phase,
            conditions=(ready_condition,),
            containerStatuses=(ContainerStatus(name="web", restartCount=restarts),),
            podIP=ip,
            podIPs=(PodIP(ip=ip),) if ip else (),
        ),
    )


def deployment(
    replicas: int = 3,
    *,
    image: str = "web:1",
    surge: IntOrString = "25%",
    unavailable: IntOrString = "25%",
    strategy: str = "RollingUpdate",
    status: DeploymentStatus | None = None,
    annotations: dict[str, str] | None = None,
    **spec: Any,
) -> Deployment:
    rolling = RollingUpdateDeployment(maxSurge=surge, maxUnavailable=unavailable)
    spec.setdefault("progressDeadlineSeconds", 600)
    spec.setdefault("revisionHistoryLimit", 10)
    return Deployment(
        metadata=ObjectMeta(
            name="web", namespace="shop", uid="d", generation=1, annotations=annotations or {}
        ),
        spec=DeploymentSpec(
            replicas=replicas,
            selector=LabelSelector(matchLabels=LABELS),
            template=template(image),
            strategy=DeploymentStrategy(
                type=strategy, rollingUpdate=rolling if strategy == "RollingUpdate" else None
            ),
            **spec,
        ),
        status=status or DeploymentStatus(),
    )


def replicaset(
    name: str,
    replicas: int,
    *,
    image: str = "web:1",
    available: int | None = None,
    actual: int | None = None,
    revision: int = 1,
    age: float = 3600,
    desired: int | None = None,
    most: int | None = None,
    **meta: Any,
) -> ReplicaSet:
    """`available` and `actual` pods: all that are wanted, unless given."""
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    if desired is not None:
        annotations["deployment.kubernetes.io/desired-replicas"] = str(desired)
    if most is not None:
        annotations["deployment.kubernetes.io/max-replicas"] = str(most)
    present = replicas if actual is None else actual
    healthy = present if available is None else available
    return ReplicaSet(
        metadata=ObjectMeta(
            name=name,
            namespace="shop",
            uid=name,
            annotations=annotations,
            creationTimestamp=ago(age),
            **meta,
        ),
        spec=ReplicaSetSpec(
            replicas=replicas, template=template(image, {**LABELS, "pod-template-hash": name})
        ),
        status=ReplicaSetStatus(replicas=present, readyReplicas=healthy, availableReplicas=healthy),
    )
