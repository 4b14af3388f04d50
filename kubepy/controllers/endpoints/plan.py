"""The Endpoints policy: what one object says about all of a Service's pods. Touches nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.core.v1 import (
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    Pod,
    Service,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers import pods as ask
from kubepy.controllers.endpointslice import backends

MANAGED_BY = "endpoints.kubernetes.io/managed-by"
MANAGER = "endpoint-controller"
CAPACITY = "endpoints.kubernetes.io/over-capacity"
MAX_ADDRESSES = 1000  # of one object, which every change sends as a whole

Ports = tuple[EndpointPort, ...]


def decide(service: Service, pods: Sequence[Pod], current: Endpoints | None) -> Endpoints | None:
    """The Endpoints to write for the Service's `pods`; None if `current` says it all."""
    subsets, truncated = _truncate(_subsets(service, pods))
    labels = {
        key: value
        for key, value in service.metadata.labels.items()
        if key not in (backends.HEADLESS, MANAGED_BY)
    }
    labels[MANAGED_BY] = MANAGER
    if backends.is_headless(service):
        labels[backends.HEADLESS] = ""
    base = current or Endpoints(
        metadata=ObjectMeta(name=service.metadata.name, namespace=service.metadata.namespace)
    )
    annotations = {key: v for key, v in base.metadata.annotations.items() if key != CAPACITY}
    if truncated:
        annotations[CAPACITY] = "truncated"
    unchanged = replace(base.metadata, labels=labels, annotations=annotations)
    wanted = replace(base, metadata=unchanged, subsets=subsets)
    if wanted == current:
        return None
    changed = backends.last_change(service, pods)
    if changed is not None:
        annotations[backends.TRIGGER_TIME] = changed
    return wanted


def _subsets(service: Service, pods: Sequence[Pod]) -> tuple[EndpointSubset, ...]:
    """The ready and the other addresses, by the set of ports that they have."""
    family = service.spec.ipFamilies[0] if service.spec.ipFamilies else "IPv4"
    groups: dict[Ports, tuple[list[EndpointAddress], list[EndpointAddress]]] = {}
    for pod in pods:
        if not backends.has_address(pod) or pod.metadata.deletionTimestamp is not None:
            continue
        ips = [ip for ip in backends.addresses(pod) if backends.family_of(ip) == family]
        if not ips:
            continue
        ports = _ports(service, pod)
        if not ports and service.spec.ports:
            continue
        ready, others = groups.setdefault(ports, ([], []))
        address = EndpointAddress(
            ip=ips[0],
            hostname=backends.hostname(pod, service),
            nodeName=pod.spec.nodeName or None,
            targetRef=backends.reference(pod),
        )
        if service.spec.publishNotReadyAddresses or ask.is_ready(pod):
            ready.append(address)
        else:
            others.append(address)
    subsets = [
        EndpointSubset(
            addresses=tuple(sorted(ready, key=_address_order)),
            notReadyAddresses=tuple(sorted(others, key=_address_order)),
            ports=ports,
        )
        for ports, (ready, others) in groups.items()
    ]
    return tuple(sorted(subsets, key=lambda s: hashlib.md5(codec.encode(s)).hexdigest()))


def _address_order(address: EndpointAddress) -> tuple[str, str]:
    return address.ip, address.targetRef.uid if address.targetRef else ""


def _ports(service: Service, pod: Pod) -> Ports:
    found = [
        EndpointPort(
            name=port.name,
            port=number,
            protocol=port.protocol or "TCP",
            appProtocol=port.appProtocol,
        )
        for port in service.spec.ports
        if (number := backends.target_port(pod, port)) is not None
    ]
    return tuple(sorted(found, key=lambda port: (port.name, port.port, port.protocol)))


def _truncate(subsets: tuple[EndpointSubset, ...]) -> tuple[tuple[EndpointSubset, ...], bool]:
    """At most MAX_ADDRESSES, ready ones first; and whether some were left out."""
    total = sum(len(s.addresses) + len(s.notReadyAddresses) for s in subsets)
    if total <= MAX_ADDRESSES:
        return subsets, False
    left = MAX_ADDRESSES
    ready = []
    for subset in subsets:
        kept = subset.addresses[:left]
        left -= len(kept)
        ready.append(kept)
    result = []
    for subset, addresses in zip(subsets, ready, strict=True):
        others = subset.notReadyAddresses[:left]
        left -= len(others)
        if addresses or others:
            result.append(replace(subset, addresses=addresses, notReadyAddresses=others))
    return tuple(result), True
