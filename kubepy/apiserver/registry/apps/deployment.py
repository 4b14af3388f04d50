"""Deployment: a number of pods, replaced a few at a time when their template changes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import Deployment, DeploymentStrategy, RollingUpdateDeployment
from kubepy.apiserver.registry.apps.replicas import (
    collisions_errors,
    replica_spec_errors,
    selector_change,
)
from kubepy.apiserver.registry.core.podspec.cells import selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.warnings import (
    name_warnings,
    respecified,
    template_warnings,
)
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.numbers import (
    at_most_all,
    count_or_percent,
    is_zero,
    nonnegative,
)
from kubepy.apiserver.registry.strategy import Strategy, age, keep_spec, keep_status
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported
from kubepy.meta.managed.fieldset import of

RECREATE, ROLLING_UPDATE = "Recreate", "RollingUpdate"
STEP = "25%"  # of the pods, that may be missing or too many during an update
HISTORY = 10  # old ReplicaSets that are kept
PROGRESS_SECONDS = 600


def default(deployment: Deployment) -> Deployment:
    spec = deployment.spec
    return replace(
        deployment,
        spec=replace(
            spec,
            replicas=1 if spec.replicas is None else spec.replicas,
            template=default_template(spec.template),
            strategy=_default_strategy(spec.strategy),
            revisionHistoryLimit=(
                HISTORY if spec.revisionHistoryLimit is None else spec.revisionHistoryLimit
            ),
            progressDeadlineSeconds=(
                PROGRESS_SECONDS
                if spec.progressDeadlineSeconds is None
                else spec.progressDeadlineSeconds
            ),
        ),
    )


def _default_strategy(strategy: DeploymentStrategy) -> DeploymentStrategy:
    if strategy.type not in ("", ROLLING_UPDATE):
        return strategy
    rolling = strategy.rollingUpdate or RollingUpdateDeployment()
    rolling = replace(
        rolling,
        maxUnavailable=STEP if rolling.maxUnavailable is None else rolling.maxUnavailable,
        maxSurge=STEP if rolling.maxSurge is None else rolling.maxSurge,
    )
    return DeploymentStrategy(type=ROLLING_UPDATE, rollingUpdate=rolling)


def prepare_update(new: Deployment, old: Deployment) -> Deployment:
    """Annotations count as a change of what is desired: they are copied to the ReplicaSets."""
    new = keep_status(new, old)
    if new.metadata.annotations == old.metadata.annotations:
        return new
    generation = old.metadata.generation + 1
    return replace(new, metadata=replace(new.metadata, generation=generation))


def validate(deployment: Deployment) -> list[FieldError]:
    spec = deployment.spec
    errors = finalizer_errors(deployment.metadata)
    errors += nonnegative(spec.replicas, "spec.replicas")
    errors += replica_spec_errors(spec.selector, spec.template, "spec")
    errors += _strategy_errors(spec.strategy, "spec.strategy")
    errors += nonnegative(spec.minReadySeconds, "spec.minReadySeconds")
    errors += nonnegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit")
    seconds, path = spec.progressDeadlineSeconds, "spec.progressDeadlineSeconds"
    errors += nonnegative(seconds, path)
    if seconds is not None and seconds <= spec.minReadySeconds:
        errors.append(invalid(path, seconds, "must be greater than minReadySeconds"))
    return errors


def _strategy_errors(strategy: DeploymentStrategy, path: str) -> list[FieldError]:
    where, rolling = f"{path}.rollingUpdate", strategy.rollingUpdate
    if strategy.type == RECREATE:
        why = "may not be specified when strategy `type` is 'Recreate'"
        return [] if rolling is None else [forbidden(where, why)]
    if strategy.type != ROLLING_UPDATE or rolling is None:
        return [not_supported(path, strategy, (RECREATE, ROLLING_UPDATE))]
    missing, extra = rolling.maxUnavailable, rolling.maxSurge
    errors = count_or_percent(missing, f"{where}.maxUnavailable")
    errors += count_or_percent(extra, f"{where}.maxSurge")
    if is_zero(missing) and is_zero(extra):
        why = "may not be 0 when `maxSurge` is 0"
        errors.append(invalid(f"{where}.maxUnavailable", missing, why))
    return errors + at_most_all(missing, f"{where}.maxUnavailable")


def validate_update(new: Deployment, old: Deployment) -> list[FieldError]:
    return validate(new) + selector_change(new.spec.selector, old.spec.selector)


def prepare_status(new: Deployment, old: Deployment) -> Deployment:
    """Who reports the status does not relabel the deployment."""
    metadata = replace(new.metadata, labels=old.metadata.labels)
    kept: Deployment = keep_spec(replace(new, metadata=metadata), old)
    return kept


def validate_status(new: Deployment, old: Deployment) -> list[FieldError]:
    status = new.status
    errors = []
    for field in (
        "observedGeneration", "replicas", "updatedReplicas", "readyReplicas",
        "availableReplicas", "unavailableReplicas", "terminatingReplicas", "collisionCount",
    ):  # fmt: skip
        errors += nonnegative(getattr(status, field), f"status.{field}")
    why = "cannot be greater than status.replicas"
    for field in ("updatedReplicas", "readyReplicas", "availableReplicas"):
        value = getattr(status, field)
        if value > status.replicas:
            errors.append(invalid(f"status.{field}", value, why))
    if status.availableReplicas > status.readyReplicas:
        why = "cannot be greater than readyReplicas"
        errors.append(invalid("status.availableReplicas", status.availableReplicas, why))
    return errors + collisions_errors(status, old.status)


def warnings(deployment: Deployment) -> list[str]:
    found = name_warnings(deployment.metadata.name)
    return found + template_warnings(deployment.spec.template, "spec.template")


def update_warnings(new: Deployment, old: Deployment) -> list[str]:
    return template_warnings(new.spec.template, "spec.template") if respecified(new, old) else []


def row(deployment: Deployment, now: float) -> tuple[Any, ...]:
    spec, status = deployment.spec, deployment.status
    return (
        deployment.metadata.name,
        f"{status.readyReplicas}/{spec.replicas or 0}",
        status.updatedReplicas,
        status.availableReplicas,
        age(deployment.metadata.creationTimestamp, now),
        *template_cells(spec.template),
        selector_cell(spec.selector),
    )


STRATEGY = Strategy(
    default=default,
    prepare_update=prepare_update,
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=prepare_status,
    validate_status=validate_status,
    status_resets=of("f:spec") | of("f:metadata", "f:labels"),
    warnings=warnings,
    update_warnings=update_warnings,
    row=row,
    generation=True,
)
