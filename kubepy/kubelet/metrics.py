"""What /metrics says, under Kubernetes' names; read off when somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from kubepy.api.core.v1 import Pod
from kubepy.kubelet.figures import Figures
from kubepy.kubelet.runtime.model import Observed
from kubepy.kubelet.sources.mirrors import is_mirror


class Running(Collector):
    """What there is now: pods that are wanted, and what the runtime holds."""

    def __init__(self, node: str, pods: Iterable[Pod], observed: Iterable[Observed]) -> None:
        self._node = node
        self._pods = list(pods)
        self._observed = list(observed)

    def collect(self) -> Iterator[Metric]:
        name = GaugeMetricFamily("kubelet_node_name", "The node's name.", labels=["node"])
        name.add_metric([self._node], 1)
        running = sum(any(s.ready for s in seen.sandboxes) for seen in self._observed)
        pods = GaugeMetricFamily("kubelet_running_pods", "Pods whose sandbox runs.", running)
        containers = GaugeMetricFamily(
            "kubelet_running_containers", "Containers by state.", labels=["container_state"]
        )
        states = Counter(c.state for seen in self._observed for c in seen.containers)
        for state in ("created", "exited", "running", "unknown"):
            containers.add_metric([state], states[state])
        desired = GaugeMetricFamily(
            "kubelet_desired_pods", "Pods that are to run here.", labels=["static"]
        )
        static = sum(is_mirror(pod) for pod in self._pods)
        desired.add_metric([""], len(self._pods) - static)
        desired.add_metric(["true"], static)
        yield from (name, pods, containers, desired)


class Counted(Collector):
    """What was counted since the kubelet started."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        figures, calls = self._figures, self._figures.calls
        starts = HistogramMetricFamily(
            "kubelet_pod_start_duration_seconds", "From seeing a pod until it ran."
        )
        starts.add_metric([], figures.pod_starts.cumulative(), figures.pod_starts.sum)
        yield starts
        yield CounterMetricFamily("kubelet_started_pods", "Pods started.", figures.started_pods)
        yield _counter(
            "kubelet_started_containers", "Containers started.", "container_type",
            figures.started_containers,
        )  # fmt: skip
        name, label = "kubelet_runtime_operations", "operation_type"
        yield _counter(name, "Calls to the runtime.", label, calls.total)
        yield _counter(f"{name}_errors", "Calls to the runtime that failed.", label, calls.errors)
        took = HistogramMetricFamily(
            f"{name}_duration_seconds", "How long calls to the runtime took.", labels=[label]
        )
        for operation, durations in sorted(calls.durations.items()):
            took.add_metric([operation], durations.cumulative(), durations.sum)
        yield took


def _counter(name: str, words: str, label: str, counts: Counter[str]) -> Metric:
    family = CounterMetricFamily(name, words, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([value], count)
    return family


def text(running: Running, figures: Figures) -> bytes:
    """The whole answer, in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(running)
    registry.register(Counted(figures))
    ProcessCollector(registry=registry)
    return generate_latest(registry)
