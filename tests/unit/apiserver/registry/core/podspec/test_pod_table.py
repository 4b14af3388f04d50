"""The word that `kubectl get pods` shows, and the counts beside it."""

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Pod
from kubepy.apiserver.registry.core.podspec.table import row

NOW = 1_000_000.0  # 1970-01-12T13:46:40Z


def running(ready: bool = True, **more: Any) -> dict[str, Any]:
    state = {"running": {"startedAt": "1970-01-12T13:00:00Z"}}
    return {"name": "main", "ready": ready, "state": state, **more}


def waiting(reason: str, **more: Any) -> dict[str, Any]:
    return {"name": "main", "state": {"waiting": {"reason": reason}}, **more}


def ended(code: int, reason: str = "", signal: int = 0) -> dict[str, Any]:
    terminated = {"exitCode": code, "reason": reason, "signal": signal}
    return {"name": "main", "state": {"terminated": terminated}}


def restarted(times: int, at: str) -> dict[str, Any]:
    return {"restartCount": times, "lastState": {"terminated": {"exitCode": 1, "finishedAt": at}}}


READY = [{"type": "Ready", "status": "True"}]
GATED = [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]
SIDECAR = {"name": "side", "restartPolicy": "Always"}


def pod(
    *containers: dict[str, Any],
    init: list[dict[str, Any]] | None = None,
    spec: dict[str, Any] | None = None,
    deleted: bool = False,
    **status: Any,
) -> Pod:
    metadata = {"name": "p", "creationTimestamp": "1970-01-12T13:41:40Z"}
    if deleted:
        metadata["deletionTimestamp"] = "1970-01-12T13:46:00Z"
    body = {
        "metadata": metadata,
        "spec": {"containers": [{"name": "main"}], **(spec or {})},
        "status": {
            "phase": "Running",
            "containerStatuses": list(containers),
            "initContainerStatuses": init or [],
            **status,
        },
    }
    return codec.from_builtins(Pod, body)


INIT = {"initContainers": [{"name": "one"}, {"name": "two"}]}


@pytest.mark.parametrize(
    ("given", "ready", "status", "restarts"),
    [
        pytest.param(pod(running()), "1/1", "Running", "0", id="runs"),
        pytest.param(pod(running(ready=False)), "0/1", "Running", "0", id="runs, not ready"),
        pytest.param(pod(phase="Pending"), "0/1", "Pending", "0", id="waits for a node"),
        pytest.param(
            pod(waiting("CrashLoopBackOff", **restarted(3, "1970-01-12T13:44:40Z"))),
            "0/1", "CrashLoopBackOff", "3 (2m ago)", id="crashes",
        ),
        pytest.param(pod(waiting("ImagePullBackOff"), phase="Pending"), "0/1", "ImagePullBackOff",
                     "0", id="no image"),
        pytest.param(pod(ended(0, "Completed"), phase="Succeeded"), "0/1", "Completed", "0",
                     id="done"),
        pytest.param(pod(ended(1, "Error"), phase="Failed"), "0/1", "Error", "0", id="failed"),
        pytest.param(pod(ended(7), phase="Failed"), "0/1", "ExitCode:7", "0", id="exit code"),
        pytest.param(pod(ended(1, signal=9), phase="Failed"), "0/1", "Signal:9", "0",
                     id="signal"),
        pytest.param(pod(phase="Failed", reason="Evicted"), "0/1", "Evicted", "0", id="evicted"),
        pytest.param(pod(phase="Pending", conditions=GATED), "0/1", "SchedulingGated", "0",
                     id="gated"),
        pytest.param(pod(running(), deleted=True), "1/1", "Terminating", "0", id="being deleted"),
        pytest.param(pod(ended(0, "Completed"), phase="Succeeded", deleted=True), "0/1",
                     "Completed", "0", id="being deleted, but done"),
        pytest.param(pod(running(), deleted=True, reason="NodeLost"), "1/1", "Unknown", "0",
                     id="its node is lost"),
        pytest.param(
            pod(init=[{"name": "one", **running()}], spec=INIT, phase="Pending"),
            "0/1", "Init:0/2", "0", id="first init container runs",
        ),
        pytest.param(
            pod(init=[ended(0, "Completed"), waiting("PodInitializing")], spec=INIT,
                phase="Pending"),
            "0/1", "Init:1/2", "0", id="second init container waits",
        ),
        pytest.param(
            pod(init=[waiting("CrashLoopBackOff", **restarted(2, "1970-01-12T13:46:10Z"))],
                spec=INIT, phase="Pending"),
            "0/1", "Init:CrashLoopBackOff", "2 (30s ago)", id="init container crashes",
        ),
        pytest.param(pod(init=[ended(3)], spec=INIT, phase="Failed"), "0/1", "Init:ExitCode:3",
                     "0", id="init container failed"),
        pytest.param(
            pod(running(), init=[{"name": "side", **running(started=True)} | {"name": "side"}],
                spec={"initContainers": [SIDECAR]}),
            "2/2", "Running", "0", id="a sidecar counts",
        ),
        pytest.param(
            pod(running(name="a"), {**ended(0, "Completed"), "name": "b"}, conditions=READY,
                spec={"containers": [{"name": "a"}, {"name": "b"}]}),
            "1/2", "Running", "0", id="one of two is done",
        ),
        pytest.param(
            pod({**ended(0, "Completed"), "name": "a"}, running(name="b"),
                spec={"containers": [{"name": "a"}, {"name": "b"}]}),
            "1/2", "NotReady", "0", id="one of two is done, the other not ready",
        ),
    ],
)  # fmt: skip
def test_status(given: Pod, ready: str, status: str, restarts: str) -> None:
    assert row(given, NOW)[:5] == ("p", ready, status, restarts, "5m")


def test_wide_columns() -> None:
    assert row(pod(), NOW)[5:] == ("<none>", "<none>", "<none>", "<none>")
    placed = pod(
        podIPs=[{"ip": "10.244.0.7"}],
        nominatedNodeName="n2",
        conditions=[{"type": "a/b", "status": "True"}, {"type": "a/c", "status": "False"}],
        spec={
            "nodeName": "n1",
            "readinessGates": [{"conditionType": "a/b"}, {"conditionType": "a/c"}],
        },
    )
    assert row(placed, NOW)[5:] == ("10.244.0.7", "n1", "n2", "1/2")
