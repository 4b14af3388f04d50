"""DaemonSet: a pod on every node that it fits."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet
from kubepy.apiserver.registry.core.podspec.cells import (
    labels_cell,
    selector_cell,
    template_cells,
)
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.strategy import Strategy, age

ROLLING_UPDATE, ON_DELETE = "RollingUpdate", "OnDelete"
HISTORY = 10  # revisions that are kept


def default(daemonset: DaemonSet) -> DaemonSet:
    spec = daemonset.spec
    return replace(
        daemonset,
        spec=replace(
            spec,
            template=default_template(spec.template),
            updateStrategy=_default_strategy(spec.updateStrategy),
            revisionHistoryLimit=(
                HISTORY if spec.revisionHistoryLimit is None else spec.revisionHistoryLimit
            ),
        ),
    )


def _default_strategy(strategy: DaemonSetUpdateStrategy) -> DaemonSetUpdateStrategy:
    if strategy.type not in ("", ROLLING_UPDATE):
        return strategy
    rolling = strategy.rollingUpdate or RollingUpdateDaemonSet()
    rolling = replace(
        rolling,
        maxUnavailable=1 if rolling.maxUnavailable is None else rolling.maxUnavailable,
        maxSurge=0 if rolling.maxSurge is None else rolling.maxSurge,
    )
    return DaemonSetUpdateStrategy(type=ROLLING_UPDATE, rollingUpdate=rolling)


def row(daemonset: DaemonSet, now: float) -> tuple[Any, ...]:
    spec, status = daemonset.spec, daemonset.status
    return (
        daemonset.metadata.name,
        status.desiredNumberScheduled,
        status.currentNumberScheduled,
        status.numberReady,
        status.updatedNumberScheduled,
        status.numberAvailable,
        labels_cell(spec.template.spec.nodeSelector),
        age(daemonset.metadata.creationTimestamp, now),
        *template_cells(spec.template),
        selector_cell(spec.selector),
    )


STRATEGY = Strategy(default=default, row=row, generation=True)
