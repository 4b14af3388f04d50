"""Deployments, ReplicaSets, DaemonSets, StatefulSets and their revisions."""

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.apps.v1 import (
    ControllerRevision,
    DaemonSet,
    Deployment,
    ReplicaSet,
    StatefulSet,
)
from kubepy.api.core.v1 import ReplicationController
from kubepy.apiserver.registry.apps import (
    controllerrevision,
    daemonset,
    deployment,
    replicaset,
    statefulset,
)
from kubepy.apiserver.registry.core import replicationcontroller

NOW = 1_000_000.0  # 1970-01-12T13:46:40Z
KINDS = {
    Deployment: deployment.STRATEGY,
    ReplicaSet: replicaset.STRATEGY,
    DaemonSet: daemonset.STRATEGY,
    StatefulSet: statefulset.STRATEGY,
}


def made(type_: type[Any], status: dict[str, Any] | None = None, **spec: Any) -> Any:
    body = {
        "metadata": {"name": "web", "creationTimestamp": "1970-01-12T13:41:40Z"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "main", "image": "app:1"}]},
            },
            **spec,
        },
        "status": status or {},
    }
    return KINDS[type_].default(codec.from_builtins(type_, body))


@pytest.mark.parametrize("type_", KINDS, ids=lambda type_: type_.__name__)
def test_plain_ones_are_fine(type_: type[Any]) -> None:
    plain = made(type_)
    assert KINDS[type_].validate_create(plain) == []
    assert KINDS[type_].validate_update(plain, plain) == []


def test_defaults() -> None:
    spec = made(Deployment).spec
    assert (spec.replicas, spec.revisionHistoryLimit, spec.progressDeadlineSeconds) == (1, 10, 600)
    assert codec.to_builtins(spec.strategy) == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
    }
    assert codec.to_builtins(made(DaemonSet).spec.updateStrategy) == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0},
    }
    claims = [{"metadata": {"name": "data"}, "spec": {}}]
    stateful = made(StatefulSet, volumeClaimTemplates=claims).spec
    assert stateful.podManagementPolicy == "OrderedReady"
    assert codec.to_builtins(stateful.persistentVolumeClaimRetentionPolicy) == {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    }
    claim = stateful.volumeClaimTemplates[0]
    assert (claim.kind, claim.spec.volumeMode, claim.status.phase) == (
        "PersistentVolumeClaim", "Filesystem", "Pending",
    )  # fmt: skip


def test_recreating_needs_no_numbers() -> None:
    recreate = made(Deployment, strategy={"type": "Recreate"})
    assert recreate.spec.strategy.rollingUpdate is None
    assert deployment.STRATEGY.validate_create(recreate) == []


def test_a_pod_of_a_stateful_set_mounts_its_claim() -> None:
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {
            "containers": [
                {
                    "name": "main",
                    "image": "app:1",
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                }
            ]
        },
    }
    claim = {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    assert statefulset.validate(made(StatefulSet, template=template)) != []
    with_claim = made(StatefulSet, template=template, volumeClaimTemplates=[claim])
    assert statefulset.validate(with_claim) == []


def test_annotations_of_a_deployment_count_as_a_change() -> None:
    from msgspec.structs import replace

    old = made(Deployment)
    old = replace(old, metadata=replace(old.metadata, generation=4))
    same = deployment.prepare_update(old, old)
    assert same.metadata.generation == 4
    noted = replace(old, metadata=replace(old.metadata, annotations={"a": "b"}))
    assert deployment.prepare_update(noted, old).metadata.generation == 5


def test_a_daemon_set_counts_the_changes_of_its_template() -> None:
    key = "deprecated.daemonset.template.generation"
    first = daemonset.prepare_create(made(DaemonSet))
    assert first.metadata.annotations == {key: "1"}
    same = daemonset.prepare_update(made(DaemonSet), first)
    assert same.metadata.annotations == {key: "1"}
    template = codec.to_builtins(first.spec.template)
    template["spec"]["hostNetwork"] = True
    second = daemonset.prepare_update(made(DaemonSet, template=template), first)
    assert second.metadata.annotations == {key: "2"}


@pytest.mark.parametrize(
    ("type_", "status", "cells"),
    [
        (
            Deployment,
            {"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1},
            ("web", "1/3", 2, 1, "5m", "main", "app:1", "app=web"),
        ),
        (
            ReplicaSet,
            {"replicas": 2, "readyReplicas": 1},
            ("web", 3, 2, 1, "5m", "main", "app:1", "app=web"),
        ),
        (StatefulSet, {"readyReplicas": 2}, ("web", "2/3", "5m", "main", "app:1")),
    ],
)
def test_rows(type_: type[Any], status: dict[str, Any], cells: tuple[Any, ...]) -> None:
    row = KINDS[type_].row
    assert row is not None
    assert row(made(type_, status, replicas=3), NOW) == cells


def test_row_of_a_daemon_set() -> None:
    status = {"desiredNumberScheduled": 3, "currentNumberScheduled": 2, "numberReady": 1}
    assert daemonset.row(made(DaemonSet, status), NOW) == (
        "web", 3, 2, 1, 0, 0, "<none>", "5m", "main", "app:1", "app=web",
    )  # fmt: skip


def test_a_replication_controller_takes_its_selector_from_its_template() -> None:
    body = {
        "metadata": {"name": "web"},
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": []}}},
    }
    strategy = replicationcontroller.STRATEGY
    controller = strategy.default(codec.from_builtins(ReplicationController, body))
    assert controller.spec.selector == controller.metadata.labels == {"app": "web"}
    assert [str(error) for error in strategy.validate_create(controller)] == [
        "spec.template.spec.containers: Required value"
    ]
    assert strategy.row is not None
    assert strategy.row(controller, NOW)[1:4] == (1, 0, 0)


def test_a_revision_belongs_to_its_controller_and_never_changes() -> None:
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "d", "controller": True}
    body = {"metadata": {"name": "d-1", "ownerReferences": [owner]}, "data": {"a": 1}}
    revision = codec.from_builtins(ControllerRevision, body)
    assert controllerrevision.row(revision, NOW) == ("d-1", "daemonset.apps/d", 0, "<unknown>")
    assert controllerrevision.validate_update(revision, revision) == []
    other = codec.from_builtins(ControllerRevision, {**body, "data": {"a": 2}})
    assert [str(error) for error in controllerrevision.validate_update(other, revision)] == [
        'data: Invalid value: {"a":2}: field is immutable'
    ]
    empty = codec.from_builtins(ControllerRevision, {"metadata": {"name": "x"}})
    assert [str(error) for error in controllerrevision.validate(empty)] == [
        "data: Required value: data is mandatory"
    ]
