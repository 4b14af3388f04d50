"""Which range of pod addresses a node gets. Touches nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import cached_property

from msgspec import Struct

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

DEFAULT_MASK = {4: 24, 6: 64}  # bits of a node's range
MAX_SUBNETS_BITS = 16  # a cluster range is cut in 65,536 pieces at most


class RangeError(ValueError):
    """The cluster's range cannot be cut as asked; the message says why."""


class Pool(Struct, frozen=True, dict=True):
    """The ranges of one cluster CIDR. Pure: who has what is an argument."""

    cidr: str
    mask: int = 0  # 0: the family's default

    @cached_property
    def network(self) -> Network:
        return ipaddress.ip_network(self.cidr, strict=False)

    @cached_property
    def prefix(self) -> int:
        """The prefix length of a node's range. Raises RangeError."""
        prefix = self.mask or DEFAULT_MASK[self.network.version]
        if prefix < self.network.prefixlen or prefix > self.network.max_prefixlen:
            raise RangeError(
                f"node CIDR mask size {prefix} does not fit the cluster CIDR {self.cidr}"
            )
        if prefix - self.network.prefixlen > MAX_SUBNETS_BITS:
            raise RangeError(
                f"cluster CIDR {self.cidr} has more than 2^{MAX_SUBNETS_BITS} ranges of /{prefix}"
            )
        return prefix

    @cached_property
    def size(self) -> int:
        """How many nodes there is room for."""
        return 1 << (self.prefix - self.network.prefixlen)

    def range(self, index: int) -> Network:
        step = 1 << (self.network.max_prefixlen - self.prefix)
        start = self.network.network_address + index * step
        return ipaddress.ip_network((start, self.prefix))

    def allocate(self, taken: Iterable[str], after: int = -1) -> tuple[int, str] | None:
        """The next free range behind index `after`, wrapping around; None if all are taken.

        `taken` are CIDRs that it must not overlap: other nodes', the services'.
        """
        used = self._used(taken)
        for offset in range(1, self.size + 1):
            index = (after + offset) % self.size
            if index not in used:
                return index, str(self.range(index))
        return None

    def _used(self, taken: Iterable[str]) -> set[int]:
        used: set[int] = set()
        first = int(self.network.network_address)
        step = 1 << (self.network.max_prefixlen - self.prefix)
        for text in taken:
            other = ipaddress.ip_network(text, strict=False)
            if other.version != self.network.version or not other.overlaps(self.network):
                continue
            low = max(0, (int(other.network_address) - first) // step)
            high = min(self.size - 1, (int(other.broadcast_address) - first) // step)
            used.update(range(low, high + 1))
        return used


def pools(cluster_cidr: str, mask_v4: int = 0, mask_v6: int = 0) -> tuple[Pool, ...]:
    """The pools of `--cluster-cidr`, one or one of each family. Raises RangeError."""
    found = []
    for text in (part.strip() for part in cluster_cidr.split(",")):
        try:
            version = ipaddress.ip_network(text, strict=False).version
        except ValueError as error:
            raise RangeError(f"cluster CIDR {text!r}: {error}") from error
        pool = Pool(text, mask_v4 if version == 4 else mask_v6)
        pool.prefix  # noqa: B018  (raises if it does not fit)
        found.append(pool)
    if len({pool.network.version for pool in found}) < len(found):
        raise RangeError(f"cluster CIDR {cluster_cidr}: at most one range of each address family")
    return tuple(found)
