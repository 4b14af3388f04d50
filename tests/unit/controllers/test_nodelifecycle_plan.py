"""What a node's silence means, and which taints follow."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api.coordination.v1 import Lease, LeaseSpec
from kubepy.api.core.v1 import Node, NodeCondition, NodeSpec, NodeStatus, Taint
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime
from kubepy.controllers.nodelifecycle import plan
from kubepy.controllers.nodelifecycle.plan import (
    NOT_READY,
    UNREACHABLE,
    UNSCHEDULABLE,
    Patience,
    ZoneState,
)
from tests.unit.controllers.build import NOW, ago


def node(ready: str = "True", *, zone: str = "a", heard: float = 0, **spec: Any) -> Node:
    """`ready` empty: the node has never reported."""
    condition = NodeCondition(type="Ready", status=ready, lastHeartbeatTime=ago(heard))
    return Node(
        metadata=ObjectMeta(name="n", labels={plan.ZONE: zone}, creationTimestamp=ago(100)),
        spec=NodeSpec(**spec),
        status=NodeStatus(conditions=(condition,) if ready else ()),
    )


def lease(renewed: float) -> Lease:
    return Lease(spec=LeaseSpec(renewTime=MicroTime.from_unix(NOW - renewed)))


def test_a_node_is_alive_while_its_lease_or_its_status_changes() -> None:
    patience = Patience()
    seen = plan.observe(None, node(), lease(0), NOW)
    assert not plan.is_lost(seen, patience, NOW + 50)
    assert plan.is_lost(seen, patience, NOW + 51)
    renewed = plan.observe(seen, node(), lease(-40), NOW + 45)
    assert not plan.is_lost(renewed, patience, NOW + 90)
    reported = plan.observe(renewed, node(heard=-80), lease(-40), NOW + 90)
    assert not plan.is_lost(reported, patience, NOW + 140)
    assert plan.observe(reported, node(heard=-80), lease(-40), NOW + 500) == reported


def test_a_wrong_clock_on_the_node_does_not_matter() -> None:
    seen = plan.observe(None, node(heard=99999), lease(99999), NOW)
    assert not plan.is_lost(seen, Patience(), NOW + 50)


def test_a_node_that_never_reported_has_longer_counted_from_its_birth() -> None:
    seen = plan.observe(None, node(""), None, NOW)
    assert plan.is_lost(seen, Patience(startup_grace=90), NOW)
    assert not plan.is_lost(seen, Patience(startup_grace=110), NOW)


def test_our_own_verdict_is_no_sign_of_life() -> None:
    seen = plan.observe(None, node(""), None, NOW)
    judged = replace(node(""), status=NodeStatus(conditions=plan.lost_conditions(node(""), NOW)))
    assert plan.observe(seen, judged, None, NOW + 10) == seen
    back = plan.observe(seen, node(heard=-20), None, NOW + 20)
    assert not plan.is_lost(back, Patience(), NOW + 60)


def test_nobody_knows_the_conditions_of_a_lost_node() -> None:
    told = {c.type: c for c in plan.lost_conditions(node(), NOW)}
    assert {c.status for c in told.values()} == {"Unknown"}
    ready, disk = told["Ready"], told["DiskPressure"]
    assert (ready.reason, ready.message) == (
        "NodeStatusUnknown",
        "Kubelet stopped posting node status.",
    )
    assert (disk.reason, disk.message) == (
        "NodeStatusNeverUpdated",
        "Kubelet never posted node status.",
    )
    lost = replace(node(), status=NodeStatus(conditions=tuple(told.values())))
    assert plan.lost_conditions(lost, NOW + 9) == lost.status.conditions


def keys(taints: tuple[Taint, ...]) -> list[tuple[str, str]]:
    return [(taint.key, taint.effect) for taint in taints]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(node(), [], id="ready"),
        pytest.param(node("False"), [(NOT_READY, "NoSchedule")], id="not ready"),
        pytest.param(node("Unknown"), [(UNREACHABLE, "NoSchedule")], id="unknown"),
        pytest.param(node(unschedulable=True), [(UNSCHEDULABLE, "NoSchedule")], id="cordoned"),
        pytest.param(
            node(taints=(Taint(key=NOT_READY, effect="NoSchedule"),)), [], id="ready again"
        ),
        pytest.param(
            node("Unknown", taints=(Taint(key=NOT_READY, effect="NoSchedule"),)),
            [(UNREACHABLE, "NoSchedule")],
            id="worse than before",
        ),
        pytest.param(
            node(taints=(Taint(key="mine", effect="NoSchedule"),)),
            [("mine", "NoSchedule")],
            id="taints of others stay",
        ),
    ],
)
def test_no_schedule_taints_follow_the_conditions(
    one: Node, expected: list[tuple[str, str]]
) -> None:
    assert keys(plan.no_schedule(one, NOW)) == expected


def test_no_execute_taints_come_when_allowed_and_go_at_once() -> None:
    lost = node("Unknown")
    assert plan.no_execute(lost, NOW, evict=False) == ()
    taints = plan.no_execute(lost, NOW)
    assert keys(taints) == [(UNREACHABLE, "NoExecute")]
    assert taints[0].timeAdded == ago(0)
    worse = node("False", taints=taints)
    assert keys(plan.no_execute(worse, NOW, evict=False)) == [(NOT_READY, "NoExecute")]
    assert plan.no_execute(node(taints=taints), NOW) == ()


@pytest.mark.parametrize(
    ("ready", "lost", "state"),
    [
        pytest.param(3, 0, ZoneState.NORMAL, id="all ready"),
        pytest.param(1, 2, ZoneState.NORMAL, id="two lost are no disruption"),
        pytest.param(2, 3, ZoneState.PARTIAL, id="more than half, and more than two"),
        pytest.param(5, 4, ZoneState.NORMAL, id="less than half"),
        pytest.param(0, 1, ZoneState.FULL, id="all lost"),
    ],
)
def test_the_state_of_a_zone(ready: int, lost: int, state: ZoneState) -> None:
    nodes = [node()] * ready + [node("Unknown")] * lost
    assert list(plan.zone_states(nodes, Patience()).values()) == [state]


def test_who_sees_no_node_at_all_is_blind() -> None:
    patience = Patience()
    assert plan.is_blind(plan.zone_states([node("Unknown")], patience))
    two = [node("Unknown", zone="a"), node("True", zone="b")]
    assert not plan.is_blind(plan.zone_states(two, patience))


def test_eviction_rates() -> None:
    patience = Patience()
    assert plan.eviction_rate(ZoneState.NORMAL, 3, patience) == 0.1
    assert plan.eviction_rate(ZoneState.PARTIAL, 50, patience) == 0
    assert plan.eviction_rate(ZoneState.PARTIAL, 51, patience) == 0.01
