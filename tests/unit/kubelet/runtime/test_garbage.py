"""Dead containers and sandboxes: what stays and what goes."""

from __future__ import annotations

from kubepy.kubelet.runtime.garbage import garbage
from tests.unit.kubelet.pods import holds, record, sandbox


def ids(found):
    return [c.id for c in found.containers], [s.id for s in found.sandboxes]


def test_one_dead_container_stays_beside_the_running_one():
    seen = holds(
        record("app", restart_count=3),
        *(record("app", "exited", restart_count=n) for n in range(3)),
    )
    assert ids(garbage([("u1", seen)], {"u1"})) == (["app-1", "app-0"], [])


def test_the_last_of_a_crash_loop_stays():
    seen = holds(*(record("app", "exited", restart_count=n) for n in range(3)))
    assert ids(garbage([("u1", seen)], {"u1"})) == (["app-0"], [])


def test_old_sandboxes_go_when_they_are_empty():
    seen = holds(
        sandbox(2), sandbox(1, ready=False), sandbox(0, ready=False),
        record("app", sandbox_id="s2", restart_count=2),
        record("app", "exited", sandbox_id="s1", restart_count=1),
        record("app", "exited", sandbox_id="s0", restart_count=0),
    )  # fmt: skip
    assert ids(garbage([("u1", seen)], {"u1"})) == (["app-0"], ["s0"])


def test_nothing_of_a_pod_that_is_gone_stays():
    seen = holds(sandbox(ready=False), record("app", "exited"))
    found = garbage([("u1", seen)], set())
    assert ids(found) == (["app-0"], ["s0"])
    assert found.pods == ("u1",)


def test_what_runs_is_not_garbage():
    assert ids(garbage([("u1", holds(record("app")))], set())) == ([], [])
