"""ReplicaSet: a number of pods of one template."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apps.v1 import ReplicaSet
from kubepy.apiserver.registry.core.podspec.cells import selector_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.strategy import Strategy, age


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


def fields(replicaset: ReplicaSet) -> dict[str, str]:
    return {"status.replicas": str(replicaset.status.replicas)}


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


STRATEGY = Strategy(default=default, fields=fields, row=row, generation=True)
