"""Cluster addresses and node ports of Services: who has which, and who gets the next.

All state follows from the Services themselves: the allocator listens to their cache. Between
taking something and the cache showing it, it is remembered here.

    range 10.96.0.0/16    .0.0 and .255.255 never; the first 256 are left for those who choose
    ports 30000-32767     the same, the first 86
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from random import Random
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Service, ServicePort, ServiceSpec
from kubepy.apiserver.registry.core.service import cluster_ip_errors
from kubepy.apiserver.registry.core.servicetypes import (
    EXTERNAL_NAME,
    NONE,
    is_headless,
    needs_cluster_ip,
    needs_health_check,
    needs_node_port,
)
from kubepy.apiserver.watchcache import Change
from kubepy.meta.errors import FieldError, InternalError, Invalid, invalid

SINGLE, PREFER_DUAL, REQUIRE_DUAL = "SingleStack", "PreferDualStack", "RequireDualStack"
MANAGED_BY = "ipaddress.kubernetes.io/managed-by"  # a label of the IPAddresses of Services
TRIES = 64  # at random, before the range is searched from its start


class Taken(Exception):
    """What was asked for belongs to somebody else, or to nobody."""


class Pool:
    """Numbers of a range, each with at most one owner."""

    def __init__(self, first: int, last: int, chosen: int, random: Random) -> None:
        """`chosen`: how many at the start are given out last, since people ask for them."""
        self.first = first
        self.last = last
        self._dynamic = min(first + chosen, last)
        self._random = random
        self._owners: dict[int, str] = {}

    def claim(self, number: int, owner: str) -> bool:
        """Take this one; whether it is new to the owner. Raises Taken."""
        held = self._owners.get(number)
        if held is not None and held != owner:
            raise Taken
        self._owners[number] = owner
        return held is None

    def next(self, owner: str) -> int:
        """Take any. Raises Taken if there is none left."""
        for _ in range(TRIES):
            number: int = self._random.randint(self._dynamic, self.last)
            if number not in self._owners:
                self._owners[number] = owner
                return number
        order = (*range(self._dynamic, self.last + 1), *range(self.first, self._dynamic))
        for number in order:
            if number not in self._owners:
                self._owners[number] = owner
                return number
        raise Taken

    def release(self, number: int, owner: str) -> None:
        if self._owners.get(number) == owner:
            del self._owners[number]

    def owner(self, number: int) -> str:
        """Who has it; empty: nobody."""
        return self._owners.get(number, "")

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last


class Hold(Struct, frozen=True):
    """What one write took: to give back if it fails."""

    owner: str
    addresses: tuple[int, ...] = ()
    ports: tuple[int, ...] = ()


class ServiceAllocation:
    """An `Allocation` for Services."""

    def __init__(
        self, network: IPv4Network | IPv6Network, ports: tuple[int, int], random: Random
    ) -> None:
        self.network = network
        self.family = f"IPv{network.version}"
        first = int(network.network_address) + 1
        # An IPv4 range ends with its broadcast address; of a huge one, enough is enough.
        last = min(int(network.broadcast_address) - 1, first + (1 << 20))
        self.addresses = Pool(first, last, _reserve(network.num_addresses, 16, 256), random)
        size = ports[1] - ports[0] + 1
        self.ports = Pool(*ports, _reserve(size, 32, 128), random)
        self._dry_port = ports[1] + 2  # what a dry run shows: nobody's

    # ---- what is derived from the cache

    def observe(self, change: Change) -> None:
        """Services came, changed or went."""
        old = change.old.peek() if change.old is not None else None
        new = change.new.peek() if change.new is not None else None
        owner = change.record.key
        kept_addresses = self._numbers(new) if new is not None else set()
        kept_ports = ports_of(new) if new is not None else set()
        if old is not None:
            for number in self._numbers(old) - kept_addresses:
                self.addresses.release(number, owner)
            for number in ports_of(old) - kept_ports:
                self.ports.release(number, owner)
        self._claim_quietly(kept_addresses, kept_ports, owner)

    def observe_address(self, change: Change) -> None:
        """An IPAddress came or went that belongs to no Service of ours: nobody else gets it."""
        record = change.record
        number = self._number(record.name)
        if number is None or MANAGED_BY in record.labels:
            return
        owner = f"ipaddresses/{record.name}"
        if change.new is None:
            self.addresses.release(number, owner)
        else:
            self._claim_quietly({number}, set(), owner)

    def owner_of(self, text: str) -> str:
        """`namespace/name` of the Service that has an address; empty: nobody has it."""
        number = self._number(text)
        return self.addresses.owner(number) if number is not None else ""

    def know(self, services: Iterable[Service]) -> None:
        """What the cache held when it was filled."""
        for service in services:
            owner = f"{service.metadata.namespace}/{service.metadata.name}"
            self._claim_quietly(self._numbers(service), ports_of(service), owner)

    def _claim_quietly(self, addresses: set[int], ports: set[int], owner: str) -> None:
        for pool, numbers in ((self.addresses, addresses), (self.ports, ports)):
            for number in numbers:
                try:
                    pool.claim(number, owner)
                except Taken:
                    continue  # two Services that another apiserver let have the same

    def _numbers(self, service: Service) -> set[int]:
        return {n for text in service.spec.clusterIPs if (n := self._number(text)) is not None}

    def _number(self, text: str) -> int | None:
        try:
            address = ip_address(text)
        except ValueError:
            return None
        return int(address) if address in self.network else None

    # ---- what a write needs

    def take(self, obj: Any, old: Any, *, dry_run: bool) -> tuple[Service, Hold]:
        """See `Allocation`."""
        service: Service = obj
        owner = f"{service.metadata.namespace}/{service.metadata.name}"
        addresses: list[int] = []
        ports: list[int] = []
        try:
            service = self.with_families(service, old)
            service = self._with_address(service, owner, addresses, dry_run)
            service = self._with_ports(service, old, owner, ports, dry_run)
        except BaseException:
            self.settle(Hold(owner, tuple(addresses), tuple(ports)), stored=False)
            raise
        return service, Hold(owner, tuple(addresses), tuple(ports))

    def settle(self, taken: Hold, *, stored: bool) -> None:
        """See `Allocation`."""
        if stored:
            return
        for number in taken.addresses:
            self.addresses.release(number, taken.owner)
        for number in taken.ports:
            self.ports.release(number, taken.owner)

    def with_families(self, service: Service, old: Service | None) -> Service:
        """IP families and their policy, as far as the client left them open. Raises Invalid."""
        spec = service.spec
        if spec.type == EXTERNAL_NAME:
            return service
        _refuse(service, cluster_ip_errors(service))
        families, policy = spec.ipFamilies, spec.ipFamilyPolicy
        if is_headless(service) and not spec.selector and policy is None and not families:
            # Nobody but its author knows what is behind it: it may be of both families.
            both = (self.family, "IPv6" if self.family == "IPv4" else "IPv4")
            return _with_families(service, both, REQUIRE_DUAL)
        if not is_headless(service) or spec.selector:
            problems = []
            if policy == REQUIRE_DUAL and (old is None or old.spec.ipFamilyPolicy != policy):
                why = "this cluster is not configured for dual-stack services"
                problems.append(invalid("spec.ipFamilyPolicy", policy, why))
            problems += [
                invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster")
                for index, family in enumerate(families)
                if family != self.family
            ]
            problems += self._strange_addresses(spec)
            _refuse(service, problems)
        return _with_families(service, families or (self.family,), policy or SINGLE)

    def _strange_addresses(self, spec: ServiceSpec) -> list[FieldError]:
        """Addresses of a family that this cluster has none of."""
        other = "IPv6" if self.family == "IPv4" else "IPv4"
        return [
            invalid(
                f"spec.clusterIPs[{index}]",
                spec.clusterIPs,
                f"{other} is not configured on this cluster",
            )
            for index, text in enumerate(spec.clusterIPs)
            if text != NONE and (":" in text) != (self.family == "IPv6")
        ]

    def _with_address(
        self, service: Service, owner: str, taken: list[int], dry_run: bool
    ) -> Service:
        spec = service.spec
        if not needs_cluster_ip(service) or is_headless(service):
            return service
        if not spec.clusterIPs:
            if dry_run:
                text = str(self.network.network_address)
            else:
                try:
                    number = self.addresses.next(owner)
                except Taken:
                    raise InternalError.of(
                        "failed to allocate a serviceIP: range is full"
                    ) from None
                taken.append(number)
                text = str(type(self.network.network_address)(number))
            return replace(service, spec=replace(spec, clusterIP=text, clusterIPs=(text,)))
        text = spec.clusterIPs[0]
        asked = self._number(text)
        why = f"failed to allocate IP {text}: "
        if asked is None or asked not in self.addresses:
            why += "the provided network does not match the current range"
            _refuse(service, [invalid("spec.clusterIPs", spec.clusterIPs, why)])
            return service
        try:
            if self.addresses.claim(asked, owner):
                taken.append(asked)
        except Taken:
            why += "provided IP is already allocated"
            _refuse(service, [invalid("spec.clusterIPs", spec.clusterIPs, why)])
        return service

    def _with_ports(
        self, service: Service, old: Service | None, owner: str, taken: list[int], dry_run: bool
    ) -> Service:
        spec = service.spec
        if not needs_node_port(service):
            return self._with_health_port(service, owner, taken)
        had = ports_of(old) if old is not None else set()
        mine: dict[int, set[str]] = {}  # a number may serve several protocols of one Service
        ports = []
        for index, port in enumerate(spec.ports):
            if not port.nodePort:
                port = self._next_port(port, spec, mine, owner, taken, dry_run)
            else:
                self._claim_port(service, index, port, mine, had, owner, taken)
            mine.setdefault(port.nodePort, set()).add(port.protocol)
            ports.append(port)
        service = replace(service, spec=replace(spec, ports=tuple(ports)))
        return self._with_health_port(service, owner, taken)

    def _next_port(
        self,
        port: ServicePort,
        spec: ServiceSpec,
        mine: dict[int, set[str]],
        owner: str,
        taken: list[int],
        dry_run: bool,
    ) -> ServicePort:
        """Any free one; the same port under another protocol shares its number."""
        for other in spec.ports:
            if other.port == port.port and other.protocol != port.protocol:
                for number, protocols in mine.items():
                    if other.protocol in protocols and port.protocol not in protocols:
                        return replace(port, nodePort=number)
        if dry_run:
            return replace(port, nodePort=self._dry_port)
        return replace(port, nodePort=self._any_port(owner, taken))

    def _any_port(self, owner: str, taken: list[int]) -> int:
        try:
            number = self.ports.next(owner)
        except Taken:
            raise InternalError.of("failed to allocate a nodePort: range is full") from None
        taken.append(number)
        return number

    def _claim_port(
        self,
        service: Service,
        index: int,
        port: ServicePort,
        mine: dict[int, set[str]],
        had: set[int],
        owner: str,
        taken: list[int],
    ) -> None:
        number = port.nodePort
        path = f"spec.ports[{index}].nodePort"
        if number in mine and port.protocol not in mine[number]:
            return
        if number not in self.ports and number not in had:
            why = (
                "provided port is not in the valid range. The range of valid ports is "
                f"{self.ports.first}-{self.ports.last}"
            )
            _refuse(service, [invalid(path, number, why)])
        why = "provided port is already allocated"
        if number in mine:
            _refuse(service, [invalid(path, number, why)])
        try:
            if self.ports.claim(number, owner):
                taken.append(number)
        except Taken:
            _refuse(service, [invalid(path, number, why)])

    def _with_health_port(self, service: Service, owner: str, taken: list[int]) -> Service:
        spec = service.spec
        if not needs_health_check(spec):
            return service
        if not spec.healthCheckNodePort:
            number = self._any_port(owner, taken)
            return replace(service, spec=replace(spec, healthCheckNodePort=number))
        try:
            if self.ports.claim(spec.healthCheckNodePort, owner):
                taken.append(spec.healthCheckNodePort)
        except Taken:
            raise InternalError.of(
                f"failed to allocate requested HealthCheck NodePort {spec.healthCheckNodePort}: "
                "provided port is already allocated"
            ) from None
        return service


def ports_of(service: Service) -> set[int]:
    numbers = {port.nodePort for port in service.spec.ports}
    return (numbers | {service.spec.healthCheckNodePort}) - {0}


def _with_families(service: Service, families: tuple[str, ...], policy: str) -> Service:
    return replace(service, spec=replace(service.spec, ipFamilies=families, ipFamilyPolicy=policy))


def _refuse(service: Service, problems: list[FieldError]) -> None:
    if problems:
        raise Invalid.of("", "Service", service.metadata.name, problems)


def _reserve(size: int, part: int, most: int) -> int:
    """How many of a range are left to those who choose: a part of it, 16 at least."""
    return min(max(16, size // part), most) if size > 16 else 0
