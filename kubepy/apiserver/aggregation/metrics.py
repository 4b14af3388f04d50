"""Which APIServices cannot be used, for /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kubepy.api.apiregistration.v1 import APIService
from kubepy.apiserver.aggregation.availability import is_available
from kubepy.apiserver.registry.apiregistration.apiservice import AVAILABLE
from kubepy.meta import conditions


class Availabilities(Collector):
    """A gauge that collects itself: its name is that of the counter without `_total`, so that the
    registry would take a Gauge for the same metric."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._unavailable: dict[str, bool] = {}  # by the APIService's name
        self._times = Counter(
            "aggregator_unavailable_apiservice_total",
            "Times that an APIService has become unavailable, by its name and the reason.",
            ("name", "reason"),
            registry=registry,
        )
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "aggregator_unavailable_apiservice",
            "Whether an APIService is unavailable, by its name.",
            labels=("name",),
        )
        for name, unavailable in self._unavailable.items():
            family.add_metric((name,), float(unavailable))
        yield family

    def looked_at(self, old: APIService, new: APIService) -> None:
        """What has been found out about one."""
        name = new.metadata.name
        unavailable = self._unavailable[name] = not is_available(new)
        if unavailable and is_available(old):
            found = conditions.find(new.status.conditions, AVAILABLE)
            self._times.labels(name, found.reason if found else "UnknownReason").inc()

    def forget(self, name: str) -> None:
        self._unavailable.pop(name, None)
