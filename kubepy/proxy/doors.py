"""Where this process has to listen if it forwards itself, and who is behind: pure."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from kubepy.proxy.rules import Settings
from kubepy.proxy.ruleset import Family
from kubepy.proxy.services import PROTOCOLS, Forwarding, Network, Target

NAMES = {number: name for name, number in PROTOCOLS.items()}


class Door(Struct, frozen=True, gc=False, order=True):
    """An address and port to listen at. `address` is empty for all of this machine's."""

    family: int
    protocol: int
    address: bytes
    port: int

    @property
    def is_v6(self) -> bool:
        return self.family == Family.IPV6.number


class Behind(Struct, frozen=True, gc=False):
    """Who answers. Under policy Local those from outside reach `outside` only; an empty one means
    that they are turned away."""

    service: str
    targets: tuple[Target, ...]
    outside: tuple[Target, ...]
    affinity: int = 0  # seconds
    ranges: tuple[Network, ...] = ()  # who may come; empty: everybody


def doors(wanted: Forwarding, settings: Settings) -> dict[Door, Behind]:
    """No door where nobody is behind: the kernel refuses connections to it by itself."""
    return {door: behind for door, behind in _all(wanted, settings) if behind.targets}


def _all(wanted: Forwarding, settings: Settings) -> Iterator[tuple[Door, Behind]]:
    family = wanted.family.number
    inside = Behind(wanted.name, wanted.internal, wanted.internal, wanted.affinity)
    yield Door(family, wanted.protocol, wanted.cluster_ip, wanted.port), inside
    reached = wanted.local if wanted.external_local else wanted.cluster
    everyone = wanted.cluster or wanted.local
    outside = Behind(wanted.name, everyone, reached, wanted.affinity)
    for address in wanted.external_ips:
        yield Door(family, wanted.protocol, address, wanted.port), outside
    limited = Behind(wanted.name, everyone, reached, wanted.affinity, wanted.source_ranges)
    for address in wanted.load_balancer_ips:
        yield Door(family, wanted.protocol, address, wanted.port), limited
    if wanted.node_port:
        for address in _node_addresses(wanted.family, settings):
            yield Door(family, wanted.protocol, address, wanted.node_port), outside


def _node_addresses(family: Family, settings: Settings) -> list[bytes]:
    """Single addresses as they are; for a range, all of this machine's."""
    networks = settings.nodeport_networks
    if networks is None:
        return [b""]
    own = [one for one in networks if one.family is family]
    if any(one.prefix < family.width * 8 for one in own):
        return [b""]
    return [one.address for one in own]


def contains(networks: tuple[Network, ...], address: bytes) -> bool:
    """Whether an address is in one of the networks."""
    return any(
        len(one.address) == len(address)
        and bytes(a & m for a, m in zip(address, one.mask, strict=True)) == one.address
        for one in networks
    )


def is_outsider(source: bytes, own: frozenset[bytes], pods: tuple[Network, ...]) -> bool:
    """Neither this node nor one of its pods."""
    return source not in own and not contains(pods, source)
