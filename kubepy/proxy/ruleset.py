"""The words in which a table of nf_tables is described: values only, for one address family.

A rule is a tuple of the kernel's own expressions, run left to right: loads fill registers,
comparisons and lookups that miss end the rule, a verdict ends the chain. Registers are counted in
slots of four bytes, 0 to 15; a value wider than four bytes covers the slots that follow, so that
fields loaded side by side are one concatenated key:

    Load("ip daddr") into 0, Meta L4PROTO into 1, Load("th dport") into 2, Lookup(map, key=0)
    = "ip daddr . meta l4proto . th dport vmap @map"
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal

from msgspec import Struct

VERDICT: Final = -1
"""The register that a verdict map's answer goes to."""


class Family(Enum):
    """An address family: its number in netfilter, and the width of an address in bytes."""

    IPV4 = (2, 4)
    IPV6 = (10, 16)

    @property
    def number(self) -> int:
        return self.value[0]

    @property
    def width(self) -> int:
        return self.value[1]

    @property
    def slots(self) -> int:
        """How many registers an address covers."""
        return self.value[1] // 4

    @property
    def table_family(self) -> str:
        """nft's word for a table of this family."""
        return "ip" if self is Family.IPV4 else "ip6"


class Field(Enum):
    """A type of key or data: nft's number for it (how `nft list` prints it) and its bytes."""

    IPV4 = (7, 4)
    IPV6 = (8, 16)
    PROTOCOL = (12, 1)
    PORT = (13, 2)
    NUMBER = (19, 4)

    @staticmethod
    def address(family: Family) -> Field:
        return Field.IPV4 if family is Family.IPV4 else Field.IPV6


def number(value: int) -> bytes:
    """A number as the kernel itself loads it into a register: the machine's own order."""
    return value.to_bytes(4, sys.byteorder)


# --- verdicts -----------------------------------------------------------------------------------


class Verdict(Struct, frozen=True, gc=False):
    """What becomes of the packet; `chain` for jump and goto."""

    code: Literal["accept", "drop", "return", "jump", "goto"]
    chain: str = ""


ACCEPT = Verdict("accept")
DROP = Verdict("drop")
RETURN = Verdict("return")


def goto(chain: str) -> Verdict:
    return Verdict("goto", chain)


def jump(chain: str) -> Verdict:
    return Verdict("jump", chain)


# --- expressions --------------------------------------------------------------------------------


class Payload(Struct, frozen=True, gc=False):
    """Load bytes of the packet."""

    base: Literal["network", "transport"]
    offset: int
    length: int
    to: int


class Meta(Struct, frozen=True, gc=False):
    """Load what the kernel knows of the packet."""

    key: Literal["l4proto", "mark", "priority", "iifname"]
    to: int


class SetMeta(Struct, frozen=True, gc=False):
    """Write it from a register."""

    key: Literal["mark", "priority"]
    source: int


class Constant(Struct, frozen=True, gc=False):
    """Load these bytes."""

    value: bytes
    to: int


class Ct(Struct, frozen=True, gc=False):
    """Load from the packet's connection."""

    key: Literal["state", "status"]
    to: int


class AddressType(Struct, frozen=True, gc=False):
    """Load the kind (local, unicast, ...) that the routing table gives an address."""

    of: Literal["source", "destination"]
    to: int


class Random(Struct, frozen=True, gc=False):
    """Load a random number of `modulus` numbers from `offset` on."""

    modulus: int
    to: int
    offset: int = 0


class Compare(Struct, frozen=True, gc=False):
    """Go on only if the register equals (or not) these bytes."""

    register: int
    value: bytes
    equal: bool = True


class Bits(Struct, frozen=True, gc=False):
    """register = (register & mask) ^ flip"""

    register: int
    mask: bytes
    flip: bytes


class Lookup(Struct, frozen=True, gc=False):
    """Go on only if the key is in the set; of a map, put its data into `to`."""

    name: str
    key: int
    to: int | None = None


class Dynamic(Struct, frozen=True, gc=False):
    """Add, refresh or delete an element from the packet path. `update` keeps the old data."""

    operation: Literal["update", "delete"]
    name: str
    key: int
    data: int | None = None
    timeout: int = 0  # milliseconds


class Dnat(Struct, frozen=True, gc=False):
    """Send the connection to the address and port in these registers."""

    address: int
    port: int


class Masquerade(Struct, frozen=True, gc=False):
    """Give the connection the outgoing interface's address, at a random port."""


class Reject(Struct, frozen=True, gc=False):
    """Answer with a TCP reset, or with port unreachable."""

    reset: bool = False


class Immediate(Struct, frozen=True, gc=False):
    verdict: Verdict


Expression = (
    Payload | Meta | SetMeta | Constant | Ct | AddressType | Random | Compare | Bits
    | Lookup | Dynamic | Dnat | Masquerade | Reject | Immediate
)  # fmt: skip
Rule = tuple[Expression, ...]


# --- what a table holds -------------------------------------------------------------------------


class Hook(Struct, frozen=True, gc=False):
    """Where the kernel enters a base chain."""

    type: Literal["nat", "filter"]
    point: Literal["prerouting", "input", "forward", "output", "postrouting"]
    priority: int


class Chain(Struct, frozen=True, gc=False):
    name: str
    rules: tuple[Rule, ...]
    hook: Hook | None = None


class Map(Struct, frozen=True, gc=False):
    """A set (`data` None), a map to `data`, or a map to verdicts (`data` VERDICT)."""

    name: str
    key: tuple[Field, ...]
    data: tuple[Field, ...] | Literal[-1] | None = None
    dynamic_size: int = 0  # elements that the packet path may add; 0: it adds none


class Value(Struct, frozen=True, gc=False):
    """An element's value: a verdict or bytes for a map, nothing for a set; a comment for people."""

    data: Verdict | bytes | None = None
    comment: str = ""


class Ruleset(Struct, frozen=True, gc=False):
    """A whole table. Elements are by map name, then by key."""

    family: Family
    chains: Mapping[str, Chain]
    maps: Mapping[str, Map]
    elements: Mapping[str, Mapping[bytes, Value]]


# --- how one becomes another --------------------------------------------------------------------


class Change(Struct, frozen=True, gc=False):
    """What to do to a table, in the order in which the kernel can do it.

    Chains come before the elements that lead to them, and go after them. A chain never changes:
    its name says all that is in it. An element whose value changes is in `remove` and `insert`.
    """

    family: Family
    add_chains: tuple[Chain, ...] = ()
    remove: Mapping[str, tuple[bytes, ...]] = {}
    insert: Mapping[str, Mapping[bytes, Value]] = {}
    delete_chains: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.add_chains or self.remove or self.insert or self.delete_chains)


def diff(old: Ruleset, new: Ruleset) -> Change:
    """What makes `old` into `new`; both have the same maps and base chains."""
    remove: dict[str, tuple[bytes, ...]] = {}
    insert: dict[str, dict[bytes, Value]] = {}
    for name in new.maps:
        before, after = old.elements.get(name, {}), new.elements.get(name, {})
        gone = tuple(key for key, value in before.items() if after.get(key) != value)
        come = {key: value for key, value in after.items() if before.get(key) != value}
        if gone:
            remove[name] = gone
        if come:
            insert[name] = come
    return Change(
        family=new.family,
        add_chains=tuple(chain for name, chain in new.chains.items() if name not in old.chains),
        remove=remove,
        insert=insert,
        delete_chains=tuple(name for name in old.chains if name not in new.chains),
    )
