"""The Node's status, from what machine and runtime say."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kubepy.api.core.v1 import NodeAddress, NodeCondition, NodeStatus
from kubepy.api.types import Time
from kubepy.kubelet.config import KubeletConfiguration
from kubepy.kubelet.node.machine import Machine, Pressure
from kubepy.kubelet.node.status import (
    Reading,
    allocatable,
    capacity,
    images,
    is_news,
    labels,
    status,
    threshold,
    turns,
)
from kubepy.kubelet.runtime.model import Image, RuntimeInfo, RuntimeStatus

NOW, LATER = Time("2026-01-02T03:04:05Z"), Time("2026-01-02T03:04:15Z")
GIB = 1 << 30
MACHINE = Machine(
    hostname="n1", cpus=4, memory=8 * GIB, swap=0, machine_id="m", system_uuid="s", boot_id="b",
    kernel="6.1", os_image="Debian", architecture="amd64",
)  # fmt: skip
ROOMY = Pressure(
    memory=(4 * GIB, 8 * GIB), node_disk=(50 * GIB, 100 * GIB), node_inodes=(90, 100),
    image_disk=(50 * GIB, 100 * GIB), image_inodes=(90, 100), pids=(90, 100),
)  # fmt: skip
READING = Reading(
    machine=MACHINE,
    pressure=ROOMY,
    addresses=("192.0.2.1",),
    runtime=RuntimeInfo("containerd", "1.6.20"),
    runtime_status=RuntimeStatus(),
    images=(),
    port=10250,
)
CONFIG = KubeletConfiguration()


def seen(old=None, now=NOW, config=CONFIG, **changes):
    return status(old or NodeStatus(), replace(READING, **changes), config, now)


def conditions(found):
    return {c.type: (c.status, c.reason) for c in found.conditions}


def test_capacity_and_what_is_left_of_it():
    whole = capacity(MACHINE, 100 * GIB, CONFIG)
    assert (whole["cpu"], whole["memory"], whole["pods"]) == ("4", "8Gi", "110")
    config = KubeletConfiguration(systemReserved={"cpu": "500m"}, kubeReserved={"memory": "1Gi"})
    left = allocatable(whole, config)
    assert left["cpu"] == "3500m"
    assert left["memory"].value() == 7 * GIB - (100 << 20)
    assert left["ephemeral-storage"].value() == 90 * GIB
    assert left["pods"] == "110"


@pytest.mark.parametrize(("text", "value"), [("", 0), ("10%", 100), ("1Ki", 1024), ("2.5%", 25)])
def test_threshold(text, value):
    assert threshold(text, 1000) == value


def test_a_healthy_node():
    found = seen()
    assert conditions(found) == {
        "MemoryPressure": ("False", "KubeletHasSufficientMemory"),
        "DiskPressure": ("False", "KubeletHasNoDiskPressure"),
        "PIDPressure": ("False", "KubeletHasSufficientPID"),
        "Ready": ("True", "KubeletReady"),
    }
    assert [(a.type, a.address) for a in found.addresses] == [
        ("InternalIP", "192.0.2.1"), ("Hostname", "n1"),
    ]  # fmt: skip
    assert found.nodeInfo.containerRuntimeVersion == "containerd://1.6.20"
    assert found.daemonEndpoints.kubeletEndpoint.Port == 10250


@pytest.mark.parametrize(
    ("changes", "condition", "expected"),
    [
        pytest.param(
            {"pressure": replace(ROOMY, memory=(50 << 20, 8 * GIB))},
            "MemoryPressure", ("True", "KubeletHasInsufficientMemory"), id="memory",
        ),
        pytest.param(
            {"pressure": replace(ROOMY, image_disk=(14 * GIB, 100 * GIB))},
            "DiskPressure", ("True", "KubeletHasDiskPressure"), id="disk of images",
        ),
        pytest.param(
            {"pressure": replace(ROOMY, node_inodes=(4, 100))},
            "DiskPressure", ("True", "KubeletHasDiskPressure"), id="inodes",
        ),
        pytest.param(
            {"runtime_status": None}, "Ready", ("False", "KubeletNotReady"), id="no runtime"
        ),
        pytest.param(
            {"runtime_status": RuntimeStatus(network_problem="NetworkReady=false")},
            "Ready", ("False", "KubeletNotReady"), id="no network",
        ),
    ],
)  # fmt: skip
def test_conditions(changes, condition, expected):
    assert conditions(seen(**changes))[condition] == expected


def test_a_transition_keeps_its_time():
    first = seen()
    second = seen(first, LATER, runtime_status=None)
    times = {c.type: c.lastTransitionTime for c in second.conditions}
    assert times["Ready"] == LATER
    assert times["MemoryPressure"] == NOW
    assert all(c.lastHeartbeatTime == LATER for c in second.conditions)


def test_what_others_put_there_stays():
    old = NodeStatus(
        conditions=(NodeCondition(type="NetworkUnavailable", status="False"),),
        addresses=(NodeAddress(type="ExternalIP", address="198.51.100.1"),),
    )
    found = seen(old)
    assert conditions(found)["NetworkUnavailable"] == ("False", "")
    assert found.addresses[-1].type == "ExternalIP"


def test_time_alone_is_no_news():
    assert not is_news(seen(), seen(seen(), LATER))
    assert is_news(seen(), seen(seen(), LATER, runtime_status=None))


def test_images_largest_first():
    found = images(
        [
            Image(id="a", tags=("a:1",), size=1),
            Image(id="b", digests=("b@1",), tags=("b:1",), size=2),
        ],
        1,
    )
    assert [(i.names, i.sizeBytes) for i in found] == [(("b@1", "b:1"), 2)]


def test_labels():
    assert labels(MACHINE, "n1")["kubernetes.io/hostname"] == "n1"


FIRST = seen(runtime_status=None)
FULL = replace(ROOMY, node_disk=(1, 100 * GIB))


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        pytest.param(
            NodeStatus(),
            FIRST,
            ["NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"],
            id="a new node",
        ),
        pytest.param(FIRST, seen(FIRST), ["NodeReady"], id="becomes ready"),
        pytest.param(seen(), seen(runtime_status=None), ["NodeNotReady"], id="its runtime is gone"),
        pytest.param(seen(), seen(pressure=FULL), ["NodeHasDiskPressure"], id="its disk is full"),
        pytest.param(seen(), seen(now=LATER), [], id="nothing happened"),
    ],
)
def test_what_events_tell_of_a_node(old, new, reasons):
    assert turns(old, new) == reasons
