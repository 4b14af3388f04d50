"""Ranges of addresses, as they may be written."""

from __future__ import annotations

import pytest

from kubepy.apiserver.registry import network
from tests.unit.apiserver.registry.rules import texts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("10.0.0.0/8", "", id="a range"),
        pytest.param("2001:db8::/64", "", id="of IPv6"),
        pytest.param("2001:DB8:0::/64", "", id="written unusually"),
        pytest.param("10.0.0.0", network.NOT_A_CIDR, id="an address"),
        pytest.param("10.0.0.0/33", network.NOT_A_CIDR, id="too long a prefix"),
        pytest.param("10.0.0.0/255.0.0.0", network.NOT_A_CIDR, id="a mask"),
        pytest.param("", network.NOT_A_CIDR, id="nothing"),
        pytest.param("10.0.0.1/8", "must not have bits set beyond the prefix length", id="bits"),
        pytest.param(
            "010.0.0.0/8", "must not have leading 0s in IP or prefix length", id="zeros before"
        ),
        pytest.param(
            "10.0.0.0/08", "must not have leading 0s in IP or prefix length", id="in the length"
        ),
        pytest.param(
            "::ffff:10.0.0.0/104", "must not have an IPv4-mapped IPv6 address", id="mapped"
        ),
    ],
)
def test_cidr(text: str, why: str) -> None:
    found = [error.detail for error in network.cidr_errors("p", text)]
    assert found == ([why] if why else [])
    assert network.cidr_errors("p", text, known=[text]) == []


def test_younger_fields_have_one_way_to_write_a_range() -> None:
    errors = network.canonical_cidr_errors("p", "2001:DB8:0::/64")
    assert texts(errors) == [
        'p: Invalid value: "2001:DB8:0::/64": must be in canonical form ("2001:db8::/64")'
    ]
    assert network.canonical_cidr_errors("p", "2001:db8::/64") == []


def test_an_unusual_range_is_warned_about() -> None:
    assert network.cidr_warnings("p", "2001:DB8::/64") == [
        'p: IPv6 CIDR value "2001:DB8::/64" should be in RFC 5952 canonical format '
        '("2001:db8::/64")'
    ]
    assert network.cidr_warnings("p", "10.0.0.0/8") == []
