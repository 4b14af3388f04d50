"""Pods that a node does not take in."""

from __future__ import annotations

import pytest

from kubepy.api.core.v1 import Node
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Quantity
from kubepy.kubelet.pod.admission import admit
from tests.unit.kubelet.pods import pod

ROOM = {"cpu": Quantity("2"), "memory": Quantity("1Gi"), "pods": Quantity("3")}
NODE = Node(metadata=ObjectMeta(name="n", labels={"disk": "ssd"}))


def asks(**requests):
    return pod({"name": "app", "resources": {"requests": requests}})


def on(port):
    return pod({"name": "app", "ports": [{"containerPort": 80, "hostPort": port}]})


@pytest.mark.parametrize(
    ("of", "others", "reason"),
    [
        pytest.param(asks(cpu="2"), [], "", id="fits"),
        pytest.param(asks(cpu="2"), [asks(cpu="1m")], "OutOfcpu", id="no cpu left"),
        pytest.param(asks(memory="2Gi"), [], "OutOfmemory", id="too much memory"),
        pytest.param(pod(), [pod(), pod()], "", id="one more"),
        pytest.param(pod(), [pod(), pod(), pod()], "OutOfpods", id="one too many"),
        pytest.param(on(80), [on(81)], "", id="another host port"),
        pytest.param(on(80), [on(80)], "NodePorts", id="the same host port"),
        pytest.param(pod(nodeSelector={"disk": "ssd"}), [], "", id="selected"),
        pytest.param(pod(nodeSelector={"disk": "tape"}), [], "NodeAffinity", id="not selected"),
    ],
)
def test_admit(of, others, reason):
    verdict = admit(of, others, ROOM, NODE)
    assert (verdict.reason if verdict else "") == reason


def test_the_message():
    verdict = admit(asks(cpu="1500m"), [asks(cpu="1")], ROOM, NODE)
    assert verdict.message == (
        "Pod was rejected: Node didn't have enough resource: cpu, "
        "requested: 1500, used: 1000, capacity: 2000"
    )


def test_static_pods_always_run():
    of = pod(meta={"annotations": {"kubernetes.io/config.source": "file"}})
    assert admit(of, [pod(), pod(), pod()], ROOM, NODE) is None
