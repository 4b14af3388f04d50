"""What /metrics says of APIServices."""

from __future__ import annotations

from msgspec.structs import replace
from prometheus_client import CollectorRegistry, generate_latest

from kubepy.api.apiregistration.v1 import APIService, APIServiceStatus
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.aggregation import availability
from kubepy.apiserver.aggregation.metrics import Availabilities

NEW = APIService(metadata=ObjectMeta(name="v1.x"))


def service(*conditions):
    return replace(NEW, status=APIServiceStatus(conditions=conditions))


def shown(registry, name):
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if line.startswith(f"{name}{{")]


def test_who_becomes_unavailable_is_counted_and_who_is_is_shown():
    registry = CollectorRegistry()
    found = Availabilities(registry)
    well = service(availability.PASSED)
    ill = service(availability.unavailable("MissingEndpoints", "none"))
    found.looked_at(NEW, well)
    gauge, counter = "aggregator_unavailable_apiservice", "aggregator_unavailable_apiservice_total"
    assert shown(registry, gauge) == [f'{gauge}{{name="v1.x"}} 0.0']
    found.looked_at(well, ill)
    found.looked_at(ill, ill)
    assert shown(registry, gauge) == [f'{gauge}{{name="v1.x"}} 1.0']
    assert shown(registry, counter) == [f'{counter}{{name="v1.x",reason="MissingEndpoints"}} 1.0']
    found.forget("v1.x")
    assert shown(registry, gauge) == []
