"""autoscaling/v2: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import (
    Int32,
    Int64,
    Quantity,
    Rules,
    Time,
    Wire,
    empty_string,
    no_items,
    null,
    zero,
)

PACKAGE = "k8s.io.api.autoscaling.v2"
API_VERSION = "autoscaling/v2"


class MetricTarget(Wire, frozen=True, kw_only=True):
    """What a metric should be. The field of the type is given."""

    type: str = _field(default_factory=empty_string)
    value: Quantity | None = None
    averageValue: Quantity | None = None
    averageUtilization: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Utilization", "Value", "AverageValue")),
    }


class ContainerResourceMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by what one container of each pod uses of a resource, leaving the pods' other
    containers out of account.
    """

    name: str = _field(default_factory=empty_string)
    target: MetricTarget = _field(default_factory=MetricTarget)
    container: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "target": Rules(required=True),
        "container": Rules(required=True),
    }


class MetricValueStatus(Wire, frozen=True, kw_only=True):
    """What a metric was when it was last measured."""

    value: Quantity | None = None
    averageValue: Quantity | None = None
    averageUtilization: Int32 | None = None


class ContainerResourceMetricStatus(Wire, frozen=True, kw_only=True):
    """What one container of each pod uses of a resource, as last measured."""

    name: str = _field(default_factory=empty_string)
    current: MetricValueStatus = _field(default_factory=MetricValueStatus)
    container: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "current": Rules(required=True),
        "container": Rules(required=True),
    }


class CrossVersionObjectReference(Wire, frozen=True, kw_only=True):
    """An object of the HorizontalPodAutoscaler's namespace, whatever its kind."""

    kind: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    apiVersion: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "kind": Rules(required=True),
        "name": Rules(required=True),
    }


class MetricIdentifier(Wire, frozen=True, kw_only=True):
    """A metric by its name and, where the name is not enough, by labels."""

    name: str = _field(default_factory=empty_string)
    selector: meta_v1.LabelSelector | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class ExternalMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by a metric that belongs to no object of the cluster, such as the length of a queue
    elsewhere.
    """

    metric: MetricIdentifier = _field(default_factory=MetricIdentifier)
    target: MetricTarget = _field(default_factory=MetricTarget)

    __rules__: ClassVar[dict[str, Rules]] = {
        "metric": Rules(required=True),
        "target": Rules(required=True),
    }


class ExternalMetricStatus(Wire, frozen=True, kw_only=True):
    """A metric that belongs to no object of the cluster, as last measured."""

    metric: MetricIdentifier = _field(default_factory=MetricIdentifier)
    current: MetricValueStatus = _field(default_factory=MetricValueStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "metric": Rules(required=True),
        "current": Rules(required=True),
    }


class HPAScalingPolicy(Wire, frozen=True, kw_only=True):
    """A limit on how much the number of replicas may change within some time."""

    type: str = _field(default_factory=empty_string)
    value: Int32 = _field(default_factory=zero)
    periodSeconds: Int32 = _field(default_factory=zero)

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(required=True, values=("Pods", "Percent")),
        "value": Rules(required=True),
        "periodSeconds": Rules(required=True),
    }


class HPAScalingRules(Wire, frozen=True, kw_only=True):
    """How fast replicas are added, or are taken away."""

    stabilizationWindowSeconds: Int32 | None = None
    selectPolicy: str | None = None
    policies: tuple[HPAScalingPolicy, ...] | None = _field(default_factory=null)
    tolerance: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "selectPolicy": Rules(values=("Max", "Min", "Disabled")),
        "policies": Rules(list_type="atomic"),
    }


class HorizontalPodAutoscalerSpec(Wire, frozen=True, kw_only=True):
    """What a HorizontalPodAutoscaler scales, by what, and within which limits."""

    scaleTargetRef: CrossVersionObjectReference = _field(
        default_factory=CrossVersionObjectReference
    )
    minReplicas: Int32 | None = None
    maxReplicas: Int32 = _field(default_factory=zero)
    metrics: tuple[MetricSpec, ...] = ()
    behavior: HorizontalPodAutoscalerBehavior | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "scaleTargetRef": Rules(required=True),
        "maxReplicas": Rules(required=True),
        "metrics": Rules(list_type="atomic"),
    }


class HorizontalPodAutoscalerStatus(Wire, frozen=True, kw_only=True):
    """What a HorizontalPodAutoscaler last found, and what it made of it."""

    observedGeneration: Int64 | None = None
    lastScaleTime: Time | None = None
    currentReplicas: Int32 = 0
    desiredReplicas: Int32 = _field(default_factory=zero)
    currentMetrics: tuple[MetricStatus, ...] = _field(default_factory=no_items)
    conditions: tuple[HorizontalPodAutoscalerCondition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "desiredReplicas": Rules(required=True),
        "currentMetrics": Rules(list_type="atomic"),
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class HorizontalPodAutoscaler(Wire, frozen=True, kw_only=True):
    """Scales a workload by what is measured about it."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: HorizontalPodAutoscalerSpec = _field(default_factory=HorizontalPodAutoscalerSpec)
    status: HorizontalPodAutoscalerStatus = _field(default_factory=HorizontalPodAutoscalerStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }
    __nulls__: ClassVar[tuple[str, ...]] = ("currentMetrics",)


class HorizontalPodAutoscalerBehavior(Wire, frozen=True, kw_only=True):
    """How fast a HorizontalPodAutoscaler scales in each direction."""

    scaleUp: HPAScalingRules | None = None
    scaleDown: HPAScalingRules | None = None


class HorizontalPodAutoscalerCondition(Wire, frozen=True, kw_only=True):
    """One aspect of how a HorizontalPodAutoscaler fares."""

    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True, values=("ScalingActive", "AbleToScale", "ScalingLimited", "ScaledToZero")
        ),
        "status": Rules(required=True),
    }


class HorizontalPodAutoscalerList(Wire, frozen=True, kw_only=True):
    """A list of HorizontalPodAutoscalers."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[HorizontalPodAutoscaler, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class MetricSpec(Wire, frozen=True, kw_only=True):
    """One metric that a HorizontalPodAutoscaler scales by. Exactly the field of its type is
    given.
    """

    type: str = _field(default_factory=empty_string)
    object: ObjectMetricSource | None = None
    pods: PodsMetricSource | None = None
    resource: ResourceMetricSource | None = None
    containerResource: ContainerResourceMetricSource | None = None
    external: ExternalMetricSource | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True, values=("Object", "Pods", "Resource", "ContainerResource", "External")
        ),
    }


class MetricStatus(Wire, frozen=True, kw_only=True):
    """One metric of a HorizontalPodAutoscaler, as last measured. The field of its type is given."""

    type: str = _field(default_factory=empty_string)
    object: ObjectMetricStatus | None = None
    pods: PodsMetricStatus | None = None
    resource: ResourceMetricStatus | None = None
    containerResource: ContainerResourceMetricStatus | None = None
    external: ExternalMetricStatus | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(
            required=True, values=("Object", "Pods", "Resource", "ContainerResource", "External")
        ),
    }


class ObjectMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by a metric of one object, such as the requests per second at an Ingress."""

    describedObject: CrossVersionObjectReference = _field(
        default_factory=CrossVersionObjectReference
    )
    target: MetricTarget = _field(default_factory=MetricTarget)
    metric: MetricIdentifier = _field(default_factory=MetricIdentifier)

    __rules__: ClassVar[dict[str, Rules]] = {
        "describedObject": Rules(required=True),
        "target": Rules(required=True),
        "metric": Rules(required=True),
    }


class ObjectMetricStatus(Wire, frozen=True, kw_only=True):
    """A metric of one object, as last measured."""

    metric: MetricIdentifier = _field(default_factory=MetricIdentifier)
    current: MetricValueStatus = _field(default_factory=MetricValueStatus)
    describedObject: CrossVersionObjectReference = _field(
        default_factory=CrossVersionObjectReference
    )

    __rules__: ClassVar[dict[str, Rules]] = {
        "metric": Rules(required=True),
        "current": Rules(required=True),
        "describedObject": Rules(required=True),
    }


class PodsMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by a metric that each of the pods has, such as its requests per second."""

    metric: MetricIdentifier = _field(default_factory=MetricIdentifier)
    target: MetricTarget = _field(default_factory=MetricTarget)

    __rules__: ClassVar[dict[str, Rules]] = {
        "metric": Rules(required=True),
        "target": Rules(required=True),
    }


class PodsMetricStatus(Wire, frozen=True, kw_only=True):
    """A metric that each of the pods has, as last measured."""

    metric: MetricIdentifier = _field(default_factory=MetricIdentifier)
    current: MetricValueStatus = _field(default_factory=MetricValueStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "metric": Rules(required=True),
        "current": Rules(required=True),
    }


class ResourceMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by what the pods use of a resource, all of their containers together."""

    name: str = _field(default_factory=empty_string)
    target: MetricTarget = _field(default_factory=MetricTarget)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "target": Rules(required=True),
    }


class ResourceMetricStatus(Wire, frozen=True, kw_only=True):
    """What the pods use of a resource, as last measured."""

    name: str = _field(default_factory=empty_string)
    current: MetricValueStatus = _field(default_factory=MetricValueStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "current": Rules(required=True),
    }
