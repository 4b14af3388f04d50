"""DaemonSet: a pod on every node that it fits."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import DaemonSet, DaemonSetUpdateStrategy, RollingUpdateDaemonSet
from kubepy.apiserver.registry.apps.replicas import (
    collisions_errors,
    selector_change,
)
from kubepy.apiserver.registry.core.podspec.cells import (
    labels_cell,
    selector_cell,
    template_cells,
)
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.template import (
    endless_errors,
    selection_errors,
    template_errors,
)
from kubepy.apiserver.registry.core.podspec.warnings import respecified, template_warnings
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.numbers import (
    at_most_all,
    count_or_percent,
    is_zero,
    nonnegative,
)
from kubepy.apiserver.registry.strategy import Strategy, age, drop_status, keep_status
from kubepy.meta import selectors
from kubepy.meta.errors import FieldError, invalid, not_supported, required
from kubepy.meta.labels import check_label_selector

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


TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"


def prepare_create(daemonset: DaemonSet) -> DaemonSet:
    return _with_template_generation(drop_status(daemonset), "1")


def prepare_update(new: DaemonSet, old: DaemonSet) -> DaemonSet:
    """An annotation counts the changes of the template, as the field did that it replaced."""
    count = old.metadata.annotations.get(TEMPLATE_GENERATION, "0")
    if new.spec.template != old.spec.template:
        count = str(int(count) + 1)
    return _with_template_generation(keep_status(new, old), count)


def _with_template_generation(daemonset: DaemonSet, count: str) -> DaemonSet:
    metadata = daemonset.metadata
    if metadata.annotations.get(TEMPLATE_GENERATION) == count:
        return daemonset
    annotations = {**metadata.annotations, TEMPLATE_GENERATION: count}
    return replace(daemonset, metadata=replace(metadata, annotations=annotations))


def validate(daemonset: DaemonSet) -> list[FieldError]:
    spec = daemonset.spec
    path = "spec.template"
    errors = finalizer_errors(daemonset.metadata)
    errors += check_label_selector(spec.selector, "spec.selector")
    with suppress(selectors.SelectorError):  # told already
        errors += selection_errors(selectors.of(spec.selector), spec.template, path)
    if spec.selector is not None and not (
        spec.selector.matchLabels or spec.selector.matchExpressions
    ):
        why = "empty selector is invalid for daemonset"
        errors.append(invalid("spec.selector", spec.selector, why))
    errors += template_errors(spec.template, path)
    errors += endless_errors(spec.template, path, "DaemonSet")
    errors += nonnegative(spec.minReadySeconds, "spec.minReadySeconds")
    errors += _strategy_errors(spec.updateStrategy, "spec.updateStrategy")
    return errors + nonnegative(spec.revisionHistoryLimit, "spec.revisionHistoryLimit")


def _strategy_errors(strategy: DaemonSetUpdateStrategy, path: str) -> list[FieldError]:
    if strategy.type == ON_DELETE:
        return []
    if strategy.type != ROLLING_UPDATE:
        return [not_supported(path, strategy, (ROLLING_UPDATE, ON_DELETE))]
    where, rolling = f"{path}.rollingUpdate", strategy.rollingUpdate
    if rolling is None:
        return [required(where)]
    missing, extra = rolling.maxUnavailable, rolling.maxSurge
    errors = []
    for field, value in (("maxUnavailable", missing), ("maxSurge", extra)):
        errors += count_or_percent(value, f"{where}.{field}")
        errors += at_most_all(value, f"{where}.{field}")
    if not is_zero(missing) and not is_zero(extra):
        why = "may not be set when maxUnavailable is non-zero"
        errors.append(invalid(f"{where}.maxSurge", extra, why))
    if is_zero(missing) and is_zero(extra):
        errors.append(required(f"{where}.maxUnavailable", "cannot be 0 when maxSurge is 0"))
    return errors


def validate_update(new: DaemonSet, old: DaemonSet) -> list[FieldError]:
    return selector_change(new.spec.selector, old.spec.selector) + validate(new)


def validate_status(new: DaemonSet, old: DaemonSet) -> list[FieldError]:
    status = new.status
    errors = []
    for field in (
        "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady",
        "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable",
        "collisionCount",
    ):  # fmt: skip
        errors += nonnegative(getattr(status, field), f"status.{field}")
    return errors + collisions_errors(status, old.status)


def warnings(daemonset: DaemonSet) -> list[str]:
    return template_warnings(daemonset.spec.template, "spec.template")


def update_warnings(new: DaemonSet, old: DaemonSet) -> list[str]:
    return template_warnings(new.spec.template, "spec.template") if respecified(new, old) else []


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


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    warnings=warnings,
    update_warnings=update_warnings,
    row=row,
    generation=True,
)
