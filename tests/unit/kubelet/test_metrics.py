"""What /metrics says, as a scraper reads it."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kubepy.api.core.v1 import Pod
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.kubelet.figures import Durations, Figures
from kubepy.kubelet.metrics import Running, text
from kubepy.kubelet.runtime.model import Observed, RuntimeContainer, Sandbox


class Ticking:
    """A clock on which each look takes a second."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self.monotonic()

    def monotonic(self) -> float:
        self._now += 1
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds


def scraped(running: Running, figures: Figures) -> dict[tuple[str, tuple[str, ...]], float]:
    families = text_string_to_metric_families(text(running, figures).decode())
    return {(s.name, tuple(s.labels.values())): s.value for f in families for s in f.samples}


def test_a_duration_counts_in_its_bound_and_every_larger_one():
    durations = Durations((1, 2))
    for seconds in (1.0, 1.5, 5.0):
        durations.observe(seconds)
    assert durations.cumulative() == [("1", 1), ("2", 2), ("+Inf", 3)]
    assert durations.sum == 7.5


def test_what_there_is_now():
    static = Pod(metadata=ObjectMeta(annotations={"kubernetes.io/config.mirror": "x"}))
    seen = Observed(
        sandboxes=(Sandbox("s", "web", "default", "uid"),),
        containers=(
            RuntimeContainer("a", "web", "s", "running"),
            RuntimeContainer("b", "web", "s", "exited"),
        ),
    )
    found = scraped(Running("n1", [Pod(), static], [seen]), Figures(Ticking()))
    assert found["kubelet_node_name", ("n1",)] == 1
    assert found["kubelet_running_pods", ()] == 1
    assert found["kubelet_running_containers", ("running",)] == 1
    assert found["kubelet_running_containers", ("exited",)] == 1
    assert found["kubelet_desired_pods", ("",)] == 1
    assert found["kubelet_desired_pods", ("true",)] == 1
    assert found["process_resident_memory_bytes", ()] > 0


def test_calls_to_the_runtime_are_counted_with_their_failures():
    figures = Figures(Ticking())
    with figures.calls.timed("create_container"):
        pass
    with pytest.raises(RuntimeError), figures.calls.timed("create_container"):
        raise RuntimeError
    found = scraped(Running("n1", [], []), figures)
    operation = ("create_container",)
    assert found["kubelet_runtime_operations_total", operation] == 2
    assert found["kubelet_runtime_operations_errors_total", operation] == 1
    assert found["kubelet_runtime_operations_duration_seconds_count", operation] == 2
    assert found["kubelet_runtime_operations_duration_seconds_sum", operation] == 2.0
