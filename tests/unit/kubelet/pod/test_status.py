"""What the API is told of a pod, for what the runtime holds of it."""

from __future__ import annotations

import pytest

from kubepy.api import codec
from kubepy.api.types import Time
from kubepy.kubelet.pod.plan import Probes, Waiting
from kubepy.kubelet.pod.status import Scene, Verdict, compute
from tests.unit.kubelet.pods import NOTHING, SECOND, holds, pod, record, sandbox, sidecar

NOW = Time("2026-01-02T03:04:05Z")


def status_of(of, observed, previous=None, **scene):
    scene.setdefault("host_ips", ("192.168.0.1",))
    return compute(of, observed, previous or of.status, Scene(now=NOW, **scene))


def plain(value):
    return codec.to_builtins(value)


def condition(status, kind):
    found = plain(next(c for c in status.conditions if c.type == kind))
    return found["status"], found.get("reason", ""), found.get("message", "")


CRASHED = Waiting("CrashLoopBackOff", "back-off 10s", 0.0)
ALWAYS, NEVER, FAILURE = (pod(restartPolicy=p) for p in ("Always", "Never", "OnFailure"))


@pytest.mark.parametrize(
    ("of", "observed", "scene", "phase"),
    [
        pytest.param(ALWAYS, NOTHING, {}, "Pending", id="nothing there yet"),
        pytest.param(ALWAYS, holds(record("app")), {}, "Running", id="running"),
        pytest.param(pod("a", "b"), holds(record("a")), {}, "Pending", id="one is missing"),
        pytest.param(ALWAYS, holds(record("app", "exited")), {}, "Running", id="will be restarted"),
        pytest.param(
            ALWAYS, holds(record("app", "exited", exit_code=1)), {"waiting": {"app": CRASHED}},
            "Running", id="crash loops are running",
        ),
        pytest.param(FAILURE, holds(record("app", "exited")), {}, "Succeeded", id="succeeded"),
        pytest.param(
            FAILURE, holds(record("app", "exited", exit_code=1)), {}, "Running", id="tries again"
        ),
        pytest.param(
            NEVER, holds(record("app", "exited", exit_code=1)), {}, "Failed", id="failed"
        ),
        pytest.param(
            ALWAYS, holds(record("app", "exited")), {"ended": True}, "Succeeded",
            id="deleted while all succeed",
        ),
        pytest.param(
            ALWAYS, holds(record("app", "exited", exit_code=137)), {"ended": True}, "Failed",
            id="killed on deletion",
        ),
        pytest.param(
            pod("app", init=("one",)), holds(record("one")), {}, "Pending", id="initializing"
        ),
        pytest.param(
            pod("app", init=("one",), restartPolicy="Never"),
            holds(record("one", "exited", exit_code=1)), {}, "Failed", id="init failed for good",
        ),
        pytest.param(
            pod("app", init=(sidecar("p"),)), holds(record("p"), record("app")), {}, "Running",
            id="with a sidecar",
        ),
        pytest.param(
            pod("app", init=(sidecar("p"),), restartPolicy="Never"),
            holds(record("p", "exited"), record("app", "exited")), {}, "Succeeded",
            id="sidecars do not count in the end",
        ),
        pytest.param(
            ALWAYS, holds(record("app")), {"verdict": Verdict("Failed", "Evicted", "low memory")},
            "Failed", id="evicted",
        ),
        pytest.param(
            pod(status={"phase": "Failed"}), holds(record("app")), {}, "Failed",
            id="a final phase stays",
        ),
    ],
)  # fmt: skip
def test_phase(of, observed, scene, phase):
    assert status_of(of, observed, **scene).phase == phase


@pytest.mark.parametrize(
    ("of", "observed", "scene", "state", "last"),
    [
        pytest.param(
            pod(), NOTHING, {}, {"waiting": {"reason": "ContainerCreating"}}, {}, id="creating"
        ),
        pytest.param(
            pod("app", init=("one",)), NOTHING, {}, {"waiting": {"reason": "PodInitializing"}}, {},
            id="behind init containers",
        ),
        pytest.param(
            pod(), holds(record("app", started_at=60 * SECOND)), {},
            {"running": {"startedAt": "1970-01-01T00:01:00Z"}}, {}, id="running",
        ),
        pytest.param(
            pod(), NOTHING, {"waiting": {"app": Waiting("ErrImagePull", "not found")}},
            {"waiting": {"reason": "ErrImagePull", "message": "not found"}}, {},
            id="an image that does not come",
        ),
        pytest.param(
            pod(), holds(record("app", "exited", exit_code=137, reason="OOMKilled")),
            {"waiting": {"app": CRASHED}},
            {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
            {"terminated": {
                "exitCode": 137, "reason": "OOMKilled", "containerID": "containerd://app-0",
                "startedAt": "1970-01-01T00:00:10Z", "finishedAt": "1970-01-01T00:01:40Z",
            }},
            id="crash loop",
        ),
        pytest.param(
            pod(),
            holds(
                record("app", restart_count=1),
                record("app", "exited", exit_code=1, reason="Error", message="bye"),
            ), {},
            {"running": {"startedAt": "1970-01-01T00:00:11Z"}},
            {"terminated": {
                "exitCode": 1, "reason": "Error", "message": "bye",
                "containerID": "containerd://app-0",
                "startedAt": "1970-01-01T00:00:10Z", "finishedAt": "1970-01-01T00:01:40Z",
            }},
            id="restarted",
        ),
    ],
)  # fmt: skip
def test_container_state(of, observed, scene, state, last):
    [found] = status_of(of, observed, **scene).containerStatuses
    assert plain(found.state) == state
    assert plain(found.lastState) == last


def test_a_running_container_in_full():
    of = pod(
        {
            "name": "app",
            "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
            "volumeMounts": [{"name": "v", "mountPath": "/v", "readOnly": True}],
        }
    )
    seen = record(
        "app", image="docker.io/library/busybox:latest", image_ref="sha256:abc", restart_count=2
    )
    [found] = status_of(of, holds(seen)).containerStatuses
    assert plain(found) == {
        "name": "app",
        "state": {"running": {"startedAt": "1970-01-01T00:00:12Z"}},
        "lastState": {},
        "ready": True,
        "started": True,
        "restartCount": 2,
        "image": "docker.io/library/busybox:latest",
        "imageID": "sha256:abc",
        "containerID": "containerd://app-2",
        "allocatedResources": {"cpu": "100m"},
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
        "volumeMounts": [
            {"name": "v", "mountPath": "/v", "readOnly": True, "recursiveReadOnly": "Disabled"}
        ],
    }


def test_the_whole_status_of_a_ready_pod():
    found = plain(status_of(pod(), holds(sandbox(), record("app"))))
    del found["containerStatuses"]
    stamp = {"lastProbeTime": None, "lastTransitionTime": NOW, "observedGeneration": 1}
    kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    assert found == {
        "observedGeneration": 1,
        "phase": "Running",
        "conditions": [{"type": kind, "status": "True", **stamp} for kind in kinds],
        "hostIP": "192.168.0.1",
        "hostIPs": [{"ip": "192.168.0.1"}],
        "podIP": "10.244.0.5",
        "podIPs": [{"ip": "10.244.0.5"}],
        "startTime": NOW,
        "qosClass": "BestEffort",
    }


PROBED = {"name": "app", "readinessProbe": {"exec": {}}, "startupProbe": {"exec": {}}}


@pytest.mark.parametrize(
    ("probes", "started", "ready"),
    [
        pytest.param(Probes(), False, False, id="nothing known"),
        pytest.param(Probes(readiness=True), False, False, id="not started is not ready"),
        pytest.param(Probes(startup=True), True, False, id="started"),
        pytest.param(Probes(startup=True, readiness=True), True, True, id="ready"),
        pytest.param(Probes(startup=True, readiness=False), True, False, id="no longer ready"),
    ],
)
def test_probes(probes, started, ready):
    status = status_of(pod(PROBED), holds(record("app")), probes={"app-0": probes})
    [found] = status.containerStatuses
    assert (found.started, found.ready) == (started, ready)
    if not ready:
        assert condition(status, "Ready") == (
            "False", "ContainersNotReady", "containers with unready status: [app]",
        )  # fmt: skip


def test_conditions_of_a_pod_that_initializes():
    status = status_of(pod("app", init=("one", "two")), holds(record("one", "exited")))
    assert condition(status, "Initialized") == (
        "False", "ContainersNotInitialized", "containers with incomplete status: [two]",
    )  # fmt: skip
    assert condition(status, "PodReadyToStartContainers") == ("True", "", "")


@pytest.mark.parametrize(
    ("exit_code", "reason", "initialized"),
    [(0, "PodCompleted", "PodCompleted"), (1, "PodFailed", "")],
)
def test_conditions_of_a_pod_that_ended(exit_code, reason, initialized):
    status = status_of(
        NEVER, holds(sandbox(ready=False), record("app", "exited", exit_code=exit_code))
    )
    assert condition(status, "Ready") == ("False", reason, "")
    assert condition(status, "Initialized") == ("True", initialized, "")


def test_readiness_gates_and_foreign_conditions():
    gated = {"readinessGates": [{"conditionType": "lb"}]}
    status = status_of(pod(**gated), holds(record("app")))
    assert condition(status, "Ready") == (
        "False", "ReadinessGatesNotReady",
        'corresponding condition of pod readiness gate "lb" does not exist.',
    )  # fmt: skip
    assert condition(status, "ContainersReady")[0] == "True"
    lb = {"type": "lb", "status": "True", "lastTransitionTime": "2020-01-01T00:00:00Z"}
    status = status_of(pod(**gated, status={"conditions": [lb]}), holds(record("app")))
    assert condition(status, "Ready") == ("True", "", "")
    assert status.conditions[0].lastTransitionTime == "2020-01-01T00:00:00Z"


def test_a_transition_keeps_its_time_until_the_status_changes():
    first = status_of(pod(), NOTHING)
    later = Scene(now=Time("2026-01-02T03:04:09Z"))
    second = compute(pod(), holds(record("app")), first, later)
    times = {c.type: c.lastTransitionTime for c in second.conditions}
    assert times["Initialized"] == NOW
    assert times["Ready"] == later.now


def test_what_the_runtime_forgot_is_remembered():
    first = status_of(pod(), holds(record("app", restart_count=3)))
    [found] = status_of(pod(), holds(), first).containerStatuses
    assert found.restartCount == 4
    assert found.lastState.terminated.exitCode == 137
    assert found.lastState.terminated.reason == "ContainerStatusUnknown"


UNKNOWN = {"terminated": {
    "exitCode": 137, "reason": "ContainerStatusUnknown", "startedAt": None, "finishedAt": None,
    "message": "The container could not be located when the pod was terminated",
}}  # fmt: skip
INITIALIZING = {"waiting": {"reason": "PodInitializing"}}


@pytest.mark.parametrize(
    ("of", "observed", "init", "regular"),
    [
        pytest.param(pod(), NOTHING, [], UNKNOWN, id="its end came before its containers"),
        pytest.param(
            pod("app", init=("one", "two")), NOTHING, [UNKNOWN, INITIALIZING], INITIALIZING,
            id="not initialized",
        ),
        pytest.param(
            pod("app", init=("one", sidecar("two"))), holds(record("one", "exited"), record("two")),
            ["exited", UNKNOWN], UNKNOWN, id="behind a sidecar that is up",
        ),
        pytest.param(
            pod("app", init=("one",)), holds(record("one", "exited")), ["exited"], UNKNOWN,
            id="initialized",
        ),
        pytest.param(
            pod("app", init=("one",)), holds(record("one", "exited", exit_code=1)), ["exited"],
            INITIALIZING, id="failed to initialize",
        ),
    ],
)  # fmt: skip
def test_what_nobody_knows_the_end_of_has_failed(of, observed, init, regular):
    final = status_of(of, observed, ended=True)
    assert final.phase == "Failed"
    found = [plain(status.state) for status in final.initContainerStatuses]
    known = ["exited" if state != UNKNOWN and "terminated" in state else state for state in found]
    assert known == init
    assert plain(final.containerStatuses[0].state) == regular


def test_an_ended_pod_keeps_its_address():
    first = status_of(pod(), holds(record("app")))
    final = status_of(
        pod(), holds(sandbox(ready=False), record("app", "exited")), first, ended=True
    )
    assert final.podIP == "10.244.0.5"


@pytest.mark.parametrize(
    ("hosts", "ips"),
    [(("192.168.0.1",), ["10.0.0.1", "fd00::1"]), (("fd30::1",), ["fd00::1", "10.0.0.1"])],
)
def test_the_node_s_family_comes_first(hosts, ips):
    dual = holds(sandbox(ips=("fd00::1", "10.0.0.1", "10.0.0.2")), record("app"))
    assert [ip.ip for ip in status_of(pod(), dual, host_ips=hosts).podIPs] == ips


@pytest.mark.parametrize(
    ("resources", "qos"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}, "Burstable"),
        (
            {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1000m"}},
            "Guaranteed",
        ),
    ],
)
def test_qos(resources, qos):
    of = pod({"name": "app", "resources": resources})
    assert status_of(of, NOTHING).qosClass == qos
