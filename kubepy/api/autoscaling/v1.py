"""autoscaling/v1: the wire types.

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
    no_quantity,
    null,
    zero,
)

PACKAGE = "k8s.io.api.autoscaling.v1"
API_VERSION = "autoscaling/v1"


class ContainerResourceMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by what one container of each pod uses of a resource. Either of the targets is
    given.
    """

    name: str = _field(default_factory=empty_string)
    targetAverageUtilization: Int32 | None = None
    targetAverageValue: Quantity | None = None
    container: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "container": Rules(required=True),
    }


class ContainerResourceMetricStatus(Wire, frozen=True, kw_only=True):
    """What one container of each pod uses of a resource, as last measured."""

    name: str = _field(default_factory=empty_string)
    currentAverageUtilization: Int32 | None = None
    currentAverageValue: Quantity = _field(default_factory=no_quantity)
    container: str = _field(default_factory=empty_string)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "currentAverageValue": Rules(required=True),
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

    __atomic__: ClassVar[bool] = True


class ExternalMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by a metric that belongs to no object of the cluster. Either of the targets is
    given.
    """

    metricName: str = _field(default_factory=empty_string)
    metricSelector: meta_v1.LabelSelector | None = None
    targetValue: Quantity | None = None
    targetAverageValue: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "metricName": Rules(required=True),
    }


class ExternalMetricStatus(Wire, frozen=True, kw_only=True):
    """A metric that belongs to no object of the cluster, as last measured."""

    metricName: str = _field(default_factory=empty_string)
    metricSelector: meta_v1.LabelSelector | None = None
    currentValue: Quantity = _field(default_factory=no_quantity)
    currentAverageValue: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "metricName": Rules(required=True),
        "currentValue": Rules(required=True),
    }


class HorizontalPodAutoscalerSpec(Wire, frozen=True, kw_only=True):
    """What a HorizontalPodAutoscaler scales, and within which limits. What only v2 can say
    stands in annotations.
    """

    scaleTargetRef: CrossVersionObjectReference = _field(
        default_factory=CrossVersionObjectReference
    )
    minReplicas: Int32 | None = None
    maxReplicas: Int32 = _field(default_factory=zero)
    targetCPUUtilizationPercentage: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "scaleTargetRef": Rules(required=True),
        "maxReplicas": Rules(required=True),
    }


class HorizontalPodAutoscalerStatus(Wire, frozen=True, kw_only=True):
    """What a HorizontalPodAutoscaler last found, and what it made of it."""

    observedGeneration: Int64 | None = None
    lastScaleTime: Time | None = None
    currentReplicas: Int32 = _field(default_factory=zero)
    desiredReplicas: Int32 = _field(default_factory=zero)
    currentCPUUtilizationPercentage: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "currentReplicas": Rules(required=True),
        "desiredReplicas": Rules(required=True),
    }


class HorizontalPodAutoscaler(Wire, frozen=True, kw_only=True):
    """Scales a workload by its CPU."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: HorizontalPodAutoscalerSpec = _field(default_factory=HorizontalPodAutoscalerSpec)
    status: HorizontalPodAutoscalerStatus = _field(default_factory=HorizontalPodAutoscalerStatus)

    __rules__: ClassVar[dict[str, Rules]] = {
        "spec": Rules(required=True),
    }


class HorizontalPodAutoscalerCondition(Wire, frozen=True, kw_only=True):
    """One aspect of how a HorizontalPodAutoscaler fares. In this version they stand in an
    annotation.
    """

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
    """One metric that a HorizontalPodAutoscaler scales by. In this version it stands in the
    annotation `autoscaling.alpha.kubernetes.io/metrics`.
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
    """One metric of a HorizontalPodAutoscaler, as last measured. In this version it stands in
    the annotation `autoscaling.alpha.kubernetes.io/current-metrics`.
    """

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

    target: CrossVersionObjectReference = _field(default_factory=CrossVersionObjectReference)
    metricName: str = _field(default_factory=empty_string)
    targetValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None
    averageValue: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "target": Rules(required=True),
        "metricName": Rules(required=True),
        "targetValue": Rules(required=True),
    }


class ObjectMetricStatus(Wire, frozen=True, kw_only=True):
    """A metric of one object, as last measured."""

    target: CrossVersionObjectReference = _field(default_factory=CrossVersionObjectReference)
    metricName: str = _field(default_factory=empty_string)
    currentValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None
    averageValue: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "target": Rules(required=True),
        "metricName": Rules(required=True),
        "currentValue": Rules(required=True),
    }


class PodsMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by a metric that each of the pods has, such as its requests per second."""

    metricName: str = _field(default_factory=empty_string)
    targetAverageValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "metricName": Rules(required=True),
        "targetAverageValue": Rules(required=True),
    }


class PodsMetricStatus(Wire, frozen=True, kw_only=True):
    """A metric that each of the pods has, as last measured."""

    metricName: str = _field(default_factory=empty_string)
    currentAverageValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "metricName": Rules(required=True),
        "currentAverageValue": Rules(required=True),
    }


class ResourceMetricSource(Wire, frozen=True, kw_only=True):
    """Scales by what the pods use of a resource. Either of the targets is given."""

    name: str = _field(default_factory=empty_string)
    targetAverageUtilization: Int32 | None = None
    targetAverageValue: Quantity | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
    }


class ResourceMetricStatus(Wire, frozen=True, kw_only=True):
    """What the pods use of a resource, as last measured."""

    name: str = _field(default_factory=empty_string)
    currentAverageUtilization: Int32 | None = None
    currentAverageValue: Quantity = _field(default_factory=no_quantity)

    __rules__: ClassVar[dict[str, Rules]] = {
        "name": Rules(required=True),
        "currentAverageValue": Rules(required=True),
    }


class ScaleSpec(Wire, frozen=True, kw_only=True):
    """How many replicas a workload should have."""

    replicas: Int32 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "replicas": Rules(default="0"),
    }


class ScaleStatus(Wire, frozen=True, kw_only=True):
    """How many replicas a workload has, and which they are."""

    replicas: Int32 = _field(default_factory=zero)
    selector: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "replicas": Rules(required=True),
    }


class Scale(Wire, frozen=True, kw_only=True):
    """How many replicas a workload should have, and has: the subresource `scale` of each."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ScaleSpec = _field(default_factory=ScaleSpec)
    status: ScaleStatus = _field(default_factory=ScaleStatus)
