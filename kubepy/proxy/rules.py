"""From what is wanted to nf_tables: the whole policy of forwarding, as pure functions.

A packet's way does not grow with the number of Services: one lookup finds the Service's entry,
whose verdict leads to one of a few chains that all Services share; there a second lookup finds
the endpoint. A Service is nothing but elements of maps:

    service-ips  10.96.0.1 . tcp . 80          : goto internal-2     (two endpoints)
    endpoints    10.96.0.1 . tcp . 80 . 0      : 10.244.0.5 . 8080
    endpoints    10.96.0.1 . tcp . 80 . 1      : 10.244.0.9 . 8080

    chain internal-2 {
        ip saddr != 10.244.0.0/16 jump mark-for-masquerade
        dnat to ip daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints
    }

`base` gives what every table has, `piece` what one Forwarding adds. Chains are named after all
that is in them, so they are made once, shared, and never change.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from kubepy.proxy.ruleset import (
    DROP,
    RETURN,
    VERDICT,
    AddressType,
    Bits,
    Chain,
    Compare,
    Constant,
    Ct,
    Dnat,
    Dynamic,
    Expression,
    Family,
    Field,
    Hook,
    Immediate,
    Lookup,
    Map,
    Masquerade,
    Meta,
    Payload,
    Random,
    Reject,
    Rule,
    Ruleset,
    SetMeta,
    Value,
    Verdict,
    goto,
    jump,
    number,
)  # fmt: skip
from kubepy.proxy.services import PROTOCOLS, Forwarding, Network, Target

TABLE = "kubepy-proxy"

LOCAL_OFFSET = 1 << 20  # where the numbers of a policy Local's endpoints start
IDENTITY = 1 << 31  # set in an endpoint's lasting number, clear in its place in a list
AFFINITY_CLIENTS = 1 << 18  # clients remembered a family; more are served without memory

SERVICE_IPS, SERVICE_NODEPORTS = "service-ips", "service-nodeports"
DEAD_IPS, DEAD_NODEPORTS = "no-endpoint-services", "no-endpoint-nodeports"
FIREWALL_IPS, CLUSTER_IPS, HAIRPINS = "firewall-ips", "cluster-ips", "hairpin-connections"

_MARK, _MASQUERADE = "mark-for-masquerade", "masquerading"
_SERVICES, _NODEPORTS, _CHECK, _REFUSE = "services", "nodeports", "endpoints-check", "reject"
_FIREWALL = "firewall-check"

_LOCAL = number(2)  # RTN_LOCAL
_NEW, _DNAT = number(8), number(32)  # of ct state, of ct status


class LocalTraffic(Struct, frozen=True):
    """How packets of pods of this node are told from others (--detect-local-mode)."""

    networks: tuple[Network, ...] = ()  # by source address, at most one a family
    interface: str = ""  # by incoming interface, whole name
    interface_prefix: str = ""

    def knows(self, family: Family) -> bool:
        by_name = bool(self.interface or self.interface_prefix)
        return by_name or any(one.family is family for one in self.networks)


class Settings(Struct, frozen=True):
    """What a node's whole table depends on, besides the Services."""

    local_traffic: LocalTraffic = LocalTraffic()
    masquerade_all: bool = False
    masquerade_bit: int = 14
    nodeport_networks: tuple[Network, ...] | None = None  # None: every address of the node


class Piece(Struct, frozen=True):
    """What one Forwarding adds to its family's table."""

    chains: dict[str, Chain]
    elements: dict[str, dict[bytes, Value]]


class Entry(Struct, frozen=True, gc=False):
    """A way into a Service, and where its parts lie in the registers.

    By address: saddr, daddr, protocol, port, number, target. By node port: the same without
    daddr. Whatever is looked up is a run of neighbours in this order.
    """

    kind: Literal["ip", "nodeport"]
    family: Family

    @property
    def start(self) -> int:
        return self.family.slots  # after saddr

    @property
    def number(self) -> int:
        return self.start + (self.family.slots if self.kind == "ip" else 0) + 2

    @property
    def prefix(self) -> str:
        return "" if self.kind == "ip" else "nodeport-"

    def load(self) -> Rule:
        """`ip daddr . meta l4proto . th dport` or `meta l4proto . th dport`."""
        address = (destination(self.family, self.start),) if self.kind == "ip" else ()
        return (
            *address,
            Meta("l4proto", self.number - 2),
            Payload("transport", 2, 2, self.number - 1),
        )

    def dnat(self, data: int) -> Expression:
        return Dnat(data, data + self.family.slots)


# --- pieces of rules ----------------------------------------------------------------------------


def source(family: Family, to: int) -> Payload:
    return Payload("network", 12 if family is Family.IPV4 else 8, family.width, to)


def destination(family: Family, to: int) -> Payload:
    return Payload("network", 16 if family is Family.IPV4 else 24, family.width, to)


def within(load: Payload, net: Network, *, inside: bool = True) -> Rule:
    """Go on if the address is in the network (or not)."""
    whole = net.prefix == len(net.address) * 8
    masked = () if whole else (Bits(load.to, net.mask, bytes(len(net.address))),)
    return (load, *masked, Compare(load.to, net.address, inside))


def _from_pod(family: Family, local: LocalTraffic, *, yes: bool = True) -> Rule:
    """Go on if the packet comes from a pod of this node (or not); `local` must know."""
    if local.interface:
        name = local.interface.encode()[:15].ljust(16, b"\0")
        return (Meta("iifname", 0), Compare(0, name, yes))
    if local.interface_prefix:
        return (Meta("iifname", 0), Compare(0, local.interface_prefix.encode()[:15], yes))
    net = next(one for one in local.networks if one.family is family)
    return within(source(family, 0), net, inside=yes)


def _end(verdict: Verdict) -> Rule:
    return (Immediate(verdict),)


def _state(key: Literal["state", "status"], bits: bytes) -> Rule:
    return (Ct(key, 0), Bits(0, bits, bytes(4)), Compare(0, bytes(4), equal=False))


# --- the base -----------------------------------------------------------------------------------


def maps(family: Family) -> dict[str, Map]:
    address, proto, port = Field.address(family), Field.PROTOCOL, Field.PORT
    by_ip, by_port = (address, proto, port), (proto, port)
    target = (address, port)
    found = [
        Map(SERVICE_IPS, by_ip, VERDICT),
        Map(SERVICE_NODEPORTS, by_port, VERDICT),
        Map(DEAD_IPS, by_ip, VERDICT),
        Map(DEAD_NODEPORTS, by_port, VERDICT),
        Map(FIREWALL_IPS, by_ip, VERDICT),
        Map(CLUSTER_IPS, (address,)),
        Map(HAIRPINS, (address, address)),
    ]
    for prefix, entry in (("", by_ip), ("nodeport-", by_port)):
        found += [
            Map(f"{prefix}endpoints", (*entry, Field.NUMBER), target),
            Map(f"{prefix}choices", (*entry, Field.NUMBER), (Field.NUMBER,)),
            Map(f"{prefix}affinity", (address, *entry), (Field.NUMBER,), AFFINITY_CLIENTS),
        ]
    return {one.name: one for one in found}


def base(family: Family, settings: Settings) -> Ruleset:
    """The table of a node without Services."""
    chains = [*_shared_chains(family, settings), *_hooks()]
    return Ruleset(family, {chain.name: chain for chain in chains}, maps(family), {})


def _hooks() -> list[Chain]:
    def to(chain: str) -> tuple[Rule, ...]:
        return (_end(jump(chain)),)

    # Dead services are refused after translation (-100), when only they still bear their address.
    return [
        Chain("nat-prerouting", to(_SERVICES), Hook("nat", "prerouting", -100)),
        Chain("nat-output", to(_SERVICES), Hook("nat", "output", -100)),
        Chain("nat-postrouting", to(_MASQUERADE), Hook("nat", "postrouting", 100)),
        Chain("filter-prerouting", to(_FIREWALL), Hook("filter", "prerouting", -110)),
        Chain("filter-output", to(_FIREWALL), Hook("filter", "output", -110)),
        Chain("filter-input", to(_CHECK), Hook("filter", "input", -110)),
        Chain("filter-forward", to(_CHECK), Hook("filter", "forward", -110)),
        Chain("filter-output-translated", to(_CHECK), Hook("filter", "output", -90)),
    ]


def _shared_chains(family: Family, settings: Settings) -> list[Chain]:
    by_ip, by_port = Entry("ip", family), Entry("nodeport", family)
    mark = number(1 << settings.masquerade_bit)
    others = number(0xFFFFFFFF ^ (1 << settings.masquerade_bit))

    def vmap(entry: Entry, name: str) -> Rule:
        return (*entry.load(), Lookup(name, entry.start, VERDICT))

    addresses = (source(family, 0), destination(family, family.slots))
    return [
        Chain(_MARK, ((Meta("mark", 0), Bits(0, others, mark), SetMeta("mark", 0)),)),
        # A reset reaches a connecting client at once; ICMP may be filtered, and is rate-limited.
        Chain(_REFUSE, (
            (Meta("l4proto", 0), Compare(0, bytes((PROTOCOLS["TCP"],))), Reject(reset=True)),
            (Reject(),),
        )),
        Chain(_SERVICES, (vmap(by_ip, SERVICE_IPS), *_to_node(family, settings, goto(_NODEPORTS)))),
        Chain(_NODEPORTS, (vmap(by_port, SERVICE_NODEPORTS),)),
        Chain("nodeports-check", (vmap(by_port, DEAD_NODEPORTS),)),
        Chain(_CHECK, (
            (*_state("status", _DNAT), Immediate(RETURN)),
            (*_state("state", _NEW), *vmap(by_ip, DEAD_IPS)),
            (*_state("state", _NEW), destination(family, 0), Lookup(CLUSTER_IPS, 0),
             Immediate(goto(_REFUSE))),
            *_to_node(family, settings, goto("nodeports-check")),
        )),
        Chain(_FIREWALL, ((*_state("state", _NEW), *vmap(by_ip, FIREWALL_IPS)),)),
        Chain(_MASQUERADE, (
            (*_state("status", _DNAT), *addresses, Lookup(HAIRPINS, 0), Masquerade()),
            (Meta("mark", 0), Bits(0, mark, bytes(4)), Compare(0, bytes(4)), Immediate(RETURN)),
            (Meta("mark", 0), Bits(0, number(0xFFFFFFFF), mark), SetMeta("mark", 0)),
            (Masquerade(),),
        )),
    ]  # fmt: skip


def _to_node(family: Family, settings: Settings, verdict: Verdict) -> list[Rule]:
    """For packets to an address at which this node serves node ports. Loopback never is one:
    such a connection could not come back without route_localnet, which opens it to neighbours."""
    if family is Family.IPV4:
        loopback = Network(bytes((127, 0, 0, 0)), 8)
    else:
        loopback = Network(bytes(15) + b"\x01", 128)
    is_local = (AddressType("destination", 0), Compare(0, _LOCAL))
    skip = (*within(destination(family, 0), loopback), Immediate(RETURN))
    chosen = settings.nodeport_networks
    if chosen is None or any(one.family is family and one.prefix == 0 for one in chosen):
        return [skip, (*is_local, Immediate(verdict))]
    own = [one for one in chosen if one.family is family]
    load = destination(family, 0)
    return [skip, *((*within(load, one), *is_local, Immediate(verdict)) for one in own)]


# --- a Service's own ----------------------------------------------------------------------------


def piece(wanted: Forwarding, settings: Settings) -> Piece:
    """The elements of one Forwarding and the shared chains that they lead to."""
    build = _Builder(wanted, settings)
    build.inside()
    build.outside()
    return Piece(build.chains, build.elements)


class _Builder:
    """Collects a Piece. One Forwarding, one use."""

    def __init__(self, wanted: Forwarding, settings: Settings) -> None:
        self.wanted = wanted
        self.settings = settings
        self.chains: dict[str, Chain] = {}
        self.elements: dict[str, dict[bytes, Value]] = {}

    def inside(self) -> None:
        """The cluster IP, and the masquerading of endpoints that reach themselves."""
        wanted = self.wanted
        entry = Entry("ip", wanted.family)
        self._put(CLUSTER_IPS, wanted.cluster_ip, Value())
        key = _ip_key(wanted.cluster_ip, wanted.protocol, wanted.port)
        if wanted.internal:
            chain = internal_chain(entry, len(wanted.internal), wanted.affinity, self.settings)
            self._lead(SERVICE_IPS, key, chain)
            self._targets(entry, key, wanted.internal, 0)
        else:
            self._dead(DEAD_IPS, key)
        for address in wanted.own:
            self._put(HAIRPINS, address + address, Value())

    def outside(self) -> None:
        """External and load balancer addresses, and the node port."""
        wanted = self.wanted
        for address in dict.fromkeys((*wanted.external_ips, *wanted.load_balancer_ips)):
            key = _ip_key(address, wanted.protocol, wanted.port)
            self._external(Entry("ip", wanted.family), key, SERVICE_IPS, DEAD_IPS)
            if wanted.source_ranges and address in wanted.load_balancer_ips:
                self._lead(FIREWALL_IPS, key, firewall_chain(wanted.family, wanted.source_ranges))
        if wanted.node_port:
            key = _port_key(wanted.protocol, wanted.node_port)
            entry = Entry("nodeport", wanted.family)
            self._external(entry, key, SERVICE_NODEPORTS, DEAD_NODEPORTS)

    def _external(self, entry: Entry, key: bytes, alive: str, dead: str) -> None:
        wanted = self.wanted
        if wanted.external_local and (wanted.local or wanted.cluster):
            counts = len(wanted.local), len(wanted.cluster)
            chain, more = local_chains(entry, *counts, wanted.affinity, self.settings)
            self.chains.update({one.name: one for one in more})
            self._targets(entry, key, wanted.local, LOCAL_OFFSET)
        elif not wanted.external_local and wanted.cluster:
            chain = external_chain(entry, len(wanted.cluster), wanted.affinity)
        else:
            self._dead(dead, key)
            return
        self._lead(alive, key, chain)
        self._targets(entry, key, wanted.cluster, 0)

    def _put(self, name: str, key: bytes, value: Value) -> None:
        self.elements.setdefault(name, {})[key] = value

    def _lead(self, name: str, key: bytes, chain: Chain) -> None:
        self.chains[chain.name] = chain
        self._put(name, key, Value(goto(chain.name), self.wanted.name))

    def _dead(self, name: str, key: bytes) -> None:
        """Nobody to send it to: refused, or dropped if only others may answer."""
        verdict = DROP if self.wanted.anywhere else goto(_REFUSE)
        self._put(name, key, Value(verdict, self.wanted.name))

    def _targets(self, entry: Entry, key: bytes, targets: Sequence[Target], offset: int) -> None:
        endpoints, choices = f"{entry.prefix}endpoints", f"{entry.prefix}choices"
        if not self.wanted.affinity:
            for place, target in enumerate(targets, offset):
                self._put(endpoints, key + number(place), Value(_target(target)))
            return
        for place, (identity, target) in enumerate(identities(targets), offset):
            self._put(choices, key + number(place), Value(number(identity)))
            self._put(endpoints, key + number(identity), Value(_target(target)))


def identities(targets: Sequence[Target]) -> list[tuple[int, Target]]:
    """A lasting number for each target, whatever its place: clients are remembered by it."""
    found: dict[int, Target] = {}
    for target in targets:
        identity = zlib.crc32(_target(target)) | IDENTITY
        while identity in found:
            identity = (identity + 1) & 0xFFFFFFFF | IDENTITY
        found[identity] = target
    return list(found.items())


def _ip_key(address: bytes, protocol: int, port: int) -> bytes:
    return address + struct.pack(">BxxxHxx", protocol, port)


def _port_key(protocol: int, port: int) -> bytes:
    return struct.pack(">BxxxHxx", protocol, port)


def _target(target: Target) -> bytes:
    return target.address + struct.pack(">Hxx", target.port)


# --- chains that Services share -----------------------------------------------------------------


def internal_chain(entry: Entry, count: int, affinity: int, settings: Settings) -> Chain:
    """To the cluster IP: masqueraded unless it comes from a pod."""
    marking: list[Rule] = []
    if settings.masquerade_all:
        marking = [_end(jump(_MARK))]
    elif settings.local_traffic.knows(entry.family):
        outsider = _from_pod(entry.family, settings.local_traffic, yes=False)
        marking = [(*outsider, Immediate(jump(_MARK)))]
    rules = (*marking, *_choose(entry, count, affinity, 0))
    return Chain(f"internal-{_suffix(count, affinity)}", rules)


def external_chain(entry: Entry, count: int, affinity: int) -> Chain:
    """From outside to any endpoint: masqueraded, so that the answer comes back this way."""
    rules = (_end(jump(_MARK)), *_choose(entry, count, affinity, 0))
    return Chain(f"{entry.prefix}external-{_suffix(count, affinity)}", rules)


def local_chains(
    entry: Entry, count: int, everywhere: int, affinity: int, settings: Settings
) -> tuple[Chain, tuple[Chain, ...]]:
    """From outside to this node's endpoints only, the client's address kept.

    Pods and the node itself are no outsiders: they may use all endpoints.
    """
    family = entry.family
    name = f"{entry.prefix}local-{count}-of-{_suffix(everywhere, affinity)}"
    more: tuple[Chain, ...] = ()
    rules: list[Rule] = []
    if everywhere:
        anyone = Chain(
            f"{entry.prefix}any-{_suffix(everywhere, affinity)}",
            _choose(entry, everywhere, affinity, 0),
        )
        more = (anyone,)
        from_node = (AddressType("source", 0), Compare(0, _LOCAL))
        if settings.local_traffic.knows(family):
            pods = _from_pod(family, settings.local_traffic)
            rules.append((*pods, Immediate(goto(anyone.name))))
        rules.append((*from_node, Immediate(jump(_MARK))))
        rules.append((*from_node, Immediate(goto(anyone.name))))
    if count:
        rules += _choose(entry, count, affinity, LOCAL_OFFSET)
    else:
        rules.append(_end(DROP))
    return Chain(name, tuple(rules)), more


def firewall_chain(family: Family, ranges: Sequence[Network]) -> Chain:
    """Only these sources may use a load balancer's address."""
    digest = hashlib.sha256()
    for one in ranges:
        digest.update(one.address + bytes((one.prefix,)))
    allowed = [(*within(source(family, 0), one), Immediate(RETURN)) for one in ranges]
    return Chain(f"firewall-{digest.hexdigest()[:16]}", (*allowed, _end(DROP)))


def _suffix(count: int, affinity: int) -> str:
    return f"{count}-sticky-{affinity}" if affinity else str(count)


def _choose(entry: Entry, count: int, affinity: int, offset: int) -> tuple[Rule, ...]:
    """Translate to one of the entry's `count` endpoints."""
    if affinity:
        return _remember(entry, count, affinity, offset)
    lookup = Lookup(f"{entry.prefix}endpoints", entry.start, entry.number)
    pick = (*entry.load(), Random(count, entry.number, offset), lookup, entry.dnat(entry.number))
    return (pick,)


def _remember(entry: Entry, count: int, affinity: int, offset: int) -> tuple[Rule, ...]:
    """The same endpoint again for a client that was here less than `affinity` seconds ago.

    `affinity` maps (client, entry) to an endpoint's lasting number. A number whose endpoint is
    gone finds nothing in `endpoints`, and another is chosen. When the memory is full, clients are
    served without. The number travels from rule to rule in `meta priority`, which is reset before
    the packet leaves (registers do not outlive a rule, and nft cannot list a lookup of a lookup).
    """
    number_, target = entry.number, entry.number + 1
    memory, endpoints = f"{entry.prefix}affinity", f"{entry.prefix}endpoints"
    client = (source(entry.family, 0), *entry.load())
    chosen = Meta("priority", number_)
    refresh = Dynamic("update", memory, 0, number_, affinity * 1000)
    keep = SetMeta("priority", number_)
    reset = (Constant(bytes(4), number_), keep)
    find = Lookup(endpoints, entry.start, target)
    choose = Lookup(f"{entry.prefix}choices", entry.start, number_)
    return (
        (*client, Lookup(memory, 0, number_), keep),
        (*client, chosen, find, refresh, *reset, entry.dnat(target)),
        (*entry.load(), Random(count, number_, offset), choose, keep),
        (*client, chosen, Dynamic("delete", memory, 0, number_)),
        (*client, chosen, refresh),
        (*entry.load(), chosen, find, *reset, entry.dnat(target)),
    )
