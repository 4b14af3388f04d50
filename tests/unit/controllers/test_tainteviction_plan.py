"""When a pod has to leave its node."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.core.v1 import Taint, Toleration
from kubepy.controllers.tainteviction.plan import eviction_time, tolerates
from tests.unit.controllers.build import NOW, ago, pod

LOST = Taint(key="node.kubernetes.io/unreachable", effect="NoExecute", timeAdded=ago(100))
KEY = LOST.key


def toleration(**fields: Any) -> Toleration:
    return Toleration(**{"key": KEY, "operator": "Exists", "effect": "NoExecute", **fields})


@pytest.mark.parametrize(
    ("tolerations", "taints", "when"),
    [
        pytest.param([], [], None, id="no taint"),
        pytest.param([], [Taint(key="x", effect="NoSchedule")], None, id="another effect"),
        pytest.param([], [LOST], NOW - 100, id="not tolerated: at once"),
        pytest.param([toleration()], [LOST], None, id="tolerated for ever"),
        pytest.param([toleration(tolerationSeconds=300)], [LOST], NOW + 200, id="for a while"),
        pytest.param(
            [toleration(tolerationSeconds=300), toleration(tolerationSeconds=60)],
            [LOST],
            NOW - 40,
            id="the shortest counts",
        ),
        pytest.param([toleration(tolerationSeconds=-5)], [LOST], NOW - 100, id="negative is 0"),
        pytest.param(
            [toleration(tolerationSeconds=9)],
            [Taint(key=KEY, effect="NoExecute")],
            NOW + 9,
            id="no timeAdded: from when it was seen",
        ),
        pytest.param(
            [toleration()], [LOST, Taint(key="x", effect="NoExecute")], NOW, id="one of two"
        ),
    ],
)
def test_eviction_time(
    tolerations: list[Toleration], taints: list[Taint], when: float | None
) -> None:
    one = pod("a", spec={"tolerations": tuple(tolerations)})
    assert eviction_time(one, taints, NOW) == when


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"operator": "Exists"}, True),
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"key": "gpu", "value": "yes"}, True),
        ({"key": "gpu", "operator": "Equal", "value": "no"}, False),
        ({"key": "cpu", "operator": "Exists"}, False),
        ({"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}, False),
        ({}, False),
    ],
)
def test_tolerates(given: dict[str, Any], expected: bool) -> None:
    taint = Taint(key="gpu", value="yes", effect="NoExecute")
    assert tolerates(Toleration(**given), taint) is expected
