"""Whether the server behind an APIService can be used: its condition Available. Pure.

Everything that can be told without asking the server comes first; only then it is asked for the
document of its group version.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kubepy.api.apiregistration.v1 import APIService, APIServiceCondition
from kubepy.api.core.v1 import Service, ServicePort
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.types import Time
from kubepy.apiserver.registry.apiregistration.apiservice import AVAILABLE, LOCAL
from kubepy.apiserver.streaming.endpoints import CLUSTER_IP, is_ready
from kubepy.meta import conditions

PASSED = APIServiceCondition(
    type=AVAILABLE, status=conditions.TRUE, reason="Passed", message="all checks passed"
)


def is_available(service: APIService) -> bool:
    return conditions.is_true(service.status.conditions, AVAILABLE)


def unavailable(reason: str, message: str) -> APIServiceCondition:
    return APIServiceCondition(
        type=AVAILABLE, status=conditions.FALSE, reason=reason, message=message
    )


def failed_check(message: str) -> APIServiceCondition:
    return unavailable("FailedDiscoveryCheck", message)


def foreseen(
    apiservice: APIService, service: Service | None, slices: Sequence[EndpointSlice]
) -> APIServiceCondition | None:
    """The condition, as far as it follows from what the caches hold; None: ask the server."""
    reference = apiservice.spec.service
    if reference is None:
        return LOCAL
    here = f'service/{reference.name} in "{reference.namespace}"'
    if service is None:
        return unavailable("ServiceNotFound", f"{here} is not present")
    if service.spec.type != CLUSTER_IP:
        return None
    port = next((port for port in service.spec.ports if port.port == reference.port), None)
    if port is None:
        return unavailable("ServicePortError", f"{here} is not listening on port {reference.port}")
    if not slices:
        return unavailable("EndpointsNotFound", f"cannot find endpointslices for {here}")
    if not any(_serves(each, port) for each in slices):
        why = f'endpointslices for {here} have no addresses with port name "{port.name}"'
        return unavailable("MissingEndpoints", why)
    return None


def _serves(each: EndpointSlice, port: ServicePort) -> bool:
    listens = any(
        found.name is not None and found.name == port.name and found.port is not None
        for found in each.ports
    )
    return listens and any(is_ready(endpoint) for endpoint in each.endpoints)


def with_condition(
    apiservice: APIService, condition: APIServiceCondition, now: float
) -> APIService:
    """The APIService with its condition; the same one, if that says nothing new."""
    condition = replace(condition, lastTransitionTime=Time.from_unix(now))
    found = conditions.put(apiservice.status.conditions, condition)
    if found is apiservice.status.conditions:
        return apiservice
    return replace(apiservice, status=replace(apiservice.status, conditions=found))
