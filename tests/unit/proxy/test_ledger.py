from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kubepy.proxy.ledger import Ledger

ITEMS = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2), max_size=3)
CLAIMS = st.lists(st.tuples(st.sampled_from("abc"), ITEMS, st.booleans()), max_size=12)


@given(CLAIMS)
def test_the_first_claimant_counts_and_what_is_taken_adds_up(
    claims: list[tuple[str, dict[str, int], bool]],
) -> None:
    ledger: Ledger[str, int] = Ledger()
    held: dict[str, dict[str, int]] = {}
    seen: dict[str, int] = {}
    for claimant, items, take in claims:
        ledger.claim(claimant, held.get(claimant, {}), items)
        held[claimant] = items
        wanted: dict[str, int] = {}
        for one in sorted(held, reverse=True):
            wanted |= held[one]
        assert ledger.items == wanted
        if take:
            gone, come = ledger.take()
            assert all(key in seen for key in gone)
            for key in gone:
                del seen[key]
            assert not come.keys() & seen.keys()
            seen |= come
            assert seen == wanted


def test_a_change_that_was_taken_back_is_none() -> None:
    ledger: Ledger[str, int] = Ledger()
    ledger.claim("a", {}, {"x": 1})
    ledger.take()
    ledger.claim("a", {"x": 1}, {"x": 2})
    ledger.claim("a", {"x": 2}, {"x": 1})
    assert ledger.take() == ([], {})
