"""What a ServiceCIDR should say of itself, and when it may go. Touches nothing.

A range may go when it lies in another range, or when none of its addresses is in use that is in no
other range:

    10.0.0.0/16 beside 10.0.0.0/24     the second may go at any time
    10.0.0.0/24 alone, 10.0.0.7 used   it waits
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from msgspec import Struct

from kubepy.api.meta.v1 import Condition
from kubepy.api.networking.v1 import IPAddress, ServiceCIDR
from kubepy.api.types import Time
from kubepy.meta import conditions

FINALIZER = "networking.k8s.io/service-cidr-finalizer"
READY = "Ready"
GRACE_SECONDS = 10.0  # until every apiserver knows that it takes no more addresses from a range
MANAGED_BY, ALLOCATOR = "ipaddress.kubernetes.io/managed-by", "ipallocator.k8s.io"

IS_READY = "Kubernetes Service CIDR is ready"
IN_USE = (
    "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new "
    "ServiceCIDR"
)

Network = IPv4Network | IPv6Network


class Wanted(Struct, frozen=True):
    """How it should be. `again`: the seconds until it is to be looked at once more, whatever
    happens; 0: not before something does."""

    finalizers: tuple[str, ...]
    conditions: tuple[Condition, ...]
    again: float = 0.0


@lru_cache
def _network(text: str) -> Network:
    return ip_network(text, strict=False)


def networks(cidr: ServiceCIDR) -> Iterator[Network]:
    return map(_network, cidr.spec.cidrs)


def is_managed(address: IPAddress) -> bool:
    """Whether it is a Service's."""
    return address.metadata.labels.get(MANAGED_BY) == ALLOCATOR


def holds(network: Network, text: str) -> bool:
    """Whether Services may have this address of the network: not its own, and not its broadcast
    address."""
    address = ip_address(text)
    if address not in network or address == network.network_address:
        return False
    return network.version == 6 or address != network.broadcast_address


def containing(text: str, cidrs: Iterable[ServiceCIDR]) -> list[ServiceCIDR]:
    """Those that have an address."""
    return [cidr for cidr in cidrs if any(holds(each, text) for each in networks(cidr))]


def overlapping(cidr: ServiceCIDR, cidrs: Iterable[ServiceCIDR]) -> list[ServiceCIDR]:
    """Those with addresses in common with this one; itself is one of them."""
    own = list(networks(cidr))
    return [
        other
        for other in cidrs
        if any(
            each.version == mine.version and each.overlaps(mine)
            for each in networks(other)
            for mine in own
        )
    ]


def may_go(cidr: ServiceCIDR, cidrs: Collection[ServiceCIDR], used: Iterable[str]) -> bool:
    """`cidrs` are all there are, `used` the addresses of Services."""
    others = [each for each in cidrs if each.metadata.name != cidr.metadata.name]
    if all(any(_within(own, each) for each in others) for own in networks(cidr)):
        return True
    return not any(containing(text, (cidr,)) and not containing(text, others) for text in used)


def _within(network: Network, other: ServiceCIDR) -> bool:
    return any(
        each.version == network.version
        and each.prefixlen <= network.prefixlen
        and network.network_address in each
        for each in networks(other)
    )


def wanted(
    cidr: ServiceCIDR, cidrs: Collection[ServiceCIDR], used: Iterable[str], now: float
) -> Wanted:
    meta, said = cidr.metadata, cidr.status.conditions
    if meta.deletionTimestamp is None:
        finalizers = meta.finalizers
        if FINALIZER not in finalizers:
            finalizers = (*finalizers, FINALIZER)
        return Wanted(finalizers, conditions.put(said, _condition("True", "", IS_READY, now)))
    if not may_go(cidr, cidrs, used):
        in_use = _condition("False", "Terminating", IN_USE, now)
        return Wanted(meta.finalizers, conditions.put(said, in_use))
    left = meta.deletionTimestamp.unix() + GRACE_SECONDS - now
    if left > 0:
        return Wanted(meta.finalizers, said, again=left)
    return Wanted(tuple(each for each in meta.finalizers if each != FINALIZER), said)


def _condition(status: str, reason: str, message: str, now: float) -> Condition:
    time = Time.from_unix(now)
    return Condition(
        type=READY, status=status, reason=reason, message=message, lastTransitionTime=time
    )
