"""Requests and limits as the kernel's numbers."""

from __future__ import annotations

import pytest

from kubepy.kubelet.pod.resources import (
    Amounts,
    linux_resources,
    of_container,
    of_pod,
    oom_score,
    quota,
    shares,
    weight,
)
from tests.unit.kubelet.pods import pod, sidecar

GIB = 1 << 30


def one(**resources):
    return pod({"name": "app", "resources": resources})


@pytest.mark.parametrize(
    ("milli", "expected"), [(0, 2), (1, 2), (100, 102), (1000, 1024), (10**9, 262_144)]
)
def test_shares(milli, expected):
    assert shares(milli) == expected


@pytest.mark.parametrize(
    ("milli", "expected"), [(0, None), (1, 1000), (100, 10_000), (2500, 250_000)]
)
def test_quota(milli, expected):
    assert quota(milli) == expected


@pytest.mark.parametrize(("given", "expected"), [(2, 1), (1024, 39), (262_144, 10_000)])
def test_weight(given, expected):
    assert weight(given) == expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(one(), Amounts(2), id="asks nothing"),
        pytest.param(one(requests={"cpu": "500m"}), Amounts(512), id="a request"),
        pytest.param(
            one(limits={"cpu": "500m", "memory": "1Mi"}),
            Amounts(512, 50_000, 1 << 20),
            id="a limit is a request",
        ),
        pytest.param(
            one(requests={"cpu": "0"}, limits={"cpu": "1"}),
            Amounts(2, 100_000),
            id="a request of nothing is one",
        ),
    ],
)
def test_of_container(of, expected):
    assert of_container(of.spec.containers[0]) == expected


BIG = {"requests": {"cpu": "2"}, "limits": {"cpu": "2", "memory": "2Gi"}}
SMALL = {"requests": {"cpu": "500m"}, "limits": {"cpu": "500m", "memory": "1Gi"}}


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        pytest.param(
            pod({"name": "a", "resources": SMALL}, {"name": "b", "resources": SMALL}),
            Amounts(1024, 100_000, 2 * GIB),
            id="the sum",
        ),
        pytest.param(
            pod({"name": "a", "resources": SMALL}, "b"), Amounts(512), id="one without a limit"
        ),
        pytest.param(
            pod({"name": "a", "resources": SMALL}, init=({"name": "i", "resources": BIG},)),
            Amounts(2048, 200_000, 2 * GIB),
            id="a larger init container",
        ),
        pytest.param(
            pod(
                {"name": "a", "resources": SMALL},
                init=(sidecar("s", resources=SMALL), {"name": "i", "resources": BIG}),
            ),
            Amounts(2560, 250_000, 3 * GIB),
            id="an init container beside a sidecar",
        ),
        pytest.param(
            pod("a", resources={"limits": {"cpu": "1", "memory": "1Gi"}}),
            Amounts(2, 100_000, GIB),
            id="the pod's own limits",
        ),
    ],
)
def test_of_pod(of, expected):
    assert of_pod(of) == expected


@pytest.mark.parametrize(
    ("of", "score"),
    [
        pytest.param(one(), 1000, id="best effort"),
        pytest.param(one(limits={"cpu": "1", "memory": "1Gi"}), -997, id="guaranteed"),
        pytest.param(one(requests={"memory": "1Gi"}), 750, id="burstable by its share"),
        pytest.param(one(requests={"memory": "4Gi"}), 3, id="burstable at least"),
        pytest.param(one(requests={"cpu": "1"}), 999, id="burstable at most"),
        pytest.param(pod(priority=2_000_000_000), -997, id="critical"),
    ],
)
def test_oom_score(of, score):
    assert oom_score(of, of.spec.containers[0], 4 * GIB) == score


def test_linux_resources():
    of = one(limits={"cpu": "100m", "memory": "1Mi"})
    assert linux_resources(of, of.spec.containers[0], GIB, unified=True) == {
        "cpu_shares": 102,
        "cpu_period": 100_000,
        "cpu_quota": 10_000,
        "memory_limit_in_bytes": 1 << 20,
        "oom_score_adj": -997,
        "unified": {"memory.oom.group": "1"},
    }
