"""Who wants what in a table, so that a change costs as much as it changes. Pure data.

Services share: chains, the hairpin of an endpoint that two of them select, and, by mistake, an
external address and port. So every item has claimants; it is there while it has one, with the
value of the first of them by name:

    claim("b", {}, {"k": 2})         → k = 2
    claim("a", {}, {"k": 1})         → k = 1, "b" waits
    claim("a", {"k": 1}, {})         → k = 2 again
    take()                           → what came and went since the last take
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Ledger(Generic[K, V]):
    """Items, each with the claim that counts; most have only one."""

    def __init__(self) -> None:
        self.items: dict[K, V] = {}
        # key → claimant → value, and the least claimant, whose value is the item's. Thousands may
        # claim the same chain, so who comes first is looked for only when that one leaves.
        self._claims: dict[K, dict[str, V]] = {}
        self._first: dict[K, str] = {}
        # What an item was (None: absent) before it was first touched since the last take.
        self._before: dict[K, V | None] = {}

    def claim(self, claimant: str, old: Mapping[K, V], new: Mapping[K, V]) -> None:
        """Replace the claimant's items `old` by `new`."""
        for key in old:
            if key not in new:
                self._before.setdefault(key, self.items.get(key))
                self._withdraw(key, claimant)
        for key, value in new.items():
            if old.get(key) != value:
                self._before.setdefault(key, self.items.get(key))
                self._claims.setdefault(key, {})[claimant] = value
                if claimant <= self._first.setdefault(key, claimant):
                    self._first[key] = claimant
                    self.items[key] = value

    def take(self) -> tuple[list[K], dict[K, V]]:
        """What went and what came since the last time; what changed its value is in both."""
        before, self._before = self._before, {}
        items = self.items
        changed = {key: was for key, was in before.items() if was != items.get(key)}
        gone = [key for key, was in changed.items() if was is not None]
        return gone, {key: items[key] for key in changed if key in items}

    def _withdraw(self, key: K, claimant: str) -> None:
        claims = self._claims[key]
        del claims[claimant]
        if not claims:
            del self._claims[key], self._first[key], self.items[key]
        elif self._first[key] == claimant:
            self._first[key] = first = min(claims)
            self.items[key] = claims[first]
