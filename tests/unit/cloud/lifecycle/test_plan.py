from __future__ import annotations

import pytest

from kubepy.api.core.v1 import Node, NodeCondition, NodeSpec, NodeStatus, Taint
from kubepy.cloud.lifecycle.plan import SHUTDOWN, Delete, Keep, Retaint, decide, needs_asking

OTHER = Taint(key="other", effect="NoExecute")


def node(*taints: Taint) -> Node:
    return Node(spec=NodeSpec(taints=taints))


@pytest.mark.parametrize(
    ("given", "exists", "shut_down", "decision"),
    [
        pytest.param(node(), True, False, Keep(), id="runs"),
        pytest.param(node(), False, False, Delete(), id="gone"),
        pytest.param(node(OTHER), True, True, Retaint(node(OTHER, SHUTDOWN)), id="switched off"),
        pytest.param(node(SHUTDOWN, OTHER), True, True, Keep(), id="still off"),
        pytest.param(node(SHUTDOWN, OTHER), True, False, Retaint(node(OTHER)), id="back again"),
    ],
)
def test_decide(given: Node, exists: bool, shut_down: bool, decision: object) -> None:
    assert decide(given, exists=exists, shut_down=shut_down) == decision


@pytest.mark.parametrize(
    ("status", "asked"), [("True", False), ("False", True), ("Unknown", True), ("", True)]
)
def test_only_nodes_that_are_not_ready_are_asked_about(status: str, asked: bool) -> None:
    ready = (NodeCondition(type="Ready", status=status),) if status else ()
    assert needs_asking(Node(status=NodeStatus(conditions=ready))) is asked
