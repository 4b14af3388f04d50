"""The tables as they should be, kept current Service by Service. Pure: no kernel, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kubepy.proxy import rules
from kubepy.proxy.ledger import Ledger
from kubepy.proxy.rules import Piece, Settings
from kubepy.proxy.ruleset import Chain, Change, Family, Ruleset, Value
from kubepy.proxy.services import Forwarding

_NOTHING = Piece({}, {})


class Tables:
    """One table a family. `update` says what a Service needs, `changes` what to do about it."""

    def __init__(self, families: Iterable[Family], settings: Settings) -> None:
        self.settings = settings
        self._tables = {family: _Table(rules.base(family, settings)) for family in families}
        # What each Service forwards: to tell what changed, and what it claims.
        self._forwardings: dict[str, tuple[Forwarding, ...]] = {}

    @property
    def families(self) -> tuple[Family, ...]:
        return tuple(self._tables)

    def forwardings(self, service: str) -> tuple[Forwarding, ...]:
        return self._forwardings.get(service, ())

    def update(self, service: str, wanted: Sequence[Forwarding]) -> bool:
        """Have the Service `namespace/name` forward exactly this; whether that is news."""
        old, new = self.forwardings(service), tuple(wanted)
        if old == new:
            return False
        for family, table in self._tables.items():
            before = {_claimant(service, one): one for one in old if one.family is family}
            after = {_claimant(service, one): one for one in new if one.family is family}
            for claimant in before.keys() | after.keys():
                if before.get(claimant) != after.get(claimant):
                    table.claim(claimant, self._piece(after.get(claimant)))
        if new:
            self._forwardings[service] = new
        else:
            del self._forwardings[service]
        return True

    def changes(self) -> list[Change]:
        """What makes the tables of the last `changes` or `rulesets` into today's."""
        return [change for table in self._tables.values() if (change := table.change())]

    def rulesets(self) -> list[Ruleset]:
        """Everything, whatever was before."""
        return [table.whole() for table in self._tables.values()]

    def parts(self) -> dict[Family, int]:
        """How many chains and maps each table has."""
        return {family: table.parts for family, table in self._tables.items()}

    def _piece(self, wanted: Forwarding | None) -> Piece:
        return rules.piece(wanted, self.settings) if wanted is not None else _NOTHING


def _claimant(service: str, wanted: Forwarding) -> str:
    return f"{service} {wanted.protocol} {wanted.port}"


_Elements = dict[tuple[str, bytes], Value]


class _Table:
    """One family's table: who claims which chain and which element of which map."""

    def __init__(self, base: Ruleset) -> None:
        self._base = base
        self._chains: Ledger[str, Chain] = Ledger()
        self._elements: Ledger[tuple[str, bytes], Value] = Ledger()
        # What each claimant has claimed.
        self._claimed: dict[str, tuple[dict[str, Chain], _Elements]] = {}

    def claim(self, claimant: str, piece: Piece) -> None:
        old_chains, old_elements = self._claimed.pop(claimant, ({}, {}))
        elements = {
            (name, key): value
            for name, found in piece.elements.items()
            for key, value in found.items()
        }
        self._chains.claim(claimant, old_chains, piece.chains)
        self._elements.claim(claimant, old_elements, elements)
        if elements:
            self._claimed[claimant] = (piece.chains, elements)

    @property
    def parts(self) -> int:
        return len(self._base.chains) + len(self._chains.items) + len(self._base.maps)

    def change(self) -> Change:
        gone_chains, new_chains = self._chains.take()
        gone, come = self._elements.take()
        remove: defaultdict[str, list[bytes]] = defaultdict(list)
        for name, key in gone:
            remove[name].append(key)
        return Change(
            family=self._base.family,
            add_chains=tuple(new_chains.values()),
            remove={name: tuple(keys) for name, keys in remove.items()},
            insert=_by_map(come),
            delete_chains=tuple(gone_chains),
        )

    def whole(self) -> Ruleset:
        self._chains.take()
        self._elements.take()
        return Ruleset(
            family=self._base.family,
            chains={**self._base.chains, **self._chains.items},
            maps=self._base.maps,
            elements=_by_map(self._elements.items),
        )


def _by_map(elements: _Elements) -> dict[str, dict[bytes, Value]]:
    found: defaultdict[str, dict[bytes, Value]] = defaultdict(dict)
    for (name, key), value in elements.items():
        found[name][key] = value
    return dict(found)
