"""Ranges of pod addresses."""

from __future__ import annotations

import pytest

from kubepy.controllers.nodeipam.plan import Pool, RangeError, pools


def test_ranges_are_handed_out_in_order_and_around() -> None:
    pool = Pool("10.244.0.0/22", 24)
    assert pool.allocate([]) == (0, "10.244.0.0/24")
    assert pool.allocate(["10.244.0.0/24"], after=0) == (1, "10.244.1.0/24")
    assert pool.allocate([], after=3) == (0, "10.244.0.0/24")
    assert pool.allocate([str(pool.range(n)) for n in range(4)]) is None


def test_what_overlaps_is_taken_whatever_its_size() -> None:
    pool = Pool("10.244.0.0/22", 24)
    assert pool.allocate(["10.244.0.0/23"]) == (2, "10.244.2.0/24")
    assert pool.allocate(["10.244.1.128/25", "10.244.0.0/24"]) == (2, "10.244.2.0/24")
    assert pool.allocate(["10.0.0.0/8"]) is None
    assert pool.allocate(["192.168.0.0/16", "fd00::/64"]) == (0, "10.244.0.0/24")


def test_two_families_have_a_pool_each() -> None:
    found = pools("10.244.0.0/16,fd00:10:244::/56")
    assert [pool.allocate([]) for pool in found] == [
        (0, "10.244.0.0/24"),
        (0, "fd00:10:244::/64"),
    ]


@pytest.mark.parametrize(
    ("cidr", "mask"),
    [
        pytest.param("nonsense", 0, id="no CIDR"),
        pytest.param("10.244.0.0/25", 24, id="smaller than a node's range"),
        pytest.param("10.0.0.0/8", 28, id="too many ranges"),
        pytest.param("10.0.0.0/16,10.1.0.0/16", 24, id="twice the same family"),
    ],
)
def test_ranges_that_cannot_be_cut_are_refused(cidr: str, mask: int) -> None:
    with pytest.raises(RangeError):
        pools(cidr, mask)
