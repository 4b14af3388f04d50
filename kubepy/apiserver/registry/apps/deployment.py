"""Deployment: a number of pods, replaced a few at a time when their template changes."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import Deployment, DeploymentStrategy, RollingUpdateDeployment
from kubepy.apiserver.registry.core.podspec.cells import selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.strategy import Strategy, age, keep_status

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


STRATEGY = Strategy(default=default, prepare_update=prepare_update, row=row, generation=True)
