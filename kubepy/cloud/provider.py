"""What a cloud tells the controllers about its machines, and does for the cluster.

A provider has the parts that its cloud has; a controller whose part is missing does not run.
Everything is asked with the Node as the apiserver has it; a provider finds its machine by
`spec.providerID`, or, before that is set, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from kubepy.api.core.v1 import LoadBalancerStatus, Node, NodeAddress, Service


class CloudError(Exception):
    """The cloud could not be asked, or refused; it will be asked again."""


class UnknownInstance(CloudError):
    """The cloud cannot tell which machine this node is. Nothing may be concluded from that."""


class Instance(Struct, frozen=True):
    """A machine of the cloud. What is empty is not known and is left alone."""

    provider_id: str  # <provider>://<what the cloud calls it>
    type: str = ""
    addresses: tuple[NodeAddress, ...] = ()
    zone: str = ""
    region: str = ""
    labels: Mapping[str, str] = {}


class Instances(Protocol):
    """The machines. Raises CloudError."""

    async def exists(self, node: Node) -> bool:
        """False only if the machine is known to be gone: its Node will be deleted."""

    async def is_shut_down(self, node: Node) -> bool:
        """Whether it is there but switched off."""

    async def describe(self, node: Node) -> Instance: ...


class Route(Struct, frozen=True):
    """Packets to `destination` (a pod range) go to the node `target`."""

    name: str
    target: str
    destination: str


class Routes(Protocol):
    """The routes between pod ranges, where the cloud's network needs them. Raises CloudError."""

    async def list(self, cluster: str) -> tuple[Route, ...]: ...

    async def create(self, cluster: str, route: Route) -> None: ...

    async def delete(self, cluster: str, route: Route) -> None: ...


class LoadBalancers(Protocol):
    """Balancers in front of Services of type LoadBalancer. Raises CloudError."""

    async def get(self, cluster: str, service: Service) -> LoadBalancerStatus | None:
        """None: there is none."""

    async def ensure(
        self, cluster: str, service: Service, nodes: tuple[Node, ...]
    ) -> LoadBalancerStatus:
        """Have one that sends to these nodes."""

    async def delete(self, cluster: str, service: Service) -> None:
        """Have none; fine if there was none."""


class Provider(Struct, frozen=True):
    """A cloud: its name, as --cloud-provider has it, and its parts."""

    name: str
    instances: Instances | None = None
    routes: Routes | None = None
    load_balancers: LoadBalancers | None = None


Factory = Callable[[Path | None], Provider]
"""Makes a provider from its --cloud-config file."""
