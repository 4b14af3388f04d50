"""StatefulSet: pods with names, an order and storage of their own."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import (
    RollingUpdateStatefulSetStrategy,
    StatefulSet,
    StatefulSetPersistentVolumeClaimRetentionPolicy,
    StatefulSetSpec,
    StatefulSetUpdateStrategy,
)
from kubepy.api.core.v1 import (
    PersistentVolumeClaim,
    PersistentVolumeClaimVolumeSource,
    PodTemplateSpec,
    Volume,
)
from kubepy.apiserver.registry.apps.replicas import collisions_errors, selector_errors
from kubepy.apiserver.registry.core import persistentvolumeclaim
from kubepy.apiserver.registry.core.claims import claim_fraction_warnings
from kubepy.apiserver.registry.core.podspec.cells import template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.template import (
    endless_errors,
    selection_errors,
    template_errors,
)
from kubepy.apiserver.registry.core.podspec.warnings import respecified, template_warnings
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.numbers import at_most_all, count_or_percent, nonnegative
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names, selectors
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported

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


def validate(statefulset: StatefulSet) -> list[FieldError]:
    spec = statefulset.spec
    path = "spec.template"
    errors = finalizer_errors(statefulset.metadata)
    policy = spec.podManagementPolicy
    if policy not in (ORDERED, PARALLEL):
        why = f"must be '{ORDERED}' or '{PARALLEL}'"
        errors.append(invalid("spec.podManagementPolicy", policy, why))
    errors += _strategy_errors(spec.updateStrategy, "spec.updateStrategy")
    retention = spec.persistentVolumeClaimRetentionPolicy
    for field in ("whenDeleted", "whenScaled"):
        value = getattr(retention, field, RETAIN)
        if value not in (RETAIN, DELETE):
            where = f"spec.persistentVolumeClaimRetentionPolicy.{field}"
            errors.append(not_supported(where, value, (RETAIN, DELETE)))
    errors += nonnegative(spec.replicas, "spec.replicas")
    errors += nonnegative(spec.minReadySeconds, "spec.minReadySeconds")
    if spec.ordinals is not None:
        errors += nonnegative(spec.ordinals.start, "spec.ordinals.start")
    errors += selector_errors(spec.selector, "spec.selector", kind="statefulset")
    try:
        errors += selection_errors(selectors.of(spec.selector), spec.template, path)
    except selectors.SelectorError:
        errors.append(invalid("spec.selector", spec.selector, ""))
    errors += template_errors(_with_claims(spec), path)
    for index, claim in enumerate(spec.volumeClaimTemplates):
        where = f"spec.volumeClaimTemplates[{index}].spec"
        errors += persistentvolumeclaim.spec_errors(claim.spec, where)
    return errors + endless_errors(spec.template, path, "StatefulSet")


def _with_claims(spec: StatefulSetSpec) -> PodTemplateSpec:
    """The template with a volume for each claim, as the pods will have them."""
    template = spec.template
    if not spec.volumeClaimTemplates:
        return template
    claims = {claim.metadata.name: claim for claim in spec.volumeClaimTemplates}
    volumes = [volume for volume in template.spec.volumes if volume.name not in claims]
    volumes += [
        Volume(name=name, persistentVolumeClaim=PersistentVolumeClaimVolumeSource(claimName=name))
        for name in claims
    ]
    return replace(template, spec=replace(template.spec, volumes=tuple(volumes)))


def _strategy_errors(strategy: StatefulSetUpdateStrategy, path: str) -> list[FieldError]:
    where, rolling = f"{path}.rollingUpdate", strategy.rollingUpdate
    if strategy.type == ON_DELETE:
        why = f"only allowed for updateStrategy '{ROLLING_UPDATE}'"
        return [] if rolling is None else [invalid(where, rolling, why)]
    if strategy.type != ROLLING_UPDATE:
        return [invalid(path, strategy, f"must be '{ROLLING_UPDATE}' or '{ON_DELETE}'")]
    if rolling is None:
        return []
    errors = nonnegative(rolling.partition, f"{where}.partition")
    missing = rolling.maxUnavailable
    if missing is not None:
        errors += count_or_percent(missing, f"{where}.maxUnavailable")
        if missing in (0, "0%"):
            errors.append(invalid(f"{where}.maxUnavailable", missing, "cannot be 0"))
        errors += at_most_all(missing, f"{where}.maxUnavailable")
    return errors


MUTABLE = (
    "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', "
    "'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'"
)


def validate_update(new: StatefulSet, old: StatefulSet) -> list[FieldError]:
    errors = validate(new)
    before = old.spec
    rest = replace(
        new.spec,
        replicas=before.replicas,
        ordinals=before.ordinals,
        template=before.template,
        updateStrategy=before.updateStrategy,
        revisionHistoryLimit=before.revisionHistoryLimit,
        persistentVolumeClaimRetentionPolicy=before.persistentVolumeClaimRetentionPolicy,
        minReadySeconds=before.minReadySeconds,
    )
    if rest != before:
        why = f"updates to statefulset spec for fields other than {MUTABLE} are forbidden"
        errors.append(forbidden("spec", why))
    return errors


def validate_status(new: StatefulSet, old: StatefulSet) -> list[FieldError]:
    status = new.status
    errors = []
    for field in (
        "replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas",
        "observedGeneration", "collisionCount",
    ):  # fmt: skip
        errors += nonnegative(getattr(status, field), f"status.{field}")
    why = "cannot be greater than status.replicas"
    for field in ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"):
        value = getattr(status, field)
        if value > status.replicas:
            errors.append(invalid(f"status.{field}", value, why))
    if status.availableReplicas > status.readyReplicas:
        why = "cannot be greater than status.readyReplicas"
        errors.append(invalid("status.availableReplicas", status.availableReplicas, why))
    return errors + collisions_errors(status, old.status)


ENDLESS_HISTORY = (
    "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is "
    "recommended"
)


def warnings(statefulset: StatefulSet) -> list[str]:
    found = template_warnings(statefulset.spec.template, "spec.template")
    return found + _other_warnings(statefulset, "")


def update_warnings(new: StatefulSet, old: StatefulSet) -> list[str]:
    found = template_warnings(new.spec.template, "spec.template") if respecified(new, old) else []
    return found + _other_warnings(new, ".Spec")


def _other_warnings(statefulset: StatefulSet, inner: str) -> list[str]:
    """`inner`: what follows a claim in Kubernetes' paths, which differ between verbs."""
    spec = statefulset.spec
    found = []
    for index, claim in enumerate(spec.volumeClaimTemplates):
        where = f"spec.volumeClaimTemplates[{index}]{inner}"
        found += claim_fraction_warnings(where, claim.spec)
    if spec.revisionHistoryLimit is not None and spec.revisionHistoryLimit < 0:
        found.append(ENDLESS_HISTORY)
    return found


def row(statefulset: StatefulSet, now: float) -> tuple[Any, ...]:
    spec, status = statefulset.spec, statefulset.status
    return (
        statefulset.metadata.name,
        f"{status.readyReplicas}/{spec.replicas or 0}",
        age(statefulset.metadata.creationTimestamp, now),
        *template_cells(spec.template),
    )


STRATEGY = Strategy(
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    validate_name=names.dns1123_label,
    warnings=warnings,
    update_warnings=update_warnings,
    row=row,
    generation=True,
)
