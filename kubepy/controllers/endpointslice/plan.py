"""The EndpointSlice policy: which slices a Service should have. Touches nothing.

Pods of equal ports share slices; each address family has its own. Slices are kept as they are as
far as possible, since every node watches them: an endpoint stays in its slice, new ones fill
gaps in slices that change anyway, then go to one slice that can take them all, then to new ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Node, Pod, Service
from kubepy.api.discovery.v1 import (
    Endpoint,
    EndpointConditions,
    EndpointHints,
    EndpointPort,
    EndpointSlice,
    ForNode,
    ForZone,
)
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.controllers import pods as ask
from kubepy.controllers.endpointslice import backends
from kubepy.meta.owners import controller_ref

SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
MANAGER = "endpointslice-controller.k8s.io"
SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror"
ZONE = "topology.kubernetes.io/zone"
MAX_ENDPOINTS = 100  # a slice; --max-endpoints-per-slice
MAX_PREFIX = 63 - 6  # of a generated name, so that with hyphen and suffix it is still a label

Ports = tuple[EndpointPort, ...]


class Create(Struct, frozen=True):
    slice: EndpointSlice


class Update(Struct, frozen=True):
    slice: EndpointSlice


class Delete(Struct, frozen=True):
    slice: EndpointSlice


Action = Create | Update | Delete


def decide(
    service: Service,
    pods: Sequence[Pod],
    nodes: Mapping[str, Node],
    slices: Sequence[EndpointSlice],
    *,
    limit: int = MAX_ENDPOINTS,
) -> list[Action]:
    """What brings the Service's `slices` to what its `pods` (those it selects) ask for."""
    actions: list[Action] = []
    families = address_types(service)
    changed = backends.last_change(service, pods)
    for family in families:
        wanted = endpoints(service, pods, nodes, family)
        own = [found for found in slices if found.addressType == family]
        actions += _family(service, family, wanted, own, changed, limit)
    actions += [Delete(found) for found in slices if found.addressType not in families]
    return actions


def address_types(service: Service) -> list[str]:
    return list(service.spec.ipFamilies) or ["IPv4"]


def endpoints(
    service: Service, pods: Sequence[Pod], nodes: Mapping[str, Node], family: str
) -> dict[Ports, list[Endpoint]]:
    """The endpoints of one address family, by the ports that they serve."""
    found: dict[Ports, list[Endpoint]] = {}
    for pod in sorted(pods, key=lambda pod: pod.metadata.name):
        if not backends.has_address(pod):
            continue
        own = tuple(ip for ip in backends.addresses(pod) if backends.family_of(ip) == family)
        if own:
            node = nodes.get(pod.spec.nodeName)
            endpoint = _endpoint(service, pod, own, node)
            found.setdefault(_ports(service, pod), []).append(endpoint)
    return found


def _ports(service: Service, pod: Pod) -> Ports:
    return tuple(
        EndpointPort(
            name=port.name,
            protocol=port.protocol or "TCP",
            port=number,
            appProtocol=port.appProtocol,
        )
        for port in service.spec.ports
        if (number := backends.target_port(pod, port)) is not None
    )


def _endpoint(
    service: Service, pod: Pod, addresses: tuple[str, ...], node: Node | None
) -> Endpoint:
    serving = ask.is_ready(pod)
    terminating = pod.metadata.deletionTimestamp is not None
    ready = service.spec.publishNotReadyAddresses or (serving and not terminating)
    zone = node.metadata.labels.get(ZONE) if node is not None else None
    return Endpoint(
        addresses=addresses,
        conditions=EndpointConditions(ready=ready, serving=serving, terminating=terminating),
        hostname=backends.hostname(pod, service) or None,
        targetRef=backends.reference(pod),
        nodeName=pod.spec.nodeName or None,
        zone=zone,
        hints=_hints(service, zone, pod.spec.nodeName) if ready else None,
    )


def _hints(service: Service, zone: str | None, node: str) -> EndpointHints | None:
    """Where traffic to this endpoint should come from, if the Service prefers what is near."""
    distribution = service.spec.trafficDistribution
    zones = (ForZone(name=zone),) if zone else ()
    if distribution in ("PreferClose", "PreferSameZone"):
        return EndpointHints(forZones=zones) if zones else None
    if distribution == "PreferSameNode":
        return EndpointHints(forZones=zones, forNodes=(ForNode(name=node),))
    return None


def _family(
    service: Service,
    family: str,
    wanted: dict[Ports, list[Endpoint]],
    slices: Sequence[EndpointSlice],
    changed: str | None,
    limit: int,
) -> list[Action]:
    by_ports: dict[Ports, list[EndpointSlice]] = {}
    for found in sorted(slices, key=lambda found: found.metadata.name):
        by_ports.setdefault(found.ports, []).append(found)
    if not wanted:  # a slice without endpoints says: this was looked at, there is nobody
        wanted = {(): []}
    actions: list[Action] = []
    for ports, members in wanted.items():
        actions += _pack(service, family, ports, members, by_ports.pop(ports, []), limit)
    actions += [Delete(found) for rest in by_ports.values() for found in rest]
    return [_stamped(action, changed) for action in actions]


def _pack(
    service: Service,
    family: str,
    ports: Ports,
    members: Sequence[Endpoint],
    slices: Sequence[EndpointSlice],
    limit: int,
) -> list[Action]:
    """Distribute the endpoints of equal ports among their slices."""
    left = {_identity(member): member for member in members}
    contents: list[list[Endpoint]] = []
    for found in slices:  # what is already somewhere stays there
        kept = [left.pop(_identity(e)) for e in found.endpoints if _identity(e) in left]
        contents.append(kept)
    waiting = list(left.values())
    dirty = [tuple(kept) != slices[i].endpoints for i, kept in enumerate(contents)]
    _fill(contents, dirty, waiting, limit)
    actions: list[Action] = []
    nonempty = any(contents) or bool(waiting)
    placeholder = not nonempty  # one empty slice is kept if there is nothing at all
    for found, content in zip(slices, contents, strict=True):
        if not content and not placeholder:
            actions.append(Delete(found))
            continue
        placeholder = False
        updated = _updated(service, found, content)
        if updated != found:
            actions.append(Update(updated))
    if placeholder:
        actions.append(Create(_new(service, family, ports, [])))
    for start in range(0, len(waiting), limit):
        actions.append(Create(_new(service, family, ports, waiting[start : start + limit])))
    return actions


def _fill(
    contents: list[list[Endpoint]], dirty: list[bool], waiting: list[Endpoint], limit: int
) -> None:
    """Put waiting endpoints into slices: first those that are written anyway, fullest first."""
    fullest_first = sorted(range(len(contents)), key=lambda i: -len(contents[i]))
    for index in fullest_first:
        if dirty[index] and waiting:
            room = limit - len(contents[index])
            contents[index] += waiting[:room]
            del waiting[:room]
    if len(waiting) > 0:
        for index in fullest_first:
            if not dirty[index] and len(contents[index]) + len(waiting) <= limit:
                contents[index] += waiting
                waiting.clear()
                return


def _identity(endpoint: Endpoint) -> tuple[str, ...]:
    """What makes two endpoints the same one, whatever its conditions."""
    target = endpoint.targetRef
    return (*endpoint.addresses, target.uid if target else "")


def _labels(service: Service) -> dict[str, str]:
    labels = {
        key: value
        for key, value in service.metadata.labels.items()
        if key not in (SERVICE_NAME, MANAGED_BY, SKIP_MIRROR, backends.HEADLESS)
    }
    if backends.is_headless(service):
        labels[backends.HEADLESS] = ""
    labels[SERVICE_NAME] = service.metadata.name
    labels[MANAGED_BY] = MANAGER
    return labels


def _updated(service: Service, found: EndpointSlice, content: Sequence[Endpoint]) -> EndpointSlice:
    labels = _labels(service)
    # Labels that other hands put there stay, unless the Service gives them another value.
    meta = replace(found.metadata, labels={**found.metadata.labels, **labels})
    return replace(found, metadata=meta, endpoints=tuple(content))


def _new(service: Service, family: str, ports: Ports, content: Sequence[Endpoint]) -> EndpointSlice:
    return EndpointSlice(
        metadata=ObjectMeta(
            generateName=f"{service.metadata.name[:MAX_PREFIX]}-",
            namespace=service.metadata.namespace,
            labels=_labels(service),
            ownerReferences=(controller_ref(service),),
        ),
        addressType=family,
        endpoints=tuple(content),
        ports=ports,
    )


def _stamped(action: Action, changed: str | None) -> Action:
    """Say when the change happened that this write shows: proxies measure their lag by it."""
    if isinstance(action, Delete) or changed is None:
        return action
    meta = action.slice.metadata
    noted = {**meta.annotations, backends.TRIGGER_TIME: changed}
    stamped = replace(action.slice, metadata=replace(meta, annotations=noted))
    return type(action)(stamped)
