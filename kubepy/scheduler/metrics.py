"""The scheduler's metrics, under Kubernetes' names."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kubepy.scheduler.queue import Place, PodQueue

_SECONDS = tuple(0.001 * 2**power for power in range(15))


class PendingPods(Collector):
    """Counted when somebody asks: the queue keeps no figures."""

    def __init__(self, queue: PodQueue) -> None:
        self._queue = queue

    def collect(self) -> Iterable[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "scheduler_pending_pods",
            "Pods that wait, by where: active, backoff, unschedulable, gated.",
            labels=["queue"],
        )
        backing_off = self._queue.count(Place.BACKOFF) + self._queue.count(Place.FAILED)
        family.add_metric(["active"], self._queue.count(Place.ACTIVE))
        family.add_metric(["backoff"], backing_off)
        family.add_metric(["unschedulable"], self._queue.count(Place.UNSCHEDULABLE))
        family.add_metric(["gated"], self._queue.count(Place.GATED))
        yield family


class Metrics:
    """One scheduler's; several can live in a process, so the registry is its own."""

    def __init__(self, queue: PodQueue) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(PendingPods(queue))
        attempts = Histogram(
            "scheduler_scheduling_attempt_duration_seconds",
            "From the pop of a pod to its placement or rejection, without binding.",
            ["result", "profile"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.attempts = attempts
        self.binding = Histogram(
            "scheduler_pod_scheduling_sli_duration_seconds",
            "From the first sight of a pod to its binding.",
            ["attempts"],
            buckets=tuple(0.01 * 2**power for power in range(20)),
            registry=self.registry,
        )
        self.schedule_attempts = Counter(
            "scheduler_schedule_attempts_total",
            "Attempts to place a pod, by result: scheduled, unschedulable, error.",
            ["result", "profile"],
            registry=self.registry,
        )
