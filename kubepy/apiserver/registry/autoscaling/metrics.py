"""The metrics of a HorizontalPodAutoscaler: what may be measured, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kubepy.api.autoscaling.v2 import (
    ContainerResourceMetricSource,
    CrossVersionObjectReference,
    ExternalMetricSource,
    MetricIdentifier,
    MetricSpec,
    MetricStatus,
    MetricTarget,
    ObjectMetricSource,
    PodsMetricSource,
    ResourceMetricSource,
)
from kubepy.apiserver.registry.core.podspec.cells import NONE
from kubepy.apiserver.registry.core.podspec.resources import container_name_errors
from kubepy.apiserver.registry.strategy import UNKNOWN
from kubepy.apiserver.registry.values import named, needed
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported, required

UTILIZATION, VALUE, AVERAGE = "Utilization", "Value", "AverageValue"
TYPES = ("ContainerResource", "External", "Object", "Pods", "Resource")
SHOWN = 2
CPU = "cpu"

OBJECT_TARGET = "must set either a target value or averageValue"
EXTERNAL_TARGET = "must set either a target value for metric or a per-pod target"
EXTERNAL_BOTH = "may not set both a target value for metric and a per-pod target"
RESOURCE_TARGET = "must set either a target raw value or a target utilization"
RESOURCE_BOTH = "may not set both a target raw value and a target utilization"


def cpu_metric(percentage: int) -> MetricSpec:
    """So much of what the pods requested."""
    target = MetricTarget(type=UTILIZATION, averageUtilization=percentage)
    return MetricSpec(type="Resource", resource=ResourceMetricSource(name=CPU, target=target))


def metrics_errors(
    metrics: Sequence[MetricSpec], fewest: int | None, path: str
) -> list[FieldError]:
    errors = []
    for index, metric in enumerate(metrics):
        errors += _metric_errors(metric, f"{path}[{index}]")
    if fewest == 0 and not any(metric.type in ("Object", "External") for metric in metrics):
        why = (
            "must specify at least one Object or External metric to support scaling to zero "
            "replicas"
        )
        errors.append(forbidden(path, why))
    return errors


def field_of(type_: str) -> str:
    """The field that describes a metric of a type: `containerResource`."""
    return type_[:1].lower() + type_[1:]


def _metric_errors(metric: MetricSpec, path: str) -> list[FieldError]:
    errors = []
    if not metric.type:
        errors.append(required(f"{path}.type", "must specify a metric source type"))
    unknown = metric.type not in TYPES
    if unknown:
        errors.append(not_supported(f"{path}.type", metric.type, TYPES))
    present = [field for field in _SOURCES if getattr(metric, field) is not None]
    if present:  # the first is looked into
        first = present[0]
        errors += _SOURCES[first](getattr(metric, first), f"{path}.{first}")
    expected = field_of(metric.type)
    if unknown:
        errors.append(not_supported(f"{path}.type", metric.type, TYPES))  # Kubernetes says it twice
    elif expected not in present:
        why = "must populate information for the given metric source"
        errors.append(required(f"{path}.{expected}", why))
    if len(present) != 1:
        why = "must populate the given metric source only"
        errors += [forbidden(f"{path}.{f}", why) for f in present if f != expected]
    return errors


def _object_errors(source: ObjectMetricSource, path: str) -> list[FieldError]:
    errors = reference_errors(source.describedObject, f"{path}.describedObject")
    errors += _identifier_errors(source.metric, f"{path}.metric")
    errors += _target_errors(source.target, f"{path}.target")
    if source.target.value is None and source.target.averageValue is None:
        errors.append(required(f"{path}.target.averageValue", OBJECT_TARGET))
    return errors


def _external_errors(source: ExternalMetricSource, path: str) -> list[FieldError]:
    target = source.target
    errors = _identifier_errors(source.metric, f"{path}.metric")
    errors += _target_errors(target, f"{path}.target")
    if target.value is None and target.averageValue is None:
        errors.append(required(f"{path}.target.averageValue", EXTERNAL_TARGET))
    if target.value is not None and target.averageValue is not None:
        errors.append(forbidden(f"{path}.target.value", EXTERNAL_BOTH))
    return errors


def _pods_errors(source: PodsMetricSource, path: str) -> list[FieldError]:
    errors = _identifier_errors(source.metric, f"{path}.metric")
    errors += _target_errors(source.target, f"{path}.target")
    if source.target.averageValue is None:
        why = "must specify a positive target averageValue"
        errors.append(required(f"{path}.target.averageValue", why))
    return errors


def _resource_errors(source: ResourceMetricSource, path: str) -> list[FieldError]:
    errors = []
    if not source.name:
        errors.append(required(f"{path}.name", "must specify a resource name"))
    return errors + _resource_target_errors(source.target, f"{path}.target")


def _container_errors(source: ContainerResourceMetricSource, path: str) -> list[FieldError]:
    if source.name:
        errors = container_name_errors(source.name, f"{path}.name")
    else:
        errors = [required(f"{path}.name", "must specify a resource name")]
    where = f"{path}.container"
    if source.container:
        errors += named(source.container, names.dns1123_label, where)
    else:
        errors.append(required(where, "must specify a container"))
    return errors + _resource_target_errors(source.target, f"{path}.target")


def _resource_target_errors(target: MetricTarget, path: str) -> list[FieldError]:
    errors = _target_errors(target, path)
    if target.averageUtilization is None and target.averageValue is None:
        errors.append(required(f"{path}.averageUtilization", RESOURCE_TARGET))
    if target.averageUtilization is not None and target.averageValue is not None:
        errors.append(forbidden(f"{path}.averageValue", RESOURCE_BOTH))
    return errors


_SOURCES: dict[str, Callable[[Any, str], list[FieldError]]] = {
    "object": _object_errors,
    "external": _external_errors,
    "pods": _pods_errors,
    "resource": _resource_errors,
    "containerResource": _container_errors,
}


def _identifier_errors(metric: MetricIdentifier, path: str) -> list[FieldError]:
    if not metric.name:
        return [required(f"{path}.name", "must specify a metric name")]
    return named(metric.name, names.path_segment, f"{path}.name")


def _target_errors(target: MetricTarget, path: str) -> list[FieldError]:
    errors = []
    if not target.type:
        errors.append(required(f"{path}.type", "must specify a metric target type"))
    if target.type not in (UTILIZATION, VALUE, AVERAGE):
        why = "must be either Utilization, Value, or AverageValue"
        errors.append(invalid(f"{path}.type", target.type, why))
    for field in ("value", "averageValue"):
        amount = getattr(target, field)
        if amount is not None and amount.exact() <= 0:
            errors.append(invalid(f"{path}.{field}", amount, "must be positive"))
    percentage = target.averageUtilization
    if percentage is not None and percentage < 1:
        errors.append(invalid(f"{path}.averageUtilization", percentage, "must be greater than 0"))
    return errors


def reference_errors(reference: CrossVersionObjectReference, path: str) -> list[FieldError]:
    errors = needed(reference.kind, names.path_segment, f"{path}.kind")
    errors += needed(reference.name, names.path_segment, f"{path}.name")
    version = reference.apiVersion
    if version.count("/") > 1:
        why = f"unexpected GroupVersion string: {version}"
        errors.append(invalid(f"{path}.apiVersion", version, why))
    return errors


# ---- kubectl get


def metrics_cell(specs: Sequence[MetricSpec], statuses: Sequence[MetricStatus]) -> str:
    """`cpu: 70%/60%, 3/10 + 1 more...`"""
    if not specs:
        return NONE
    cells = []
    for index, spec in enumerate(specs[:SHOWN]):
        field = field_of(spec.type)
        status = statuses[index] if index < len(statuses) else None
        cells.append(_cell(getattr(spec, field, None), getattr(status, field, None)))
    more = len(specs) - SHOWN
    return ", ".join(cells) + (f" + {more} more..." if more > 0 else "")


def _cell(source: Any, status: Any) -> str:
    """One metric: what is measured, over what is wanted."""
    if source is None:
        return "<unknown type>"
    target, current = source.target, status.current if status is not None else MetricTarget()
    if isinstance(source, ResourceMetricSource | ContainerResourceMetricSource):
        if target.averageValue is not None:
            return f"{source.name}: {current.averageValue or UNKNOWN}/{target.averageValue}"
        now = _percent(current.averageUtilization, UNKNOWN)
        return f"{source.name}: {now}/{_percent(target.averageUtilization, '<auto>')}"
    if isinstance(source, PodsMetricSource):
        return f"{current.averageValue or UNKNOWN}/{target.averageValue}"
    if target.averageValue is not None:
        return f"{current.averageValue or UNKNOWN}/{target.averageValue} (avg)"
    return f"{current.value or UNKNOWN}/{target.value}"


def _percent(value: int | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value}%"
