"""ReplicaSet: a number of pods of one template."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import ReplicaSet
from kubepy.apiserver.registry.apps.replicas import replica_spec_errors, selector_change
from kubepy.apiserver.registry.core.podspec.cells import selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.apiserver.registry.replicas import (
    fields,
    replica_status_errors,
    update_warnings,
    warnings,
)
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError


def default(replicaset: ReplicaSet) -> ReplicaSet:
    spec = replicaset.spec
    return replace(
        replicaset,
        spec=replace(
            spec,
            replicas=1 if spec.replicas is None else spec.replicas,
            template=default_template(spec.template),
        ),
    )


def validate(replicaset: ReplicaSet) -> list[FieldError]:
    spec = replicaset.spec
    errors = finalizer_errors(replicaset.metadata)
    errors += nonnegative(spec.replicas, "spec.replicas")
    errors += nonnegative(spec.minReadySeconds, "spec.minReadySeconds")
    return errors + replica_spec_errors(spec.selector, spec.template, "spec")


def validate_update(new: ReplicaSet, old: ReplicaSet) -> list[FieldError]:
    return validate(new) + selector_change(new.spec.selector, old.spec.selector)


def row(replicaset: ReplicaSet, now: float) -> tuple[Any, ...]:
    spec, status = replicaset.spec, replicaset.status
    return (
        replicaset.metadata.name,
        spec.replicas or 0,
        status.replicas,
        status.readyReplicas,
        age(replicaset.metadata.creationTimestamp, now),
        *template_cells(spec.template),
        selector_cell(spec.selector),
    )


STRATEGY = Strategy(
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=replica_status_errors,
    fields=fields,
    warnings=warnings,
    update_warnings=update_warnings,
    row=row,
    generation=True,
)
