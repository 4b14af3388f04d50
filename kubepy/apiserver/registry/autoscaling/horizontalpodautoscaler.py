"""HorizontalPodAutoscaler: scales a workload by what is measured about it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.autoscaling.v2 import (
    CrossVersionObjectReference,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehavior,
    HorizontalPodAutoscalerSpec,
    HPAScalingPolicy,
    HPAScalingRules,
)
from kubepy.apiserver.registry.autoscaling.metrics import (
    cpu_metric,
    metrics_cell,
    metrics_errors,
    reference_errors,
)
from kubepy.apiserver.registry.numbers import NOT_POSITIVE, nonnegative
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice
from kubepy.meta.errors import FieldError, invalid, required

DEFAULT_PERCENTAGE = 80
PERIOD_SECONDS = 15
MAX_WINDOW_SECONDS = 3600
MAX_PERIOD_SECONDS = 1800
SELECTIONS = ("Disabled", "Max", "Min")
POLICY_TYPES = ("Percent", "Pods")
NEGATIVE = "must be greater than or equal to zero"

DOUBLE = HPAScalingPolicy(type="Percent", value=100, periodSeconds=PERIOD_SECONDS)
FOUR_PODS = HPAScalingPolicy(type="Pods", value=4, periodSeconds=PERIOD_SECONDS)
UP = HPAScalingRules(stabilizationWindowSeconds=0, selectPolicy="Max", policies=(FOUR_PODS, DOUBLE))
DOWN = HPAScalingRules(selectPolicy="Max", policies=(DOUBLE,))


def default(autoscaler: HorizontalPodAutoscaler) -> HorizontalPodAutoscaler:
    spec = autoscaler.spec
    behavior = spec.behavior
    if behavior is not None:
        behavior = HorizontalPodAutoscalerBehavior(
            scaleUp=_with_defaults(behavior.scaleUp, UP),
            scaleDown=_with_defaults(behavior.scaleDown, DOWN),
        )
    spec = replace(
        spec,
        minReplicas=1 if spec.minReplicas is None else spec.minReplicas,
        metrics=spec.metrics or (cpu_metric(DEFAULT_PERCENTAGE),),
        behavior=behavior,
    )
    return replace(autoscaler, spec=spec)


def _with_defaults(rules: HPAScalingRules | None, defaults: HPAScalingRules) -> HPAScalingRules:
    if rules is None:
        return defaults
    window, select = rules.stabilizationWindowSeconds, rules.selectPolicy
    return replace(
        rules,
        stabilizationWindowSeconds=(
            defaults.stabilizationWindowSeconds if window is None else window
        ),
        selectPolicy=defaults.selectPolicy if select is None else select,
        policies=defaults.policies if rules.policies is None else rules.policies,
    )


def validate(autoscaler: HorizontalPodAutoscaler) -> list[FieldError]:
    return _spec_errors(autoscaler.spec, _version_errors(autoscaler.spec.scaleTargetRef))


def validate_update(new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) -> list[FieldError]:
    """A reference without a group may have been stored before that was checked."""
    lax = bool(_version_errors(old.spec.scaleTargetRef))
    return _spec_errors(new.spec, [] if lax else _version_errors(new.spec.scaleTargetRef))


def _version_errors(reference: CrossVersionObjectReference) -> list[FieldError]:
    """Of the core group, only one kind scales."""
    version = reference.apiVersion
    if version.strip("/").count("/") or reference.kind == "ReplicationController":
        return []
    why = "apiVersion must specify API group"
    return [invalid("spec.scaleTargetRef.apiVersion", version, why)]


def _spec_errors(
    spec: HorizontalPodAutoscalerSpec, version_errors: list[FieldError]
) -> list[FieldError]:
    fewest, most = spec.minReplicas, spec.maxReplicas
    errors = []
    if fewest is not None and fewest < 1:
        why = "must be greater than or equal to 1"
        errors.append(invalid("spec.minReplicas", fewest, why))
    if most < 1:
        errors.append(required("spec.maxReplicas", "must be set and greater than 0"))
    if fewest is not None and most < fewest:
        why = "must be greater than or equal to `minReplicas`"
        errors.append(invalid("spec.maxReplicas", most, why))
    errors += reference_errors(spec.scaleTargetRef, "spec.scaleTargetRef") + version_errors
    errors += metrics_errors(spec.metrics, fewest, "spec.metrics")
    if spec.behavior is not None:
        errors += _rules_errors(spec.behavior.scaleUp, "spec.behavior.scaleUp")
        errors += _rules_errors(spec.behavior.scaleDown, "spec.behavior.scaleDown")
    return errors


def _rules_errors(rules: HPAScalingRules | None, path: str) -> list[FieldError]:
    if rules is None:
        return []
    errors = []
    window, where = rules.stabilizationWindowSeconds, f"{path}.stabilizationWindowSeconds"
    if window is not None and window < 0:
        errors.append(invalid(where, window, NEGATIVE))
    if window is not None and window > MAX_WINDOW_SECONDS:
        why = f"must be less than or equal to {MAX_WINDOW_SECONDS}"
        errors.append(invalid(where, window, why))
    errors += choice(rules.selectPolicy, SELECTIONS, f"{path}.selectPolicy")
    if not rules.policies:
        errors.append(required(f"{path}.policies", "must specify at least one Policy"))
    for index, policy in enumerate(rules.policies or ()):
        errors += _policy_errors(policy, f"{path}.policies[{index}]")
    if rules.tolerance is not None and rules.tolerance.exact() < 0:
        why = "must be greater than or equal to 0"
        errors.append(invalid(f"{path}.tolerance", rules.tolerance, why))
    return errors


def _policy_errors(policy: HPAScalingPolicy, path: str) -> list[FieldError]:
    errors = choice(policy.type, POLICY_TYPES, f"{path}.type")
    if policy.value <= 0:
        errors.append(invalid(f"{path}.value", policy.value, NOT_POSITIVE))
    where, seconds = f"{path}.periodSeconds", policy.periodSeconds
    if seconds <= 0:
        errors.append(invalid(where, seconds, NOT_POSITIVE))
    if seconds > MAX_PERIOD_SECONDS:
        why = f"must be less than or equal to {MAX_PERIOD_SECONDS}"
        errors.append(invalid(where, seconds, why))
    return errors


def validate_status(new: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler) -> list[FieldError]:
    status = new.status
    errors = nonnegative(status.currentReplicas, "status.currentReplicas")
    return errors + nonnegative(status.desiredReplicas, "status.desiredReplicas")


def row(autoscaler: HorizontalPodAutoscaler, now: float) -> tuple[Any, ...]:
    meta, spec, status = autoscaler.metadata, autoscaler.spec, autoscaler.status
    return (
        meta.name,
        f"{spec.scaleTargetRef.kind}/{spec.scaleTargetRef.name}",
        metrics_cell(spec.metrics, status.currentMetrics),
        "<unset>" if spec.minReplicas is None else str(spec.minReplicas),
        spec.maxReplicas,
        status.currentReplicas,
        age(meta.creationTimestamp, now),
    )


STRATEGY = Strategy(
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    row=row,
)
