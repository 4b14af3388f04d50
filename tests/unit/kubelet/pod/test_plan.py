"""The pod's state machine, as a table."""

from __future__ import annotations

import pytest

from kubepy.kubelet.pod.backoff import Backoff
from kubepy.kubelet.pod.containers import definition_hash
from kubepy.kubelet.pod.plan import (
    Circumstances,
    CreateSandbox,
    Probes,
    Start,
    Stop,
    StopSandbox,
    Termination,
    Waiting,
    plan,
)
from tests.unit.kubelet.pods import NOTHING, holds, pod, record, sandbox, sidecar

NOW = 100.0


def given(**more):
    return Circumstances(now=NOW, **more)


def names(found):
    return [getattr(a, "name", None) or type(a).__name__ for a in found.actions]


RUNNING, DONE, FAILED = (
    lambda n, **k: record(n, **k),
    lambda n, **k: record(n, "exited", exit_code=0, **k),
    lambda n, **k: record(n, "exited", exit_code=1, **k),
)


@pytest.mark.parametrize(
    ("of", "observed", "actions"),
    [
        pytest.param(pod(), NOTHING, [CreateSandbox(0)], id="a new pod gets a sandbox"),
        pytest.param(
            pod("a", "b"),
            holds(),
            [Start("a", "regular"), Start("b", "regular")],
            id="then its containers in order",
        ),
        pytest.param(pod(), holds(RUNNING("app")), [], id="a running pod is settled"),
        pytest.param(
            pod(), holds(FAILED("app")), [Start("app", "regular", 1)], id="a crash restarts at once"
        ),
        pytest.param(
            pod(),
            holds(record("app", "created")),
            [Start("app", "regular", 1)],
            id="created but never started is started again",
        ),
        pytest.param(
            pod("a", "b", restartPolicy="OnFailure"),
            holds(DONE("a"), FAILED("b")),
            [Start("b", "regular", 1)],
            id="OnFailure restarts what failed",
        ),
        pytest.param(
            pod(restartPolicy="Never"), holds(FAILED("app")), [], id="Never restarts nothing"
        ),
        pytest.param(
            pod(), holds(sandbox(ready=False), FAILED("app")),
            [StopSandbox("s0"), CreateSandbox(1)], id="a dead sandbox is renewed",
        ),
        pytest.param(
            pod(), holds(sandbox(ips=())), [StopSandbox("s0"), CreateSandbox(1)],
            id="a sandbox without address is renewed",
        ),
        pytest.param(
            pod(hostNetwork=True), holds(sandbox(ips=())), [StopSandbox("s0"), CreateSandbox(1)],
            id="the wrong network is renewed",
        ),
        pytest.param(
            pod(ephemeralContainers=[{"name": "debug", "image": "busybox"}]),
            holds(RUNNING("app")),
            [Start("debug", "ephemeral")],
            id="an ephemeral container starts",
        ),
        pytest.param(
            pod(ephemeralContainers=[{"name": "debug", "image": "busybox"}]),
            holds(RUNNING("app"), FAILED("debug")),
            [],
            id="an ephemeral container starts once",
        ),
    ],
)  # fmt: skip
def test_regular_containers(of, observed, actions):
    assert list(plan(of, observed, given()).actions) == actions


INIT = pod("app", init=("one", "two"))
SIDECARS = pod("app", init=(sidecar("proxy"), "setup"))


@pytest.mark.parametrize(
    ("of", "observed", "starts"),
    [
        pytest.param(INIT, holds(), ["one"], id="the first one alone"),
        pytest.param(INIT, holds(RUNNING("one")), [], id="others wait for it"),
        pytest.param(INIT, holds(DONE("one")), ["two"], id="one after the other"),
        pytest.param(INIT, holds(FAILED("one")), ["one"], id="a failed one again"),
        pytest.param(INIT, holds(DONE("two")), ["app"], id="earlier records may be gone"),
        pytest.param(INIT, holds(RUNNING("app")), [], id="all records may be gone"),
        pytest.param(
            INIT,
            holds(sandbox(1), DONE("one"), DONE("two"), FAILED("app")),
            ["one"],
            id="a new sandbox begins anew",
        ),
        pytest.param(SIDECARS, holds(RUNNING("proxy")), ["setup"], id="a sidecar does not block"),
        pytest.param(
            SIDECARS, holds(RUNNING("proxy"), DONE("setup")), ["app"], id="it stays beside the app"
        ),
        pytest.param(
            SIDECARS,
            holds(DONE("proxy"), RUNNING("setup")),
            ["proxy"],
            id="it is restarted during initialization",
        ),
        pytest.param(
            SIDECARS, holds(DONE("proxy"), RUNNING("app")), ["proxy"], id="and beside the app"
        ),
        pytest.param(
            pod("app", init=(sidecar("proxy", startupProbe={"exec": {"command": ["x"]}}),)),
            holds(RUNNING("proxy")),
            [],
            id="its startup probe holds the app",
        ),
    ],
)
def test_init_containers(of, observed, starts):
    assert names(plan(of, observed, given())) == starts


@pytest.mark.parametrize(
    ("of", "observed", "finished"),
    [
        pytest.param(pod(restartPolicy="Never"), holds(FAILED("app")), True, id="never, failed"),
        pytest.param(pod(restartPolicy="OnFailure"), holds(DONE("app")), True, id="done"),
        pytest.param(pod(restartPolicy="OnFailure"), holds(FAILED("app")), False, id="goes on"),
        pytest.param(pod(), holds(DONE("app")), False, id="always goes on"),
        pytest.param(
            pod("app", init=("one",), restartPolicy="Never"), holds(FAILED("one")), True,
            id="a failed init container ends a pod that never restarts",
        ),
        pytest.param(
            pod("app", init=(sidecar("p"),), restartPolicy="Never"),
            holds(RUNNING("p"), DONE("app")), True, id="sidecars keep no pod alive",
        ),
        pytest.param(
            pod(restartPolicy="Never"), holds(sandbox(ready=False), FAILED("app")), True,
            id="a lost sandbox ends a pod that never restarts",
        ),
        pytest.param(
            pod(restartPolicy="OnFailure"), holds(sandbox(ready=False), DONE("app")), True,
            id="a lost sandbox with nothing left to do",
        ),
    ],
)  # fmt: skip
def test_a_pod_comes_to_its_end(of, observed, finished):
    assert plan(of, observed, given()).finished is finished


LIVENESS = {"name": "app", "livenessProbe": {"exec": {"command": ["x"]}}}
QUICK = {
    "name": "app",
    "livenessProbe": {"exec": {"command": ["x"]}, "terminationGracePeriodSeconds": 5},
}


@pytest.mark.parametrize(
    ("of", "probes", "message", "grace"),
    [
        pytest.param(
            pod(LIVENESS), Probes(liveness=False),
            "Container app failed liveness probe, will be restarted", 30, id="liveness",
        ),
        pytest.param(
            pod(LIVENESS), Probes(startup=False),
            "Container app failed startup probe, will be restarted", 30, id="startup",
        ),
        pytest.param(
            pod(LIVENESS, restartPolicy="Never"), Probes(liveness=False),
            "Container app failed liveness probe", 30, id="never restarted",
        ),
        pytest.param(
            pod(QUICK), Probes(liveness=False),
            "Container app failed liveness probe, will be restarted", 5, id="the probe's own grace",
        ),
    ],
)  # fmt: skip
def test_a_failed_probe_stops_the_container(of, probes, message, grace):
    [stop] = plan(of, holds(RUNNING("app")), given(probes={"app-0": probes})).actions
    assert isinstance(stop, Stop)
    assert (stop.message, stop.grace) == (message, grace)


def test_an_unready_container_is_left_alone():
    found = plan(
        pod(LIVENESS), holds(RUNNING("app")), given(probes={"app-0": Probes(readiness=False)})
    )
    assert found.actions == ()


def test_a_changed_image_replaces_the_container():
    [stop] = plan(pod(), holds(RUNNING("app", hash="other")), given()).actions
    assert stop.message == "Container app definition changed, will be restarted"
    after = holds(FAILED("app", hash="other"))
    backoffs = {"app": Backoff(300, NOW, "other")}
    assert names(plan(pod(), after, given(backoffs=backoffs))) == ["app"]


def test_crash_back_off_holds_and_says_when():
    definition = definition_hash(pod().spec.containers[0])
    found = plan(
        pod(),
        holds(FAILED("app", hash=definition)),
        given(backoffs={"app": Backoff(160, 90.0, definition)}),
    )
    assert found.actions == ()
    assert found.wake_at == 260.0
    assert not found.finished
    assert found.waiting["app"] == Waiting(
        "CrashLoopBackOff",
        "back-off 2m40s restarting failed container=app pod=web_default(u1)",
        260.0,
    )


def test_crash_back_off_ends():
    definition = definition_hash(pod().spec.containers[0])
    backoffs = {"app": Backoff(20, 90.0, definition)}
    later = Circumstances(now=120.0, backoffs=backoffs)
    assert names(plan(pod(), holds(FAILED("app", hash=definition)), later)) == ["app"]


def test_a_fresh_failure_holds_only_its_container():
    found = plan(
        pod("a", "b"), holds(), given(held={"a": Waiting("ErrImagePull", "no such image", 105.0)})
    )
    assert names(found) == ["b"]
    assert found.wake_at == 105.0


def ending(seconds: float):
    return given(termination=Termination(deadline=NOW + seconds))


def test_termination_stops_regular_containers_together_then_sidecars_backwards():
    of = pod("a", "b", init=(sidecar("p"), sidecar("q")))
    everything = [RUNNING(n) for n in "abpq"]
    assert names(plan(of, holds(*everything), ending(30))) == ["a", "b"]
    gone = [DONE("a"), DONE("b")]
    assert names(plan(of, holds(*gone, RUNNING("p"), RUNNING("q")), ending(12))) == ["q"]
    assert names(plan(of, holds(*gone, RUNNING("p"), DONE("q")), ending(11))) == ["p"]
    gone += [DONE("p"), DONE("q")]
    assert plan(of, holds(*gone), ending(1)).actions == (StopSandbox("s0"),)
    assert plan(of, holds(sandbox(ready=False), *gone), ending(1)).actions == ()


@pytest.mark.parametrize(("left", "grace"), [(30, 30), (2.5, 3), (0, 2), (-7, 2)])
def test_the_grace_is_what_is_left_of_it(left, grace):
    [stop] = plan(pod(), holds(RUNNING("app")), ending(left)).actions
    assert stop.grace == grace
    assert stop.message == "Stopping container app"


def test_container_rules_come_before_policies():
    rule = {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}
    of = pod(
        {"name": "app", "restartPolicy": "Never", "restartPolicyRules": [rule]},
        restartPolicy="Never",
    )
    again = plan(of, holds(record("app", "exited", exit_code=42)), given())
    assert names(again) == ["app"]
    assert plan(of, holds(record("app", "exited", exit_code=1)), given()).finished
