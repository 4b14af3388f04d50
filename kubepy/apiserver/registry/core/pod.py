"""Pod: containers that live on one node together."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod, PodCondition, PodIP, PodSpec, PodStatus
from kubepy.apiserver.registry.core.podspec.defaults import (
    default_requests,
    default_spec,
    host_ports,
)
from kubepy.apiserver.registry.core.podspec.qos import qos_class
from kubepy.apiserver.registry.core.podspec.table import row
from kubepy.apiserver.registry.strategy import Strategy

GATED = "SchedulingGated"
FINISHED = ("Succeeded", "Failed")


def default(pod: Pod) -> Pod:
    spec = default_spec(pod.spec)
    containers = tuple(
        replace(container, resources=default_requests(container.resources))
        for container in spec.containers
    )
    init = tuple(
        replace(container, resources=default_requests(container.resources))
        for container in spec.initContainers
    )
    if spec.hostNetwork:
        containers = tuple(map(host_ports, containers))
        init = tuple(map(host_ports, init))
    links = True if spec.enableServiceLinks is None else spec.enableServiceLinks
    spec = replace(spec, containers=containers, initContainers=init, enableServiceLinks=links)
    return replace(pod, spec=spec, status=_same_address(pod.status))


def _same_address(status: PodStatus) -> PodStatus:
    """podIP is the first of podIPs; where a client knows only podIP, that decides."""
    address, addresses = status.podIP, status.podIPs
    if not address:
        return replace(status, podIP=addresses[0].ip) if addresses else status
    if addresses and addresses[0].ip == address:
        return status
    return replace(status, podIPs=(PodIP(ip=address),))


def prepare_create(pod: Pod) -> Pod:
    status = PodStatus(phase="Pending", qosClass=qos_class(pod.spec), conditions=_gated(pod.spec))
    return replace(pod, status=status)


def _gated(spec: PodSpec) -> tuple[PodCondition, ...]:
    if not spec.schedulingGates:
        return ()
    gated = PodCondition(
        type="PodScheduled",
        status="False",
        reason=GATED,
        message="Scheduling is blocked due to non-empty scheduling gates",
    )
    return (gated,)


def fields(pod: Pod) -> dict[str, str]:
    spec, status = pod.spec, pod.status
    return {
        "spec.nodeName": spec.nodeName,
        "spec.restartPolicy": spec.restartPolicy,
        "spec.schedulerName": spec.schedulerName,
        "spec.serviceAccountName": spec.serviceAccountName,
        "spec.hostNetwork": "true" if spec.hostNetwork else "false",
        "status.phase": status.phase,
        "status.podIP": status.podIPs[0].ip if status.podIPs else "",
        "status.nominatedNodeName": status.nominatedNodeName,
    }


def grace(pod: Pod, asked: int | None) -> int | None:
    """The seconds that a pod has to end; none if no node runs it."""
    if not pod.spec.nodeName or pod.status.phase in FINISHED:
        return 0
    seconds = pod.spec.terminationGracePeriodSeconds if asked is None else asked
    return 1 if seconds is not None and seconds < 0 else seconds or 0


STRATEGY = Strategy(
    repeats_create_checks=True,
    default=default,
    prepare_create=prepare_create,
    fields=fields,
    row=row,
    generation=True,
    returns_deleted=True,
    grace=grace,
)
