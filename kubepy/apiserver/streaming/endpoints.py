"""Which of a Service's endpoints a request goes to. Pure, but for who reads the caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import TypeVar

from kubepy.api.core.v1 import Pod, Service, ServicePort
from kubepy.api.discovery.v1 import Endpoint, EndpointSlice
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.streaming import locations
from kubepy.apiserver.streaming.locations import Address
from kubepy.meta import errors

SERVICE_NAME = "kubernetes.io/service-name"
SLICES = ("endpointslices", "discovery.k8s.io")
CLUSTER_IP, EXTERNAL_NAME, NONE = "ClusterIP", "ExternalName", "None"
TYPES = (CLUSTER_IP, "NodePort", "LoadBalancer")  # with a cluster IP and endpoints

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]


def ready(slices: Sequence[EndpointSlice], port: str) -> list[tuple[Endpoint, Address]]:
    """The endpoints that serve now, each with where it listens for the port of this name."""
    return [
        (endpoint, Address(endpoint.addresses[0], number))
        for each in slices
        for number in _numbers(each, port)
        for endpoint in each.endpoints
        if endpoint.addresses and is_ready(endpoint)
    ]


def is_ready(endpoint: Endpoint) -> bool:
    return endpoint.conditions.ready is not False


def _numbers(each: EndpointSlice, name: str) -> Iterator[int]:
    for port in each.ports:
        if (port.name or "") == name and port.port is not None:
            yield port.port


def of_proxy(
    asked: str,
    service: Service,
    slices: Sequence[EndpointSlice],
    pods: Callable[[str, str], Pod | None],
    choose: Choose[Address],
) -> Address:
    """Where `services/<asked>/proxy` leads: to a pod of the Service. Raises ServiceUnavailable.

    Endpoints that are no pods are left alone, or the proxy would lead wherever their author likes.
    """
    name = service.metadata.name
    wanted = locations.endpoint_of(asked, "service").port
    if wanted.isascii() and wanted.isdigit():
        wanted = find_port(service, int(wanted)).name
    found = [
        address
        for endpoint, address in ready(slices, wanted)
        if _is_pod(endpoint, address, service.metadata.namespace, pods)
    ]
    if not found:
        shown = asked if slices else name
        raise errors.ServiceUnavailable.of(f'no endpoints available for service "{shown}"')
    return choose(found)


def _is_pod(
    endpoint: Endpoint,
    address: Address,
    namespace: str,
    pods: Callable[[str, str], Pod | None],
) -> bool:
    target = endpoint.targetRef
    if target is None or target.kind != "Pod" or target.namespace != namespace:
        return False
    pod = pods(namespace, target.name)
    return pod is not None and address.host in {ip.ip for ip in pod.status.podIPs}


def find_port(service: Service, number: int) -> ServicePort:
    """Raises ServiceUnavailable."""
    for port in service.spec.ports:
        if port.port == number:
            return port
    name = service.metadata.name
    raise errors.ServiceUnavailable.of(f'no service port {number} found for service "{name}"')


def of_cluster(service: Service, number: int) -> Address:
    """A Service by its cluster IP: kube-proxy leads on. Raises ServiceUnavailable, Unknown."""
    spec = service.spec
    if spec.type == EXTERNAL_NAME:
        return Address(spec.externalName, number)
    if spec.type not in TYPES:
        raise errors.Unknown.of(f'unsupported service type "{spec.type}"')
    if spec.type == CLUSTER_IP and spec.clusterIP == NONE:
        raise errors.Unknown.of('cannot route to service with ClusterIP "None"')
    return Address(spec.clusterIP, find_port(service, number).port)


def of_endpoints(
    service: Service, number: int, slices: Sequence[EndpointSlice], choose: Choose[Address]
) -> Address:
    """A Service by one of its endpoints. Raises ServiceUnavailable, Unknown."""
    port = find_port(service, number)
    if service.spec.type not in TYPES:
        raise errors.Unknown.of(f'unsupported service type "{service.spec.type}"')
    found = [address for _, address in ready(slices, port.name)]
    if not found:
        name = service.metadata.name
        raise errors.ServiceUnavailable.of(f'no endpoints available for service "{name}"')
    return choose(found)


class Directory:
    """Services and what is behind them, as the caches have them now."""

    def __init__(self, pipeline: Pipeline, random: Random, *, by_endpoints: bool) -> None:
        """`by_endpoints`: a Service is reached at one of its endpoints, not at its cluster IP."""
        self._pipeline = pipeline
        self._by_endpoints = by_endpoints
        self.choose: Choose[Address] = random.choice

    def address(self, namespace: str, name: str, port: int) -> Address:
        """Where a Service is reached. Raises NotFound, ServiceUnavailable, Unknown."""
        found = self.service(namespace, name)
        if found is None:
            raise errors.NotFound.of("service", name)
        if not self._by_endpoints:
            return of_cluster(found, port)
        return of_endpoints(found, port, self.slices(namespace, name), self.choose)

    def service(self, namespace: str, name: str) -> Service | None:
        record = self._pipeline.store("services").known(namespace, name)
        return record.peek() if record is not None else None

    def pod(self, namespace: str, name: str) -> Pod | None:
        record = self._pipeline.store("pods").known(namespace, name)
        return record.peek() if record is not None else None

    def slices(self, namespace: str, name: str) -> list[EndpointSlice]:
        """The slices of a Service."""
        cache = self._pipeline.store(*SLICES).cache
        return [
            record.peek()
            for record in cache.select(namespace)
            if record.labels.get(SERVICE_NAME) == name
        ]
