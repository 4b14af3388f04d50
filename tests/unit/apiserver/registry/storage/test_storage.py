"""Classes, drivers and attachments of volumes."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.storage.v1 import (
    CSIDriver,
    CSINode,
    CSIStorageCapacity,
    StorageClass,
    VolumeAttachment,
    VolumeAttributesClass,
)
from tests.unit.apiserver.registry.rules import cells, changes, made, refusals, rules_of, texts

CLASS = {"provisioner": "example.com/disk", "parameters": {"type": "ssd"}}


def test_class_defaults() -> None:
    found = made(StorageClass, CLASS)
    assert (found.reclaimPolicy, found.volumeBindingMode) == ("Delete", "Immediate")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"allowVolumeExpansion": True}, []),
        ({"parameters": {}}, ["parameters: Forbidden: updates to parameters are forbidden."]),
        ({"provisioner": "b"}, ["provisioner: Forbidden: updates to provisioner are forbidden."]),
        (
            {"reclaimPolicy": "Retain"},
            ["reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden."],
        ),
        (
            {"volumeBindingMode": "WaitForFirstConsumer"},
            [
                'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
            ],
        ),
    ],
)
def test_only_what_may_grow_changes(change: dict[str, Any], expected: list[str]) -> None:
    assert changes(StorageClass, CLASS, {**CLASS, **change}) == expected


@pytest.mark.parametrize(
    ("topologies", "expected"),
    [
        pytest.param([{"zone": ["a"]}, {"zone": ["b"]}], [], id="two zones"),
        pytest.param(
            [{"zone": ["a", "b"]}, {"zone": ["b", "a"]}],
            ['allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
            id="the same again",
        ),
        pytest.param(
            [{"zone": []}],
            ["allowedTopologies[0].matchLabelExpressions[0].values: Required value"],
            id="no values",
        ),
    ],
)
def test_topologies(topologies: list[dict[str, list[str]]], expected: list[str]) -> None:
    terms = [
        {"matchLabelExpressions": [{"key": key, "values": values} for key, values in each.items()]}
        for each in topologies
    ]
    assert refusals(StorageClass, {**CLASS, "allowedTopologies": terms}) == expected


def test_the_default_class_is_marked() -> None:
    mark = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    row = rules_of(StorageClass).row
    assert row is not None
    assert row(made(StorageClass, {**CLASS, "metadata": mark}), 0.0)[0] == "x (default)"


def test_volume_attributes() -> None:
    assert refusals(VolumeAttributesClass, {"driverName": "d.example.com"}) == [
        "parameters: Required value: must contain at least one key/value pair"
    ]
    old = {"driverName": "d.example.com", "parameters": {"iops": "1"}}
    assert changes(VolumeAttributesClass, old, {**old, "driverName": "e.example.com"}) == [
        "driverName: Forbidden: updates to driverName are forbidden."
    ]


def test_driver_defaults_and_what_is_counted() -> None:
    old = made(CSIDriver, {})
    assert (old.spec.attachRequired, old.spec.volumeLifecycleModes) == (True, ("Persistent",))
    assert old.spec.fsGroupPolicy == "ReadWriteOnceWithFSType"
    rules = rules_of(CSIDriver)
    new = made(CSIDriver, {"spec": {"requiresRepublish": True}})
    assert rules.prepare_update(new, old).metadata.generation == 1
    assert rules.prepare_update(old, old).metadata.generation == 0


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"tokenRequests": [{"audience": "", "expirationSeconds": 1 << 33}]},
            [
                "spec.tokenRequests[0].expirationSeconds: Invalid value: 8589934592: may not "
                "specify a duration larger than 2^32 seconds"
            ],
            id="a long token",
        ),
        pytest.param(
            {"nodeAllocatableUpdatePeriodSeconds": 9},
            [
                "spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than "
                "or equal to 10 seconds"
            ],
            id="a short period",
        ),
    ],
)
def test_drivers(spec: dict[str, Any], expected: list[str]) -> None:
    assert refusals(CSIDriver, {"spec": spec}) == expected


DRIVER = {"name": "d.example.com", "nodeID": "n"}


def test_a_nodes_driver_changes_only_how_many_volumes_it_can_have() -> None:
    def node(**driver: Any) -> dict[str, Any]:
        return {"spec": {"drivers": [{**DRIVER, **driver}]}}

    assert changes(CSINode, node(), node(allocatable={"count": 3})) == []
    (text,) = changes(CSINode, node(), node(nodeID="m"))
    assert text.startswith("spec.drivers: Invalid value: ")
    assert text.endswith("field is immutable")


def test_an_old_drivers_id_may_be_longer() -> None:
    node = {"spec": {"drivers": [{**DRIVER, "nodeID": "n" * 200}]}}
    (text,) = refusals(CSINode, node)
    assert text.endswith("must be 192 characters or less")
    assert changes(CSINode, node, node) == []


def test_capacities_are_of_their_class_for_ever() -> None:
    assert changes(CSIStorageCapacity, {"storageClassName": "a"}, {"storageClassName": "b"}) == [
        'storageClassName: Invalid value: "b": field is immutable'
    ]


def attachment(**source: Any) -> dict[str, Any]:
    return {"spec": {"attacher": "d.example.com", "nodeName": "n", "source": source}}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param({"persistentVolumeName": "pv"}, [], id="a volume"),
        pytest.param(
            {"persistentVolumeName": ""},
            ["persistentVolumeName: Required value: must specify non empty persistentVolumeName"],
            id="an empty name",
        ),
        pytest.param(
            {
                "inlineVolumeSpec": {
                    "accessModes": ["ReadWriteOnce"],
                    "csi": {"driver": "d.example.com", "volumeHandle": "h"},
                    "storageClassName": "c",
                    "persistentVolumeReclaimPolicy": "Delete",
                }
            },
            [
                "inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the "
                "context of inline volumes",
                "inlineVolumeSpec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain in "
                "the context of inline volumes",
            ],
            id="inline, with too much",
        ),
    ],
)
def test_attachment_sources(source: dict[str, Any], expected: list[str]) -> None:
    found = refusals(VolumeAttachment, attachment(**source))
    assert found == [f"spec.source.{text}" for text in expected]


def test_an_attachments_status() -> None:
    old = made(VolumeAttachment, attachment(persistentVolumeName="pv"))
    error = {"message": "m" * 1025, "errorCode": -1}
    body = {**attachment(persistentVolumeName="pv"), "status": {"attachError": error}}
    found = texts(rules_of(VolumeAttachment).validate_status(made(VolumeAttachment, body), old))
    assert found == [
        "status.attachError.message: Too long: may not be more than 262144 bytes",
        "status.attachError.errorCode: Invalid value: -1: must be between 0 and 2147483647, "
        "inclusive",
    ]
    assert cells(VolumeAttachment, body) == ("d.example.com", "pv", "n", False, "5m")
