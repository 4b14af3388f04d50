"""ReplicationController: the ancestor of ReplicaSet."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import ReplicationController
from kubepy.apiserver.registry.core.podspec.cells import labels_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.template import (
    endless_errors,
    selection_errors,
    template_errors,
)
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.numbers import nonnegative
from kubepy.apiserver.registry.replicas import (
    fields,
    replica_status_errors,
    update_warnings,
    warnings,
)
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta.errors import FieldError, required
from kubepy.meta.selectors import from_set


def default(controller: ReplicationController) -> ReplicationController:
    spec, metadata = controller.spec, controller.metadata
    labels = spec.template.metadata.labels if spec.template else {}
    return replace(
        controller,
        metadata=metadata if metadata.labels else replace(metadata, labels=labels),
        spec=replace(
            spec,
            replicas=1 if spec.replicas is None else spec.replicas,
            selector=spec.selector or labels,
            template=None if spec.template is None else default_template(spec.template),
        ),
    )


def validate(controller: ReplicationController) -> list[FieldError]:
    spec = controller.spec
    errors = finalizer_errors(controller.metadata)
    errors += nonnegative(spec.minReadySeconds, "spec.minReadySeconds")
    if not spec.selector:
        errors.append(required("spec.selector"))
    errors += nonnegative(spec.replicas, "spec.replicas")
    template, path = spec.template, "spec.template"
    if template is None:
        return [*errors, required(path)]
    errors += selection_errors(from_set(spec.selector), template, path)
    errors += template_errors(template, path)
    return errors + endless_errors(template, path, "ReplicationController")


def validate_update(new: ReplicationController, old: ReplicationController) -> list[FieldError]:
    return validate(new)


def row(controller: ReplicationController, now: float) -> tuple[Any, ...]:
    spec, status = controller.spec, controller.status
    return (
        controller.metadata.name,
        spec.replicas or 0,
        status.replicas,
        status.readyReplicas,
        age(controller.metadata.creationTimestamp, now),
        *(template_cells(spec.template) if spec.template else ("", "")),
        labels_cell(spec.selector),
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
    orphan_by_default=True,
)
