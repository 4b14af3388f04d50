"""What the scheduler needs to know of a pod, read from it once."""

from __future__ import annotations

from msgspec import Struct

from kubepy.api.core.v1 import Pod
from kubepy.scheduler.requests import Amounts, assumed_requests, pod_requests

ANY_ADDRESS = "0.0.0.0"


class HostPort(Struct, frozen=True):
    """A port of the node itself. On ANY_ADDRESS it collides with the same port on any address."""

    protocol: str
    port: int
    ip: str = ANY_ADDRESS


class PodInfo(Struct, frozen=True):
    """`requests` is what must fit, `assumed` what is compared when nodes are scored."""

    pod: Pod
    requests: Amounts
    assumed: Amounts
    host_ports: frozenset[HostPort]

    @classmethod
    def of(cls, pod: Pod) -> PodInfo:
        return cls(pod, pod_requests(pod), assumed_requests(pod), _host_ports(pod))

    @property
    def uid(self) -> str:
        return self.pod.metadata.uid

    @property
    def key(self) -> str:
        return f"{self.pod.metadata.namespace}/{self.pod.metadata.name}"

    @property
    def priority(self) -> int:
        return self.pod.spec.priority or 0


def _host_ports(pod: Pod) -> frozenset[HostPort]:
    sidecars = (c for c in pod.spec.initContainers if c.restartPolicy == "Always")
    return frozenset(
        HostPort(port.protocol or "TCP", port.hostPort, port.hostIP or ANY_ADDRESS)
        for container in (*sidecars, *pod.spec.containers)
        for port in container.ports
        if port.hostPort > 0
    )
