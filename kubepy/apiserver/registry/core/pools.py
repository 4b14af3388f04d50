"""Numbers of which each has at most one owner: addresses as integers, ports. Touches nothing.

range 10.96.0.0/16    .0.0 and .255.255 never; the first 256 are left for those who choose
ports 30000-32767     the same, the first 86
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network
from random import Random

from msgspec import Struct
from msgspec.structs import replace

TRIES = 64  # at random, before a range is searched from its start
MOST = 1 << 20  # of a huge range, enough is enough


class Taken(Exception):
    """What was asked for belongs to somebody else, or there is nothing left."""


class Range(Struct, frozen=True):
    """Numbers from `first` to `last`. Those before `dynamic` are given out last: people ask for
    them."""

    first: int
    last: int
    dynamic: int

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last


def ports(first: int, last: int) -> Range:
    return Range(first, last, min(first + _reserve(last - first + 1, 32, 128), last))


def addresses(network: IPv4Network | IPv6Network) -> Range:
    """All but the network's own address, and but IPv4's broadcast address."""
    first = int(network.network_address) + 1
    broadcast = 1 if network.version == 4 else 0
    last = min(int(network.broadcast_address) - broadcast, first + MOST)
    return Range(first, last, min(first + _reserve(network.num_addresses, 16, 256), last))


def _reserve(size: int, part: int, most: int) -> int:
    """How many of a range are left to those who choose: a part of it, 16 at least."""
    return min(max(16, size // part), most) if size > 16 else 0


class Pool:
    """Who has which number, as far as this server knows."""

    def __init__(self, random: Random, ranges: Sequence[Range] = ()) -> None:
        self.ranges = ranges
        self.elsewhere: Container[int] = ()
        """Numbers that somebody has whom this server knows nothing of."""
        self._random = random
        self._owners: dict[int, str] = {}

    def claim(self, number: int, owner: str) -> None:
        """Take this one. Raises Taken, even if the owner has it already."""
        if number in self._owners or number in self.elsewhere:
            raise Taken
        self._owners[number] = owner

    def note(self, number: int, owner: str) -> None:
        """It is written that the owner has it, whatever was thought before."""
        self._owners[number] = owner

    def next(self, owner: str) -> int:
        """Take any of the ranges' numbers. Raises Taken if there is none left."""
        for each in self.ranges:
            number = self._free(each)
            if number is not None:
                self._owners[number] = owner
                return number
        raise Taken

    def _free(self, each: Range) -> int | None:
        for _ in range(TRIES):
            number: int = self._random.randint(each.dynamic, each.last)
            if self._is_free(number):
                return number
        order = (*range(each.dynamic, each.last + 1), *range(each.first, each.dynamic))
        return next(filter(self._is_free, order), None)

    def _is_free(self, number: int) -> bool:
        return number not in self._owners and number not in self.elsewhere

    def release(self, number: int, owner: str) -> None:
        """Nothing happens if somebody else has it."""
        if self._owners.get(number) == owner:
            del self._owners[number]

    def forget(self, number: int) -> None:
        """It is written that nobody has it."""
        self._owners.pop(number, None)

    def owner(self, number: int) -> str:
        """Who has it; empty: nobody."""
        return self._owners.get(number, "")

    def __contains__(self, number: int) -> bool:
        return any(number in each for each in self.ranges)


class Bitmap(Struct, frozen=True):
    """A set of numbers as Kubernetes keeps it: bit n says whether somebody has `first` + n.

    numbers {30000, 30009}  ─►  bits 0b10_0000_0001  ─►  bytes 02 01
    """

    first: int
    bits: int = 0

    @classmethod
    def read(cls, first: int, data: bytes) -> Bitmap:
        return cls(first, int.from_bytes(data, "big"))

    @property
    def data(self) -> bytes:
        return self.bits.to_bytes((self.bits.bit_length() + 7) // 8, "big")

    def __contains__(self, number: object) -> bool:
        return (
            isinstance(number, int)
            and number >= self.first
            and bool(self.bits >> (number - self.first) & 1)
        )

    def added(self, numbers: Iterable[int]) -> Bitmap:
        return replace(self, bits=self.bits | self._mask(numbers))

    def without(self, numbers: Iterable[int]) -> Bitmap:
        return replace(self, bits=self.bits & ~self._mask(numbers))

    def _mask(self, numbers: Iterable[int]) -> int:
        mask = 0
        for number in numbers:
            if number >= self.first:
                mask |= 1 << (number - self.first)
        return mask

    def numbers(self) -> frozenset[int]:
        return frozenset(
            self.first + offset
            for offset in range(self.bits.bit_length())
            if self.bits >> offset & 1
        )
