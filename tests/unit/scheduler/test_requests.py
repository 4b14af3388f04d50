"""What pods ask for in sum."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Pod
from kubepy.scheduler.requests import assumed_requests, pod_requests


def container(cpu: str, **more: Any) -> dict[str, Any]:
    return {"name": "c", "resources": {"requests": {"cpu": cpu} if cpu else {}}, **more}


def sidecar(cpu: str) -> dict[str, Any]:
    return container(cpu, restartPolicy="Always")


@pytest.mark.parametrize(
    ("spec", "millicores"),
    [
        pytest.param({"containers": [container("100m"), container("1")]}, 1100, id="together"),
        pytest.param({"containers": [container("")]}, 0, id="nothing"),
        pytest.param(
            {"initContainers": [container("2"), container("1")], "containers": [container("1")]},
            2000, id="init containers one by one",
        ),
        pytest.param(
            {"initContainers": [sidecar("1")], "containers": [container("1")]},
            2000, id="a sidecar stays",
        ),
        pytest.param(
            {"initContainers": [container("3"), sidecar("1"), container("1")],
             "containers": [container("500m")]},
            3000, id="an init container before the sidecar runs without it",
        ),
        pytest.param(
            {"initContainers": [sidecar("1"), container("3")], "containers": [container("500m")]},
            4000, id="one behind it does not",
        ),
        pytest.param(
            {"containers": [container("1")], "overhead": {"cpu": "250m"}}, 1250, id="overhead"
        ),
        pytest.param(
            {"containers": [container("1")], "resources": {"requests": {"cpu": "3"}}},
            3000, id="the pod as a whole says more",
        ),
    ],
)  # fmt: skip
def test_pod_requests(spec: dict[str, Any], millicores: int) -> None:
    pod = codec.from_builtins(Pod, {"spec": spec})
    assert pod_requests(pod).get("cpu", 0) == millicores


def test_units_round_up() -> None:
    requests = {"cpu": "1500u", "memory": "1500m", "example.com/gpu": "2"}
    spec = {"containers": [{"name": "c", "resources": {"requests": requests}}]}
    pod = codec.from_builtins(Pod, {"spec": spec})
    assert pod_requests(pod) == {"cpu": 2, "memory": 2, "example.com/gpu": 2}


def test_what_is_assumed_of_containers_that_say_nothing() -> None:
    pod = codec.from_builtins(Pod, {"spec": {"containers": [container("1"), container("")]}})
    assert assumed_requests(pod) == {"cpu": 1100, "memory": 400 << 20}
