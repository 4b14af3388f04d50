"""HorizontalPodAutoscalers of v1 as those of v2 and back.

v1 knows one metric, the share of the CPU. Whatever else v2 has rides along in annotations:

    v2  metrics: [rps, cpu 60%]     v1  targetCPUUtilizationPercentage: 60
                                        autoscaling.alpha.kubernetes.io/metrics: '[…rps…]'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
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
R = TypeVar("R", v1.CrossVersionObjectReference, v2.CrossVersionObjectReference)

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
    return v1.HorizontalPodAutoscaler(
        metadata=replace(autoscaler.metadata, annotations=_with_the_rest(autoscaler)),
        spec=v1.HorizontalPodAutoscalerSpec(
            scaleTargetRef=_reference(spec.scaleTargetRef, v1.CrossVersionObjectReference),
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
            scaleTargetRef=_reference(spec.scaleTargetRef, v2.CrossVersionObjectReference),
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
        values = codec.load_json(annotations.get(key, "[]").encode())
        return [codec.from_builtins(type_, value) for value in values or ()]
    except (TypeError, codec.DecodeError):
        return []


def _read_behavior(text: str | None) -> v2.HorizontalPodAutoscalerBehavior | None:
    """Go reads names of any case: `ScaleUp` is scaleUp."""
    if text is None:
        return None
    try:
        return codec.from_builtins(
            v2.HorizontalPodAutoscalerBehavior, _lowered(codec.load_json(text.encode()))
        )
    except (TypeError, codec.DecodeError):
        return None


def _lowered(value: Any) -> Any:
    match value:
        case dict():
            return {k[:1].lower() + k[1:]: _lowered(v) for k, v in value.items()}
        case list():
            return [_lowered(item) for item in value]
        case _:
            return value


# ---- metrics: v1 has the parts of a source in fields of their own


class Shape(Struct, frozen=True):
    """A part of a metric in both versions: `old` is v1, `new` v2. `fields` are v1's names and where
    v2 has the same; v1 shows 0 where one of `needed` is not given."""

    old: type[Any]
    new: type[Any]
    fields: Mapping[str, str]
    needed: tuple[str, ...] = ()
    kind: Callable[[v2.MetricTarget], str] | None = None  # of its target: v1 does not say


INNER = {"metric": v2.MetricIdentifier, "target": v2.MetricTarget, "current": v2.MetricValueStatus}

NAMED = {"metricName": "metric.name", "selector": "metric.selector"}
NAMED_OUTSIDE = {"metricName": "metric.name", "metricSelector": "metric.selector"}
WANTED = {
    "targetAverageUtilization": "target.averageUtilization",
    "targetAverageValue": "target.averageValue",
}
MEASURED = {
    "currentAverageUtilization": "current.averageUtilization",
    "currentAverageValue": "current.averageValue",
}


def _of_object(target: v2.MetricTarget) -> str:
    return VALUE if target.averageValue is None else AVERAGE


def _of_resource(target: v2.MetricTarget) -> str:
    return AVERAGE if target.averageUtilization is None else UTILIZATION


def _of_external(target: v2.MetricTarget) -> str:
    return AVERAGE if target.value is None else VALUE


SPECS = {
    "object": Shape(
        v1.ObjectMetricSource,
        v2.ObjectMetricSource,
        {
            "target": "describedObject",
            **NAMED,
            "targetValue": "target.value",
            "averageValue": "target.averageValue",
        },
        needed=("targetValue",),
        kind=_of_object,
    ),
    "pods": Shape(
        v1.PodsMetricSource,
        v2.PodsMetricSource,
        {**NAMED, "targetAverageValue": "target.averageValue"},
        needed=("targetAverageValue",),
        kind=lambda _: AVERAGE,
    ),
    "resource": Shape(
        v1.ResourceMetricSource,
        v2.ResourceMetricSource,
        {"name": "name", **WANTED},
        kind=_of_resource,
    ),
    "containerResource": Shape(
        v1.ContainerResourceMetricSource,
        v2.ContainerResourceMetricSource,
        {"name": "name", **WANTED, "container": "container"},
        kind=_of_resource,
    ),
    "external": Shape(
        v1.ExternalMetricSource,
        v2.ExternalMetricSource,
        {
            **NAMED_OUTSIDE,
            "targetValue": "target.value",
            "targetAverageValue": "target.averageValue",
        },
        kind=_of_external,
    ),
}
STATUSES_OF = {
    "object": Shape(
        v1.ObjectMetricStatus,
        v2.ObjectMetricStatus,
        {
            "target": "describedObject",
            **NAMED,
            "currentValue": "current.value",
            "averageValue": "current.averageValue",
        },
        needed=("currentValue",),
    ),
    "pods": Shape(
        v1.PodsMetricStatus,
        v2.PodsMetricStatus,
        {**NAMED, "currentAverageValue": "current.averageValue"},
        needed=("currentAverageValue",),
    ),
    "resource": Shape(
        v1.ResourceMetricStatus,
        v2.ResourceMetricStatus,
        {"name": "name", **MEASURED},
        needed=("currentAverageValue",),
    ),
    "containerResource": Shape(
        v1.ContainerResourceMetricStatus,
        v2.ContainerResourceMetricStatus,
        {"name": "name", **MEASURED, "container": "container"},
        needed=("currentAverageValue",),
    ),
    "external": Shape(
        v1.ExternalMetricStatus,
        v2.ExternalMetricStatus,
        {
            **NAMED_OUTSIDE,
            "currentValue": "current.value",
            "currentAverageValue": "current.averageValue",
        },
        needed=("currentValue",),
    ),
}


def metric_to_v1(metric: v2.MetricSpec) -> v1.MetricSpec:
    return v1.MetricSpec(type=metric.type, **_parts(metric, SPECS, _flat))


def metric_to_v2(metric: v1.MetricSpec) -> v2.MetricSpec:
    return v2.MetricSpec(type=metric.type, **_parts(metric, SPECS, _nested))


def status_to_v1(metric: v2.MetricStatus) -> v1.MetricStatus:
    return v1.MetricStatus(type=metric.type, **_parts(metric, STATUSES_OF, _flat))


def status_to_v2(metric: v1.MetricStatus) -> v2.MetricStatus:
    return v2.MetricStatus(type=metric.type, **_parts(metric, STATUSES_OF, _nested))


def _parts(
    metric: Any, shapes: Mapping[str, Shape], convert: Callable[[Shape, Any], Any]
) -> dict[str, Any]:
    return {
        field: convert(shape, part)
        for field, shape in shapes.items()
        if (part := getattr(metric, field)) is not None
    }


def _flat(shape: Shape, part: Any) -> Any:
    """A part of v2 as v1 has it."""
    values: dict[str, Any] = {}
    for name, path in shape.fields.items():
        outer, _, inner = path.partition(".")
        found = getattr(part, outer)
        values[name] = getattr(found, inner) if inner else found
        if values[name] is None and name in shape.needed:
            values[name] = Quantity("0")
    if "target" in values:
        values["target"] = _reference(values["target"], v1.CrossVersionObjectReference)
    return shape.old(**values)


def _nested(shape: Shape, part: Any) -> Any:
    """A part of v1 as v2 has it."""
    values: dict[str, Any] = {}
    inner_values: dict[str, dict[str, Any]] = {}
    for name, path in shape.fields.items():
        outer, _, inner = path.partition(".")
        if inner:
            inner_values.setdefault(outer, {})[inner] = getattr(part, name)
        else:
            values[outer] = getattr(part, name)
    for outer, found in inner_values.items():
        values[outer] = INNER[outer](**found)
    if shape.kind is not None:
        values["target"] = replace(values["target"], type=shape.kind(values["target"]))
    if "describedObject" in values:
        described = values["describedObject"]
        values["describedObject"] = _reference(described, v2.CrossVersionObjectReference)
    return shape.new(**values)


def _reference(ref: Any, type_: type[R]) -> R:
    return type_(kind=ref.kind, name=ref.name, apiVersion=ref.apiVersion)
