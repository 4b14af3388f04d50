"""StatefulSet: pods with names, an order and storage of their own."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import (
    RollingUpdateStatefulSetStrategy,
    StatefulSet,
    StatefulSetPersistentVolumeClaimRetentionPolicy,
    StatefulSetUpdateStrategy,
)
from kubepy.api.core.v1 import PersistentVolumeClaim
from kubepy.apiserver.registry.core import persistentvolumeclaim
from kubepy.apiserver.registry.core.podspec.cells import template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.strategy import Strategy, age

ROLLING_UPDATE, ON_DELETE = "RollingUpdate", "OnDelete"
ORDERED, PARALLEL = "OrderedReady", "Parallel"
RETAIN, DELETE = "Retain", "Delete"
HISTORY = 10  # revisions that are kept


def default(statefulset: StatefulSet) -> StatefulSet:
    spec = statefulset.spec
    retention = (
        spec.persistentVolumeClaimRetentionPolicy
        or StatefulSetPersistentVolumeClaimRetentionPolicy()
    )
    return replace(
        statefulset,
        spec=replace(
            spec,
            replicas=1 if spec.replicas is None else spec.replicas,
            template=default_template(spec.template),
            volumeClaimTemplates=tuple(map(_default_claim, spec.volumeClaimTemplates)),
            podManagementPolicy=spec.podManagementPolicy or ORDERED,
            updateStrategy=_default_strategy(spec.updateStrategy),
            revisionHistoryLimit=(
                HISTORY if spec.revisionHistoryLimit is None else spec.revisionHistoryLimit
            ),
            persistentVolumeClaimRetentionPolicy=replace(
                retention,
                whenDeleted=retention.whenDeleted or RETAIN,
                whenScaled=retention.whenScaled or RETAIN,
            ),
        ),
    )


def _default_claim(claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    """Templates of claims bear their kind, and the phase of a claim that was just made."""
    claim = persistentvolumeclaim.default(claim)
    return replace(
        claim,
        kind="PersistentVolumeClaim",
        apiVersion="v1",
        status=replace(claim.status, phase=claim.status.phase or "Pending"),
    )


def _default_strategy(strategy: StatefulSetUpdateStrategy) -> StatefulSetUpdateStrategy:
    if strategy.type not in ("", ROLLING_UPDATE):
        return strategy
    rolling = strategy.rollingUpdate or RollingUpdateStatefulSetStrategy()
    if rolling.partition is None:
        rolling = replace(rolling, partition=0)
    return StatefulSetUpdateStrategy(type=ROLLING_UPDATE, rollingUpdate=rolling)


def row(statefulset: StatefulSet, now: float) -> tuple[Any, ...]:
    spec, status = statefulset.spec, statefulset.status
    return (
        statefulset.metadata.name,
        f"{status.readyReplicas}/{spec.replicas or 0}",
        age(statefulset.metadata.creationTimestamp, now),
        *template_cells(spec.template),
    )


STRATEGY = Strategy(default=default, row=row, generation=True)
