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
    name: str = _field(default_factory=empty_string)
    targetAverageUtilization: Int32 | None = None
    targetAverageValue: Quantity | None = None
    container: str = _field(default_factory=empty_string)


class ContainerResourceMetricStatus(Wire, frozen=True, kw_only=True):
    name: str = _field(default_factory=empty_string)
    currentAverageUtilization: Int32 | None = None
    currentAverageValue: Quantity = _field(default_factory=no_quantity)
    container: str = _field(default_factory=empty_string)


class CrossVersionObjectReference(Wire, frozen=True, kw_only=True):
    kind: str = _field(default_factory=empty_string)
    name: str = _field(default_factory=empty_string)
    apiVersion: str = ""


class ExternalMetricSource(Wire, frozen=True, kw_only=True):
    metricName: str = _field(default_factory=empty_string)
    metricSelector: meta_v1.LabelSelector | None = None
    targetValue: Quantity | None = None
    targetAverageValue: Quantity | None = None


class ExternalMetricStatus(Wire, frozen=True, kw_only=True):
    metricName: str = _field(default_factory=empty_string)
    metricSelector: meta_v1.LabelSelector | None = None
    currentValue: Quantity = _field(default_factory=no_quantity)
    currentAverageValue: Quantity | None = None


class HorizontalPodAutoscalerSpec(Wire, frozen=True, kw_only=True):
    scaleTargetRef: CrossVersionObjectReference = _field(
        default_factory=CrossVersionObjectReference
    )
    minReplicas: Int32 | None = None
    maxReplicas: Int32 = _field(default_factory=zero)
    targetCPUUtilizationPercentage: Int32 | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "maxReplicas": Rules(required=True),
    }


class HorizontalPodAutoscalerStatus(Wire, frozen=True, kw_only=True):
    observedGeneration: Int64 | None = None
    lastScaleTime: Time | None = None
    currentReplicas: Int32 = _field(default_factory=zero)
    desiredReplicas: Int32 = _field(default_factory=zero)
    currentCPUUtilizationPercentage: Int32 | None = None


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
    type: str = _field(default_factory=empty_string)
    status: str = _field(default_factory=empty_string)
    lastTransitionTime: Time | None = _field(default_factory=null)
    reason: str = ""
    message: str = ""

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(values=("ScalingActive", "AbleToScale", "ScalingLimited", "ScaledToZero")),
    }


class HorizontalPodAutoscalerList(Wire, frozen=True, kw_only=True):
    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[HorizontalPodAutoscaler, ...] = _field(default_factory=no_items)


class MetricSpec(Wire, frozen=True, kw_only=True):
    type: str = _field(default_factory=empty_string)
    object: ObjectMetricSource | None = None
    pods: PodsMetricSource | None = None
    resource: ResourceMetricSource | None = None
    containerResource: ContainerResourceMetricSource | None = None
    external: ExternalMetricSource | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(values=("Object", "Pods", "Resource", "ContainerResource", "External")),
    }


class MetricStatus(Wire, frozen=True, kw_only=True):
    type: str = _field(default_factory=empty_string)
    object: ObjectMetricStatus | None = None
    pods: PodsMetricStatus | None = None
    resource: ResourceMetricStatus | None = None
    containerResource: ContainerResourceMetricStatus | None = None
    external: ExternalMetricStatus | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "type": Rules(values=("Object", "Pods", "Resource", "ContainerResource", "External")),
    }


class ObjectMetricSource(Wire, frozen=True, kw_only=True):
    target: CrossVersionObjectReference = _field(default_factory=CrossVersionObjectReference)
    metricName: str = _field(default_factory=empty_string)
    targetValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None
    averageValue: Quantity | None = None


class ObjectMetricStatus(Wire, frozen=True, kw_only=True):
    target: CrossVersionObjectReference = _field(default_factory=CrossVersionObjectReference)
    metricName: str = _field(default_factory=empty_string)
    currentValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None
    averageValue: Quantity | None = None


class PodsMetricSource(Wire, frozen=True, kw_only=True):
    metricName: str = _field(default_factory=empty_string)
    targetAverageValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None


class PodsMetricStatus(Wire, frozen=True, kw_only=True):
    metricName: str = _field(default_factory=empty_string)
    currentAverageValue: Quantity = _field(default_factory=no_quantity)
    selector: meta_v1.LabelSelector | None = None


class ResourceMetricSource(Wire, frozen=True, kw_only=True):
    name: str = _field(default_factory=empty_string)
    targetAverageUtilization: Int32 | None = None
    targetAverageValue: Quantity | None = None


class ResourceMetricStatus(Wire, frozen=True, kw_only=True):
    name: str = _field(default_factory=empty_string)
    currentAverageUtilization: Int32 | None = None
    currentAverageValue: Quantity = _field(default_factory=no_quantity)


class ScaleSpec(Wire, frozen=True, kw_only=True):
    replicas: Int32 = 0

    __rules__: ClassVar[dict[str, Rules]] = {
        "replicas": Rules(default="0"),
    }


class ScaleStatus(Wire, frozen=True, kw_only=True):
    replicas: Int32 = _field(default_factory=zero)
    selector: str = ""


class Scale(Wire, frozen=True, kw_only=True):
    """How many replicas a workload should have, and has: the subresource `scale` of each."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: ScaleSpec = _field(default_factory=ScaleSpec)
    status: ScaleStatus = _field(default_factory=ScaleStatus)
