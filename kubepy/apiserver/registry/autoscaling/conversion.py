"""HorizontalPodAutoscalers of v1 as those of v2 and back.

v1 knows one metric, the share of the CPU. Whatever else v2 has rides along in annotations:

    v2  metrics: [rps, cpu 60%]     v1  targetCPUUtilizationPercentage: 60
                                        autoscaling.alpha.kubernetes.io/metrics: '[…rps…]'
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.autoscaling import v1, v2
from kubepy.api.types import Quantity
from kubepy.apiserver.registry.autoscaling.metrics import (
    AVERAGE,
    CPU,
    UTILIZATION,
    VALUE,
    cpu_metric,
)
from kubepy.meta.gotext import show

PREFIX = "autoscaling.alpha.kubernetes.io/"
METRICS, STATUSES = f"{PREFIX}metrics", f"{PREFIX}current-metrics"
CONDITIONS, BEHAVIOR = f"{PREFIX}conditions", f"{PREFIX}behavior"
ANNOTATIONS = (METRICS, STATUSES, CONDITIONS, BEHAVIOR)


def is_cpu_share(metric: v2.MetricSpec) -> bool:
    """Whether v1 has a field for it."""
    resource = metric.resource
    return (
        metric.type == "Resource"
        and resource is not None
        and resource.name == CPU
        and resource.target.averageUtilization is not None
    )


def to_v1(autoscaler: v2.HorizontalPodAutoscaler) -> v1.HorizontalPodAutoscaler:
    spec, status = autoscaler.spec, autoscaler.status
    shares = [m.resource for m in spec.metrics if is_cpu_share(m) and m.resource is not None]
    usages = [
        metric.resource.current.averageUtilization
        for metric in status.currentMetrics
        if metric.resource is not None and metric.resource.name == CPU
    ]
    reference = spec.scaleTargetRef
    return v1.HorizontalPodAutoscaler(
        metadata=replace(autoscaler.metadata, annotations=_with_the_rest(autoscaler)),
        spec=v1.HorizontalPodAutoscalerSpec(
            scaleTargetRef=_reference_to_v1(reference),
            minReplicas=spec.minReplicas,
            maxReplicas=spec.maxReplicas,
            targetCPUUtilizationPercentage=shares[0].target.averageUtilization if shares else None,
        ),
        status=v1.HorizontalPodAutoscalerStatus(
            observedGeneration=status.observedGeneration,
            lastScaleTime=status.lastScaleTime,
            currentReplicas=status.currentReplicas,
            desiredReplicas=status.desiredReplicas,
            currentCPUUtilizationPercentage=next(
                (usage for usage in reversed(usages) if usage is not None), None
            ),
        ),
    )


def _with_the_rest(autoscaler: v2.HorizontalPodAutoscaler) -> dict[str, str]:
    """The annotations, with what v1 has no fields for."""
    spec, status = autoscaler.spec, autoscaler.status
    rest: dict[str, list[Any]] = {
        METRICS: [metric_to_v1(m) for m in spec.metrics if not is_cpu_share(m)],
        STATUSES: [status_to_v1(m) for m in status.currentMetrics],
        CONDITIONS: list(status.conditions),
    }
    kept = _without_the_rest(autoscaler.metadata.annotations)
    kept |= {key: _json(values) for key, values in rest.items() if values}
    if spec.behavior is not None:
        kept[BEHAVIOR] = show(spec.behavior)  # as it lies in Kubernetes' memory
    return kept


def _without_the_rest(annotations: dict[str, str]) -> dict[str, str]:
    return {key: text for key, text in annotations.items() if key not in ANNOTATIONS}


def _json(values: Sequence[Any]) -> str:
    return (b"[" + b",".join(codec.encode(value) for value in values) + b"]").decode()


def to_v2(autoscaler: v1.HorizontalPodAutoscaler) -> v2.HorizontalPodAutoscaler:
    """What rides along in annotations comes back; unreadable annotations are dropped."""
    spec, status = autoscaler.spec, autoscaler.status
    annotations = autoscaler.metadata.annotations
    share, usage = spec.targetCPUUtilizationPercentage, status.currentCPUUtilizationPercentage
    metrics = [metric_to_v2(m) for m in _read(annotations, METRICS, v1.MetricSpec)]
    if share is not None:
        metrics.append(cpu_metric(share))
    current = [status_to_v2(m) for m in _read(annotations, STATUSES, v1.MetricStatus)]
    if not current and usage is not None:
        current = [_cpu_status(usage)]
    conditions = _read(annotations, CONDITIONS, v2.HorizontalPodAutoscalerCondition)
    return v2.HorizontalPodAutoscaler(
        metadata=replace(autoscaler.metadata, annotations=_without_the_rest(annotations)),
        spec=v2.HorizontalPodAutoscalerSpec(
            scaleTargetRef=_reference_to_v2(spec.scaleTargetRef),
            minReplicas=spec.minReplicas,
            maxReplicas=spec.maxReplicas,
            metrics=tuple(metrics),
            behavior=_read_behavior(annotations.get(BEHAVIOR)),
        ),
        status=v2.HorizontalPodAutoscalerStatus(
            observedGeneration=status.observedGeneration,
            lastScaleTime=status.lastScaleTime,
            currentReplicas=status.currentReplicas,
            desiredReplicas=status.desiredReplicas,
            currentMetrics=tuple(current),
            conditions=tuple(conditions),
        ),
    )


def _cpu_status(percentage: int) -> v2.MetricStatus:
    current = v2.MetricValueStatus(averageUtilization=percentage)
    resource = v2.ResourceMetricStatus(name=CPU, current=current)
    return v2.MetricStatus(type="Resource", resource=resource)


def _read(annotations: dict[str, str], key: str, type_: type[Any]) -> list[Any]:
    try:
        values = json.loads(annotations.get(key, "[]"))
        return [codec.from_builtins(type_, value) for value in values or ()]
    except (ValueError, TypeError, codec.DecodeError):
        return []


def _read_behavior(text: str | None) -> v2.HorizontalPodAutoscalerBehavior | None:
    """Go reads names of any case: `ScaleUp` is scaleUp."""
    if text is None:
        return None
    try:
        return codec.from_builtins(v2.HorizontalPodAutoscalerBehavior, _lowered(json.loads(text)))
    except (ValueError, TypeError, codec.DecodeError):
        return None


def _lowered(value: Any) -> Any:
    match value:
        case dict():
            return {k[:1].lower() + k[1:]: _lowered(v) for k, v in value.items()}
        case list():
            return [_lowered(item) for item in value]
        case _:
            return value


# ---- references


def _reference_to_v1(ref: v2.CrossVersionObjectReference) -> v1.CrossVersionObjectReference:
    return v1.CrossVersionObjectReference(kind=ref.kind, name=ref.name, apiVersion=ref.apiVersion)


def _reference_to_v2(ref: v1.CrossVersionObjectReference) -> v2.CrossVersionObjectReference:
    return v2.CrossVersionObjectReference(kind=ref.kind, name=ref.name, apiVersion=ref.apiVersion)


# ---- metrics: v1 has the amounts of a target in fields of their own


def metric_to_v1(metric: v2.MetricSpec) -> v1.MetricSpec:
    return _converted(metric, v1.MetricSpec, _SPECS_TO_V1)


def metric_to_v2(metric: v1.MetricSpec) -> v2.MetricSpec:
    return _converted(metric, v2.MetricSpec, _SPECS_TO_V2)


def status_to_v1(metric: v2.MetricStatus) -> v1.MetricStatus:
    return _converted(metric, v1.MetricStatus, _STATUSES_TO_V1)


def status_to_v2(metric: v1.MetricStatus) -> v2.MetricStatus:
    return _converted(metric, v2.MetricStatus, _STATUSES_TO_V2)


Converter = Callable[[Any], Any]
T = TypeVar("T", v1.MetricSpec, v1.MetricStatus, v2.MetricSpec, v2.MetricStatus)


def _converted(metric: Any, type_: type[T], converters: dict[str, Converter]) -> T:
    """The same metric in the other version; each part by its own converter."""
    parts = {
        field: convert(part)
        for field, convert in converters.items()
        if (part := getattr(metric, field)) is not None
    }
    return type_(type=metric.type, **parts)


def _amount(value: Quantity | None) -> Quantity:
    return Quantity("0") if value is None else value


def _object_to_v1(source: v2.ObjectMetricSource) -> v1.ObjectMetricSource:
    return v1.ObjectMetricSource(
        target=_reference_to_v1(source.describedObject),
        metricName=source.metric.name,
        targetValue=_amount(source.target.value),
        selector=source.metric.selector,
        averageValue=source.target.averageValue,
    )


def _object_to_v2(source: v1.ObjectMetricSource) -> v2.ObjectMetricSource:
    return v2.ObjectMetricSource(
        describedObject=_reference_to_v2(source.target),
        metric=v2.MetricIdentifier(name=source.metricName, selector=source.selector),
        target=v2.MetricTarget(
            type=VALUE if source.averageValue is None else AVERAGE,
            value=source.targetValue,
            averageValue=source.averageValue,
        ),
    )


def _pods_to_v1(source: v2.PodsMetricSource) -> v1.PodsMetricSource:
    return v1.PodsMetricSource(
        metricName=source.metric.name,
        targetAverageValue=_amount(source.target.averageValue),
        selector=source.metric.selector,
    )


def _pods_to_v2(source: v1.PodsMetricSource) -> v2.PodsMetricSource:
    return v2.PodsMetricSource(
        metric=v2.MetricIdentifier(name=source.metricName, selector=source.selector),
        target=v2.MetricTarget(type=AVERAGE, averageValue=source.targetAverageValue),
    )


def _resource_to_v1(source: v2.ResourceMetricSource) -> v1.ResourceMetricSource:
    return v1.ResourceMetricSource(
        name=source.name,
        targetAverageUtilization=source.target.averageUtilization,
        targetAverageValue=source.target.averageValue,
    )


def _resource_target(
    source: v1.ResourceMetricSource | v1.ContainerResourceMetricSource,
) -> v2.MetricTarget:
    return v2.MetricTarget(
        type=AVERAGE if source.targetAverageUtilization is None else UTILIZATION,
        averageValue=source.targetAverageValue,
        averageUtilization=source.targetAverageUtilization,
    )


def _resource_to_v2(source: v1.ResourceMetricSource) -> v2.ResourceMetricSource:
    return v2.ResourceMetricSource(name=source.name, target=_resource_target(source))


def _container_to_v1(source: v2.ContainerResourceMetricSource) -> v1.ContainerResourceMetricSource:
    return v1.ContainerResourceMetricSource(
        name=source.name,
        targetAverageUtilization=source.target.averageUtilization,
        targetAverageValue=source.target.averageValue,
        container=source.container,
    )


def _container_to_v2(source: v1.ContainerResourceMetricSource) -> v2.ContainerResourceMetricSource:
    return v2.ContainerResourceMetricSource(
        name=source.name, target=_resource_target(source), container=source.container
    )


def _external_to_v1(source: v2.ExternalMetricSource) -> v1.ExternalMetricSource:
    return v1.ExternalMetricSource(
        metricName=source.metric.name,
        metricSelector=source.metric.selector,
        targetValue=source.target.value,
        targetAverageValue=source.target.averageValue,
    )


def _external_to_v2(source: v1.ExternalMetricSource) -> v2.ExternalMetricSource:
    return v2.ExternalMetricSource(
        metric=v2.MetricIdentifier(name=source.metricName, selector=source.metricSelector),
        target=v2.MetricTarget(
            type=AVERAGE if source.targetValue is None else VALUE,
            value=source.targetValue,
            averageValue=source.targetAverageValue,
        ),
    )


_SPECS_TO_V1: dict[str, Converter] = {
    "object": _object_to_v1,
    "pods": _pods_to_v1,
    "resource": _resource_to_v1,
    "containerResource": _container_to_v1,
    "external": _external_to_v1,
}
_SPECS_TO_V2: dict[str, Converter] = {
    "object": _object_to_v2,
    "pods": _pods_to_v2,
    "resource": _resource_to_v2,
    "containerResource": _container_to_v2,
    "external": _external_to_v2,
}


# ---- what was measured


def _object_status_to_v1(status: v2.ObjectMetricStatus) -> v1.ObjectMetricStatus:
    return v1.ObjectMetricStatus(
        target=_reference_to_v1(status.describedObject),
        metricName=status.metric.name,
        currentValue=_amount(status.current.value),
        selector=status.metric.selector,
        averageValue=status.current.averageValue,
    )


def _object_status_to_v2(status: v1.ObjectMetricStatus) -> v2.ObjectMetricStatus:
    return v2.ObjectMetricStatus(
        metric=v2.MetricIdentifier(name=status.metricName, selector=status.selector),
        current=v2.MetricValueStatus(value=status.currentValue, averageValue=status.averageValue),
        describedObject=_reference_to_v2(status.target),
    )


def _pods_status_to_v1(status: v2.PodsMetricStatus) -> v1.PodsMetricStatus:
    return v1.PodsMetricStatus(
        metricName=status.metric.name,
        currentAverageValue=_amount(status.current.averageValue),
        selector=status.metric.selector,
    )


def _pods_status_to_v2(status: v1.PodsMetricStatus) -> v2.PodsMetricStatus:
    return v2.PodsMetricStatus(
        metric=v2.MetricIdentifier(name=status.metricName, selector=status.selector),
        current=v2.MetricValueStatus(averageValue=status.currentAverageValue),
    )


def _resource_status_to_v1(status: v2.ResourceMetricStatus) -> v1.ResourceMetricStatus:
    return v1.ResourceMetricStatus(
        name=status.name,
        currentAverageUtilization=status.current.averageUtilization,
        currentAverageValue=_amount(status.current.averageValue),
    )


def _resource_current(
    status: v1.ResourceMetricStatus | v1.ContainerResourceMetricStatus,
) -> v2.MetricValueStatus:
    return v2.MetricValueStatus(
        averageValue=status.currentAverageValue,
        averageUtilization=status.currentAverageUtilization,
    )


def _resource_status_to_v2(status: v1.ResourceMetricStatus) -> v2.ResourceMetricStatus:
    return v2.ResourceMetricStatus(name=status.name, current=_resource_current(status))


def _container_status_to_v1(
    status: v2.ContainerResourceMetricStatus,
) -> v1.ContainerResourceMetricStatus:
    return v1.ContainerResourceMetricStatus(
        name=status.name,
        currentAverageUtilization=status.current.averageUtilization,
        currentAverageValue=_amount(status.current.averageValue),
        container=status.container,
    )


def _container_status_to_v2(
    status: v1.ContainerResourceMetricStatus,
) -> v2.ContainerResourceMetricStatus:
    return v2.ContainerResourceMetricStatus(
        name=status.name, current=_resource_current(status), container=status.container
    )


def _external_status_to_v1(status: v2.ExternalMetricStatus) -> v1.ExternalMetricStatus:
    return v1.ExternalMetricStatus(
        metricName=status.metric.name,
        metricSelector=status.metric.selector,
        currentValue=_amount(status.current.value),
        currentAverageValue=status.current.averageValue,
    )


def _external_status_to_v2(status: v1.ExternalMetricStatus) -> v2.ExternalMetricStatus:
    return v2.ExternalMetricStatus(
        metric=v2.MetricIdentifier(name=status.metricName, selector=status.metricSelector),
        current=v2.MetricValueStatus(
            value=status.currentValue, averageValue=status.currentAverageValue
        ),
    )


_STATUSES_TO_V1: dict[str, Converter] = {
    "object": _object_status_to_v1,
    "pods": _pods_status_to_v1,
    "resource": _resource_status_to_v1,
    "containerResource": _container_status_to_v1,
    "external": _external_status_to_v1,
}
_STATUSES_TO_V2: dict[str, Converter] = {
    "object": _object_status_to_v2,
    "pods": _pods_status_to_v2,
    "resource": _resource_status_to_v2,
    "containerResource": _container_status_to_v2,
    "external": _external_status_to_v2,
}
