"""Which pods a ReplicaSet makes and deletes, and what it counts."""

from __future__ import annotations

import pytest

from kubepy.api.core.v1 import Pod
from kubepy.controllers.replicaset.plan import (
    BURST,
    DELETION_COST,
    Create,
    Delete,
    Tally,
    decide,
    deletion_cost,
    next_change,
    tally,
)
from tests.unit.controllers.build import LABELS, NOW, pod, template


@pytest.mark.parametrize(
    ("wanted", "pods", "actions"),
    [
        pytest.param(2, [], [Create(), Create()], id="starts from nothing"),
        pytest.param(1, [pod("a")], [], id="settled"),
        pytest.param(1, [pod("a", phase="Failed")], [Create()], id="finished pods do not count"),
        pytest.param(1, [pod("a", deleting=True)], [Create()], id="nor do those being deleted"),
        pytest.param(
            1, [pod("a", ready=True), pod("b")], [Delete("b", "uid-b")], id="unready goes first"
        ),
        pytest.param(
            0,
            [pod("a"), pod("b", phase="Succeeded")],
            [Delete("a", "uid-a")],
            id="finished ones stay",
        ),
        pytest.param(600, [], [Create()] * BURST, id="no more at once than a burst"),
    ],
)
def test_decide(wanted: int, pods: list[Pod], actions: list[Create | Delete]) -> None:
    assert decide(wanted, pods, now=NOW) == actions


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(pod("x", node=""), pod("a"), id="unassigned before assigned"),
        pytest.param(pod("x", phase="Pending"), pod("a", phase="Unknown"), id="pending first"),
        pytest.param(pod("x", phase="Unknown"), pod("a"), id="unknown before running"),
        pytest.param(pod("x"), pod("a", ready=True), id="not ready before ready"),
        pytest.param(
            pod("x", ready=True, annotations={DELETION_COST: "-5"}),
            pod("a", ready=True),
            id="cheaper first",
        ),
        pytest.param(
            pod("x", ready=True, ready_for=60),
            pod("a", ready=True, ready_for=6000),
            id="ready for less long first",
        ),
        pytest.param(
            pod("x", ready=True, restarts=4), pod("a", ready=True, restarts=1), id="restarts"
        ),
        pytest.param(pod("x", age=60), pod("a", age=6000), id="newer first"),
        pytest.param(pod("a", age=5000), pod("x", age=6000), id="about the same age: by uid"),
    ],
)
def test_the_order_of_deletion(first: Pod, second: Pod) -> None:
    for pods in ([first, second], [second, first]):
        (gone,) = decide(1, pods, now=NOW)
        assert isinstance(gone, Delete)
        assert gone.name == first.metadata.name


def test_a_crowded_node_gives_one_up_first() -> None:
    mine = [pod("a", ready=True, node="n1"), pod("b", ready=True, node="n2")]
    related = [*mine, pod("other", ready=True, node="n2")]
    assert decide(1, mine, related=related, now=NOW) == [Delete("b", "uid-b")]


@pytest.mark.parametrize(
    ("text", "cost"),
    [("5", 5), ("-5", -5), ("0", 0), ("", 0), ("05", 0), ("x", 0), ("99999999999", 0), ("+5", 0)],
)
def test_a_deletion_cost_that_makes_no_sense_is_none(text: str, cost: int) -> None:
    assert deletion_cost(pod("a", annotations={DELETION_COST: text})) == cost


def test_tally() -> None:
    pods = [
        pod("a", ready=True),
        pod("b", ready=True, ready_for=5),
        pod("c", labels={"app": "web", "extra": "x"}),
        pod("d", labels={}),
        pod("e", deleting=True),
        pod("f", phase="Failed"),
    ]
    assert tally(pods, template(labels=LABELS), 10, NOW) == Tally(
        replicas=4,
        fullyLabeledReplicas=3,
        readyReplicas=2,
        availableReplicas=1,
        terminatingReplicas=1,
    )


def test_time_alone_makes_a_ready_pod_available() -> None:
    pods = [pod("a", ready=True, ready_for=4), pod("b", ready=True, ready_for=7), pod("c")]
    assert next_change(pods, 10, NOW) == 3
    assert next_change(pods, 10, NOW + 6) is None
