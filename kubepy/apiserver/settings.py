"""What differs between clusters, as far as the API is concerned."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

from msgspec import Struct

from kubepy.apiserver.authn.requestheader import FrontProxies

REGISTRY = "/registry"


class Settings(Struct, frozen=True, kw_only=True):
    """The front ends' settings are elsewhere: `config.py` has every flag."""

    service_cidr: str = "10.96.0.0/16"
    node_ports: tuple[int, int] = (30000, 32767)
    enabled_plugins: tuple[str, ...] = ()
    disabled_plugins: tuple[str, ...] = ()
    allow_privileged: bool = False
    """Whether containers may have all the power that their node has."""
    not_ready_toleration_seconds: int = 300
    unreachable_toleration_seconds: int = 300
    """How long a pod that says nothing about it stays on a node in trouble."""
    event_seconds: int = 3600
    """How long Events are kept."""
    registry: str = REGISTRY
    """What every key in the store begins with."""
    history_seconds: float = 300.0
    """How long the store keeps what was overwritten, at least; 0: for ever."""

    client_ca: str = ""
    """PEM of the authority whose certificates clients show; extension servers read it."""

    front_proxies: FrontProxies | None = None
    """Proxies that name users; extension servers read of them, too."""

    backend_network: str = ""
    """The network namespace from which Services and pods are reached; empty: our own."""
    route_to_endpoints: bool = False
    """Whether servers behind Services are reached at their endpoints, not at the cluster IP."""

    advertise: tuple[str, int] | None = None
    """Address and port of the `kubernetes` Service's endpoint; None: it has none."""

    @property
    def services(self) -> IPv4Network | IPv6Network:
        """The first of the ranges that Services get their addresses from."""
        return ip_network(self.service_cidr.split(",")[0])
