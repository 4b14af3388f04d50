"""Network policies, addresses and the ranges that they come from."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.networking.v1 import IPAddress, NetworkPolicy, ServiceCIDR
from tests.unit.apiserver.registry.rules import cells, changes, made, refusals, rules_of


def policy(cidr: str = "10.0.0.0/8", *excepted: str, **spec: Any) -> dict[str, Any]:
    peer = {"ipBlock": {"cidr": cidr, "except": list(excepted)}}
    return {"spec": {"podSelector": {}, "ingress": [{"from": [peer]}], **spec}}


@pytest.mark.parametrize(
    ("spec", "types"),
    [
        pytest.param({}, ("Ingress",), id="ingress always"),
        pytest.param({"egress": [{}]}, ("Ingress", "Egress"), id="egress where it has rules"),
        pytest.param({"policyTypes": ["Egress"]}, ("Egress",), id="as it says"),
    ],
)
def test_policy_types(spec: dict[str, Any], types: tuple[str, ...]) -> None:
    assert made(NetworkPolicy, {"spec": spec}).spec.policyTypes == types


def test_ports_are_of_tcp() -> None:
    found = made(NetworkPolicy, {"spec": {"ingress": [{"ports": [{"port": 80}]}]}})
    assert found.spec.ingress[0].ports[0].protocol == "TCP"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(policy("10.0.0.0/8", "10.1.0.0/16"), [], id="a part of it"),
        pytest.param(
            policy("10.0.0.0/8", "10.0.0.0/8"),
            [
                'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be '
                "a strict subset of `cidr`"
            ],
            id="all of it",
        ),
        pytest.param(
            policy(""), ["spec.ingress[0].from[0].ipBlock.cidr: Required value"], id="no range"
        ),
        pytest.param(
            policy(policyTypes=["Ingress", "Egress", "Ingress"]),
            [
                'spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify '
                "more than two policyTypes"
            ],
            id="three types",
        ),
        pytest.param(
            {"spec": {"egress": [{"to": [{"podSelector": {}, "ipBlock": {"cidr": "::/0"}}]}]}},
            ["spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer"],
            id="two peers in one",
        ),
    ],
)
def test_policies(body: dict[str, Any], expected: list[str]) -> None:
    assert refusals(NetworkPolicy, body) == expected


def test_a_range_that_was_accepted_long_ago_stays() -> None:
    old = policy("10.0.0.1/8")
    assert len(refusals(NetworkPolicy, old)) == 1
    assert changes(NetworkPolicy, old, old) == []
    assert len(changes(NetworkPolicy, policy(), old)) == 1


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        pytest.param("10.0.0.1", 0, id="an address"),
        pytest.param("2001:db8::1", 0, id="of IPv6"),
        pytest.param("2001:DB8::1", 1, id="written unusually"),
        pytest.param("::ffff:10.0.0.1", 1, id="mapped"),
        pytest.param("web", 1, id="a name"),
    ],
)
def test_the_name_of_an_address_is_the_address(name: str, problems: int) -> None:
    assert len(rules_of(IPAddress).validate_name(name)) == problems


def test_addresses_stay_with_their_parent() -> None:
    old, new = ({"spec": {"parentRef": {"resource": "services", "name": n}}} for n in "ab")
    assert [text.partition(":")[0] for text in changes(IPAddress, old, new)] == ["spec.parentRef"]


@pytest.mark.parametrize(
    ("parent", "shown"),
    [
        ({"resource": "services", "namespace": "n", "name": "a"}, "services/n/a"),
        ({"group": "example.com", "resource": "gates", "name": "a"}, "gates.example.com/a"),
    ],
)
def test_parent_column(parent: dict[str, str], shown: str) -> None:
    assert cells(IPAddress, {"spec": {"parentRef": parent}}) == (shown, "5m")


V4, OTHER_V4, V6 = "10.96.0.0/16", "10.97.0.0/16", "2001:db8::/64"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([V4], [V4], [], id="the same"),
        pytest.param([V4], [V4, V6], [], id="the other family comes"),
        pytest.param(
            [V4], [OTHER_V4], [f'spec.cidrs[0]: Invalid value: "{OTHER_V4}": field is immutable'],
            id="another range",
        ),
        pytest.param(
            [V4, V6], [V4], [f'spec.cidrs: Invalid value: ["{V4}"]: field is immutable'],
            id="one goes",
        ),
        pytest.param(
            [V4], [V4, OTHER_V4],
            [
                f'spec.cidrs: Invalid value: ["{V4}","{OTHER_V4}"]: may specify no more than one '
                "IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
            ],
            id="the same family comes",
        ),
    ],
)  # fmt: skip
def test_ranges_change(old: list[str], new: list[str], expected: list[str]) -> None:
    before, after = {"spec": {"cidrs": old}}, {"spec": {"cidrs": new}}
    assert changes(ServiceCIDR, before, after) == expected


def test_a_range_is_needed() -> None:
    assert refusals(ServiceCIDR, {"spec": {"cidrs": []}}) == [
        "spec.cidrs: Required value: at least one CIDR required"
    ]
    assert cells(ServiceCIDR, {"spec": {"cidrs": [V4, V6]}}) == (f"{V4},{V6}", "5m")
