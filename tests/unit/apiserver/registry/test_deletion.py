"""What a delete does, as a table: finalizers, grace periods and propagation policies."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.core.v1 import ConfigMap
from kubepy.api.meta.v1 import DeleteOptions, ObjectMeta
from kubepy.api.types import Time
from kubepy.apiserver.registry import deletion
from kubepy.apiserver.registry.deletion import PENDING, Plan
from kubepy.apiserver.registry.strategy import Strategy

NOW = 1_000_000.0
ALIVE = ObjectMeta(name="a", generation=3)
PLAIN = Strategy()
ORPHANING = Strategy(orphan_by_default=True)
CHILDLESS = Strategy(has_dependents=False)


def graceful(_: Any, asked: int | None) -> int:
    return 30 if asked is None else asked


GRACEFUL = Strategy(grace=graceful)


def decide(meta: ObjectMeta, strategy: Strategy = PLAIN, **options: Any) -> Plan:
    return deletion.plan(ConfigMap(metadata=meta), DeleteOptions(**options), strategy, NOW)


def meta(**fields: Any) -> ObjectMeta:
    return ObjectMeta(**{"name": "a", "generation": 3, **fields})


def at(seconds: float) -> Time:
    return Time.from_unix(NOW + seconds)


def test_nothing_holds_it() -> None:
    assert decide(ALIVE) == Plan(go=True)


def test_a_finalizer_holds_it() -> None:
    plan = decide(meta(finalizers=("x/y",)))
    expected = meta(
        finalizers=("x/y",),
        generation=4,
        deletionTimestamp=at(0),
        deletionGracePeriodSeconds=0,
    )
    assert plan == Plan(ConfigMap(metadata=expected))


@pytest.mark.parametrize(
    ("finalizers", "strategy", "options", "expected"),
    [
        pytest.param((), PLAIN, {"propagationPolicy": "Orphan"}, ("orphan",), id="orphan"),
        pytest.param((), PLAIN, {"orphanDependents": True}, ("orphan",), id="orphan, old way"),
        pytest.param(
            ("x/y",),
            PLAIN,
            {"propagationPolicy": "Foreground"},
            ("foregroundDeletion", "x/y"),
            id="foreground beside another",
        ),
        pytest.param(
            ("foregroundDeletion",),
            PLAIN,
            {"propagationPolicy": "Orphan"},
            ("orphan",),
            id="another policy replaces the first",
        ),
        pytest.param(("orphan",), PLAIN, {}, ("orphan",), id="no policy keeps the first"),
        pytest.param((), ORPHANING, {}, ("orphan",), id="a kind that orphans by default"),
    ],
)
def test_policies(
    finalizers: tuple[str, ...],
    strategy: Strategy,
    options: dict[str, Any],
    expected: tuple[str, ...],
) -> None:
    plan = decide(meta(finalizers=finalizers), strategy, **options)
    assert plan.mark.metadata.finalizers == expected
    assert not plan.go


@pytest.mark.parametrize(
    ("finalizers", "strategy", "options"),
    [
        pytest.param((), ORPHANING, {"propagationPolicy": "Background"}, id="background"),
        pytest.param((), CHILDLESS, {"propagationPolicy": "Orphan"}, id="no dependents"),
        pytest.param((), ORPHANING, {"orphanDependents": False}, id="old way"),
    ],
)
def test_policies_that_hold_nothing(
    finalizers: tuple[str, ...], strategy: Strategy, options: dict[str, Any]
) -> None:
    assert decide(meta(finalizers=finalizers), strategy, **options) == Plan(go=True)


def test_background_takes_the_policy_finalizer_away_and_lets_go() -> None:
    plan = decide(meta(finalizers=("orphan",)), propagationPolicy="Background")
    assert plan == Plan(ConfigMap(metadata=ALIVE), go=True)


def test_a_grace_period_begins() -> None:
    plan = decide(ALIVE, GRACEFUL)
    expected = meta(generation=4, deletionTimestamp=at(30), deletionGracePeriodSeconds=30)
    assert plan == Plan(ConfigMap(metadata=expected))


def test_no_grace_is_written_and_then_done() -> None:
    plan = decide(ALIVE, GRACEFUL, gracePeriodSeconds=0)
    expected = meta(generation=4, deletionTimestamp=at(0), deletionGracePeriodSeconds=0)
    assert plan == Plan(ConfigMap(metadata=expected), go=True)


RUNNING = meta(generation=4, deletionTimestamp=at(30), deletionGracePeriodSeconds=30)


@pytest.mark.parametrize("asked", [None, 30, 100])
def test_a_running_grace_period_is_never_made_longer(asked: int | None) -> None:
    assert decide(RUNNING, GRACEFUL, gracePeriodSeconds=asked) == PENDING


def test_a_running_grace_period_can_be_made_shorter() -> None:
    plan = decide(RUNNING, GRACEFUL, gracePeriodSeconds=5)
    expected = meta(generation=4, deletionTimestamp=at(5), deletionGracePeriodSeconds=5)
    assert plan == Plan(ConfigMap(metadata=expected))


def test_a_grace_period_that_is_over_lets_go() -> None:
    over = meta(generation=4, deletionTimestamp=at(0), deletionGracePeriodSeconds=0)
    assert decide(over, GRACEFUL) == Plan(go=True)


def test_negative_grace_is_a_second() -> None:
    plan = decide(ALIVE, GRACEFUL, gracePeriodSeconds=-5)
    assert plan.mark.metadata.deletionGracePeriodSeconds == 1


@pytest.mark.parametrize(
    ("finalizers", "grace", "released"),
    [
        pytest.param((), 0, True, id="the last one is gone"),
        pytest.param(("x/y",), 0, False, id="one is left"),
        pytest.param((), 30, False, id="somebody still ends it"),
    ],
)
def test_release(finalizers: tuple[str, ...], grace: int, released: bool) -> None:
    old = ConfigMap(
        metadata=meta(
            finalizers=("x/y",), deletionTimestamp=at(0), deletionGracePeriodSeconds=grace
        )
    )
    new = ConfigMap(metadata=meta(finalizers=finalizers))
    assert deletion.is_released(new, old) is released
