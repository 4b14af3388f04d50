"""Cluster addresses and node ports of Services: who has which, and who gets the next.

What this server knows follows from IPAddresses, Services and ServiceCIDRs: the allocator listens to
their caches. What was taken a moment ago is remembered until they show it.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Service, ServicePort, ServiceSpec
from kubepy.api.networking.v1 import IPAddress, ServiceCIDR
from kubepy.apiserver.registry.core import pools
from kubepy.apiserver.registry.core.pools import Pool, Taken
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
from kubepy.meta import conditions
from kubepy.meta.errors import FieldError, InternalError, Invalid, invalid

SINGLE, PREFER_DUAL, REQUIRE_DUAL = "SingleStack", "PreferDualStack", "RequireDualStack"
READY = "Ready"


class Hold(Struct, frozen=True):
    """What one write took, to give back if it fails, and what it lets go of if it does not."""

    owner: str
    addresses: tuple[int, ...] = ()
    ports: tuple[int, ...] = ()
    freed_addresses: tuple[int, ...] = ()
    freed_ports: tuple[int, ...] = ()


class ServiceAllocation:
    """What Services may get, by what this server knows."""

    def __init__(
        self, network: IPv4Network | IPv6Network, ports: tuple[int, int], random: Random
    ) -> None:
        """`network` says which family this cluster has addresses of."""
        self.network = network
        self.family = f"IPv{network.version}"
        self.addresses = Pool(random)
        self.ports = Pool(random, (pools.ports(*ports),))
        self._dry_port = ports[1] + 2  # what a dry run shows: nobody's

    # ---- what is derived from the caches

    def observe(self, change: Change) -> None:
        """Services came, changed or went."""
        old = ports_of(change.old.peek()) if change.old is not None else set()
        new = ports_of(change.new.peek()) if change.new is not None else set()
        owner = change.record.key
        for number in old - new:
            self.ports.release(number, owner)
        self._know_ports(new, owner)

    def know(self, services: Iterable[Service]) -> None:
        """What the cache held when it was filled."""
        for service in services:
            self._know_ports(ports_of(service), owner_of(service))

    def _know_ports(self, numbers: Iterable[int], owner: str) -> None:
        for number in numbers:
            if not self.ports.owner(number):  # else two have got the same, long ago
                self.ports.note(number, owner)

    def observe_address(self, change: Change) -> None:
        """An IPAddress came or went: its name is taken, whoever has it."""
        number = self.number_of(change.record.name)
        if number is None:
            return
        if change.new is None:
            self.addresses.forget(number)
        else:
            self.addresses.note(number, _parent(change.new.peek()))

    def use_ranges(self, cidrs: Iterable[ServiceCIDR]) -> None:
        """From now on Services get their addresses from these, as far as they are ready."""
        networks = dict.fromkeys(
            network
            for cidr in cidrs
            if is_ready(cidr)
            for network in map(ip_network, cidr.spec.cidrs)
            if network.version == self.network.version
        )
        self.addresses.ranges = tuple(map(pools.addresses, networks))

    def numbers_of(self, service: Service) -> set[int]:
        """Its addresses."""
        return {n for text in service.spec.clusterIPs if (n := self.number_of(text)) is not None}

    def number_of(self, text: str) -> int | None:
        """An address of this cluster's family as a number."""
        try:
            address = ip_address(text)
        except ValueError:
            return None
        return int(address) if address.version == self.network.version else None

    def text_of(self, number: int) -> str:
        return str(type(self.network.network_address)(number))

    # ---- what a write needs

    def take(self, service: Service, old: Service | None, *, dry_run: bool) -> tuple[Service, Hold]:
        """The Service with what it lacks, and what was taken for it. Raises as `Allocation`."""
        owner = owner_of(service)
        addresses: list[int] = []
        ports: list[int] = []
        try:
            service = self.with_families(service, old)
            service = self._with_address(service, old, owner, addresses, dry_run)
            service = self._with_ports(service, old, owner, ports, dry_run)
        except BaseException:
            self.give_back(owner, addresses, ports)
            raise
        freed = Hold(owner) if old is None else self._freed(service, old)
        return service, replace(freed, addresses=tuple(addresses), ports=tuple(ports))

    def _freed(self, service: Service, old: Service) -> Hold:
        addresses = self.numbers_of(old) - self.numbers_of(service)
        ports = ports_of(old) - ports_of(service)
        return Hold(
            owner_of(service),
            freed_addresses=tuple(sorted(addresses)),
            freed_ports=tuple(sorted(ports)),
        )

    def give_back(self, owner: str, addresses: Iterable[int], ports: Iterable[int]) -> None:
        """What was taken is not used."""
        for number in addresses:
            self.addresses.release(number, owner)
        for number in ports:
            self.ports.release(number, owner)

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
        self, service: Service, old: Service | None, owner: str, taken: list[int], dry_run: bool
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
                text = self.text_of(number)
            return replace(service, spec=replace(spec, clusterIP=text, clusterIPs=(text,)))
        text = spec.clusterIPs[0]
        asked = self.number_of(text)
        if asked is not None and old is not None and asked in self.numbers_of(old):
            return service
        why = f"failed to allocate IP {text}: "
        if asked is None or asked not in self.addresses:
            why += "the provided network does not match the current range"
            _refuse(service, [invalid("spec.clusterIPs", spec.clusterIPs, why)])
            return service
        try:
            self.addresses.claim(asked, owner)
        except Taken:
            why += "provided IP is already allocated"
            _refuse(service, [invalid("spec.clusterIPs", spec.clusterIPs, why)])
        taken.append(asked)
        return service

    def _with_ports(
        self, service: Service, old: Service | None, owner: str, taken: list[int], dry_run: bool
    ) -> Service:
        spec = service.spec
        had = ports_of(old) if old is not None else set()
        if not needs_node_port(service):
            return self._with_health_port(service, had, owner, taken)
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
        return self._with_health_port(service, had, owner, taken)

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
            valid = self.ports.ranges[0]
            why = (
                "provided port is not in the valid range. The range of valid ports is "
                f"{valid.first}-{valid.last}"
            )
            _refuse(service, [invalid(path, number, why)])
        why = "provided port is already allocated"
        if number in mine:
            _refuse(service, [invalid(path, number, why)])
        if number in had:
            return
        try:
            self.ports.claim(number, owner)
        except Taken:
            _refuse(service, [invalid(path, number, why)])
        taken.append(number)

    def _with_health_port(
        self, service: Service, had: set[int], owner: str, taken: list[int]
    ) -> Service:
        spec = service.spec
        if not needs_health_check(spec):
            return service
        if not spec.healthCheckNodePort:
            number = self._any_port(owner, taken)
            return replace(service, spec=replace(spec, healthCheckNodePort=number))
        if spec.healthCheckNodePort in had:
            return service
        try:
            self.ports.claim(spec.healthCheckNodePort, owner)
        except Taken:
            raise InternalError.of(
                f"failed to allocate requested HealthCheck NodePort {spec.healthCheckNodePort}: "
                "provided port is already allocated"
            ) from None
        taken.append(spec.healthCheckNodePort)
        return service


def owner_of(service: Service) -> str:
    """`namespace/name`, as its record's key."""
    return f"{service.metadata.namespace}/{service.metadata.name}"


def _parent(address: IPAddress) -> str:
    parent = address.spec.parentRef
    return f"{parent.namespace}/{parent.name}" if parent is not None else address.metadata.name


def is_ready(cidr: ServiceCIDR) -> bool:
    """Whether addresses may be taken from it. Where no controller says, they may."""
    condition = conditions.find(cidr.status.conditions, READY)
    said = condition is None or condition.status == conditions.TRUE
    return said and cidr.metadata.deletionTimestamp is None


def ports_of(service: Service) -> set[int]:
    numbers = {port.nodePort for port in service.spec.ports}
    return (numbers | {service.spec.healthCheckNodePort}) - {0}


def _with_families(service: Service, families: tuple[str, ...], policy: str) -> Service:
    return replace(service, spec=replace(service.spec, ipFamilies=families, ipFamilyPolicy=policy))


def _refuse(service: Service, problems: list[FieldError]) -> None:
    if problems:
        raise Invalid.of("", "Service", service.metadata.name, problems)
