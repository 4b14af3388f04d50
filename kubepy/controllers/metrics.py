"""What /metrics says of the controllers, under Kubernetes' names; read off when somebody asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kubepy.client.workqueue import WorkQueue

Queues = Callable[[], dict[str, WorkQueue[Any]]]


class Queued(Collector):
    """The work queues, by the controllers' names, and whether this instance leads."""

    def __init__(self, queues: Queues, leads: Callable[[], bool], lease: str) -> None:
        self._queues = queues
        self._leads = leads
        self._lease = lease

    def collect(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily(
            "workqueue_depth", "Keys that wait to be reconciled.", labels=["name"]
        )
        adds = CounterMetricFamily("workqueue_adds", "Keys that were queued.", labels=["name"])
        retries = CounterMetricFamily(
            "workqueue_retries", "Keys that were queued again after a failure.", labels=["name"]
        )
        for name, queue in self._queues().items():
            depth.add_metric([name], len(queue))
            adds.add_metric([name], queue.adds)
            retries.add_metric([name], queue.retries)
        leads = GaugeMetricFamily(
            "leader_election_master_status", "1: this instance leads.", labels=["name"]
        )
        leads.add_metric([self._lease], int(self._leads()))
        yield from (depth, adds, retries, leads)


def registry(queues: Queues, leads: Callable[[], bool], lease: str) -> CollectorRegistry:
    made = CollectorRegistry()
    ProcessCollector(registry=made)
    made.register(Queued(queues, leads, lease))
    return made
