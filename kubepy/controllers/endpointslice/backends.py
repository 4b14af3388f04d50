"""Which pods stand behind a Service, and on which ports. Shared with the endpoints controller."""

from __future__ import annotations

from collections.abc import Iterable

from kubepy.api.core.v1 import ObjectReference, Pod, Service, ServicePort
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import Time
from kubepy.controllers import pods as ask

TRIGGER_TIME = "endpoints.kubernetes.io/last-change-trigger-time"
HEADLESS = "service.kubernetes.io/headless"


def has_endpoints(service: Service) -> bool:
    """Whether its endpoints are for controllers to find; without a selector, somebody else does."""
    return bool(service.spec.selector) and service.spec.type != "ExternalName"


def selects(service: Service, labels: dict[str, str]) -> bool:
    return has_endpoints(service) and service.spec.selector.items() <= labels.items()


def is_headless(service: Service) -> bool:
    return service.spec.clusterIP == "None"


def has_address(pod: Pod) -> bool:
    """It may stand behind a Service: it has an address, and has not come to its end."""
    return bool(pod.status.podIP or pod.status.podIPs) and not ask.is_finished(pod)


def addresses(pod: Pod) -> list[str]:
    """The pod's addresses; one of each family at most."""
    return [ip.ip for ip in pod.status.podIPs] or [pod.status.podIP]


def family_of(address: str) -> str:
    """`IPv4` or `IPv6`; the apiserver has seen to it that it is an address."""
    return "IPv6" if ":" in address else "IPv4"


def target_port(pod: Pod, port: ServicePort) -> int | None:
    """The pod's port for a Service's port; None if the pod has none of that name."""
    target = port.targetPort
    if isinstance(target, int):
        return target or port.port
    containers = (
        *pod.spec.containers,
        *(c for c in pod.spec.initContainers if c.restartPolicy == "Always"),
    )
    for container in containers:
        for known in container.ports:
            if known.name == target and (known.protocol or "TCP") == (port.protocol or "TCP"):
                return known.containerPort
    return None


def hostname(pod: Pod, service: Service) -> str:
    """The pod's own name in DNS, if it asked for one under this Service."""
    spec = pod.spec
    same = spec.subdomain == service.metadata.name
    if spec.hostname and same and pod.metadata.namespace == service.metadata.namespace:
        return spec.hostname
    return ""


def reference(pod: Pod) -> ObjectReference:
    meta = pod.metadata
    return ObjectReference(kind="Pod", namespace=meta.namespace, name=meta.name, uid=meta.uid)


def last_change(service: Service, pods: Iterable[Pod]) -> Time | None:
    """When the newest of the changes that the endpoints show has happened, as far as is known."""
    moments = [service.metadata.creationTimestamp]
    for pod in pods:
        ready = ask.condition(pod, "Ready")
        moments.append(ready.lastTransitionTime if ready else None)
        moments.append(pod.metadata.deletionTimestamp)
    return max((moment for moment in moments if moment is not None), default=None)


def owner_key(meta: ObjectMeta) -> str:
    return f"{meta.namespace}/{meta.name}"
