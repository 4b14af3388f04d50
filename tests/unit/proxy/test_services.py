"""Which endpoints a node sends traffic to."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.core.v1 import ServicePort
from kubepy.api.discovery.v1 import EndpointHints, ForNode, ForZone
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.proxy.ruleset import Family
from kubepy.proxy.services import (
    Forwarding,
    HealthCheck,
    Network,
    NodeView,
    Target,
    forwardings,
    health_check,
    network,
    pack,
)
from tests.unit.proxy.wants import endpoint, service, slice_of

NODE = NodeView("n1", zone="z1")
READY: dict[str, Any] = {"conditions": {"ready": True}}
DRAINING: dict[str, Any] = {"conditions": {"ready": False, "serving": True, "terminating": True}}
UNREADY: dict[str, Any] = {"conditions": {"ready": False}}


def hints(*, zones: str = "", nodes: str = "") -> dict[str, Any]:
    return {
        "hints": EndpointHints(
            forZones=tuple(ForZone(name=name) for name in zones.split()),
            forNodes=tuple(ForNode(name=name) for name in nodes.split()),
        )
    }


def one(wanted: Any, *endpoints: Any) -> Forwarding:
    (found,) = forwardings(wanted, [slice_of("web", endpoints)], NODE)
    return found


def hosts(targets: tuple[Target, ...]) -> str:
    """The last number of each address."""
    return " ".join(str(target.address[-1]) for target in targets)


def at(last: int, node: str = "n1", **more: Any) -> Any:
    return endpoint(f"10.244.0.{last}", node, **more)


@pytest.mark.parametrize(
    ("endpoints", "chosen"),
    [
        pytest.param([at(1), at(2)], "1 2", id="all that are ready"),
        pytest.param([at(1), at(2, **UNREADY)], "1", id="not one that is unready"),
        pytest.param([at(1), at(2, **DRAINING)], "1", id="not one that ends while others are"),
        pytest.param([at(1, **UNREADY), at(2, **DRAINING)], "2", id="one that ends if none is"),
        pytest.param([at(1, conditions={})], "1", id="one of which nothing is known"),
        pytest.param([at(2), at(1), at(2)], "1 2", id="each once, in order"),
        pytest.param(
            [at(1, **hints(zones="z1")), at(2, **hints(zones="z2"))], "1", id="of our zone"
        ),
        pytest.param([at(1, **hints(zones="z1")), at(2)], "1 2", id="a hint is missing"),
        pytest.param(
            [at(1, **hints(zones="z3")), at(2, **hints(zones="z2"))], "1 2", id="none of our zone"
        ),
        pytest.param(
            [at(1, **hints(zones="z1", nodes="n2")), at(2, **hints(zones="z1", nodes="n1"))],
            "2",
            id="a node counts before a zone",
        ),
        pytest.param([], "", id="none"),
    ],
)
def test_endpoints_for_everybody(endpoints: list[Any], chosen: str) -> None:
    assert hosts(one(service("web"), *endpoints).cluster) == chosen


@pytest.mark.parametrize(
    ("endpoints", "chosen", "anywhere"),
    [
        pytest.param([at(1), at(2, "n2")], "1", True, id="this node's"),
        pytest.param([at(2, "n2")], "", True, id="none here"),
        pytest.param([at(1, **DRAINING), at(2, "n2")], "1", True, id="one here that ends"),
        pytest.param([at(1, **UNREADY)], "", False, id="none anywhere"),
        pytest.param([at(1, **hints(zones="z2"))], "1", True, id="hints do not count"),
    ],
)
def test_endpoints_under_policy_local(endpoints: list[Any], chosen: str, anywhere: bool) -> None:
    found = one(service("web", externalTrafficPolicy="Local"), *endpoints)
    assert (hosts(found.local), found.anywhere) == (chosen, anywhere)


def test_internal_policy_local_alone_needs_no_other_nodes() -> None:
    found = one(service("web", internalTrafficPolicy="Local"), at(1), at(2, "n2"))
    assert (hosts(found.internal), hosts(found.cluster)) == ("1", "")


def test_internal_policy_local_with_a_node_port_takes_all_for_the_port() -> None:
    wanted = service("web", internalTrafficPolicy="Local", port={"nodePort": 30000})
    found = one(wanted, at(1), at(2, "n2"))
    assert (hosts(found.internal), hosts(found.cluster)) == ("1", "1 2")


def test_a_port_is_found_by_name_and_protocol() -> None:
    ports = (
        ServicePort(name="http", port=80, protocol="TCP"),
        ServicePort(name="dns", port=53, protocol="UDP"),
        ServicePort(name="none", port=99, protocol="TCP"),
    )
    slices = [
        slice_of("web", [at(1)], ports=[("http", 8080), ("dns", 5353)]),
        slice_of("web", [at(1)], name="dns", port=5353, protocol="UDP"),
    ]
    http, dns, none = forwardings(service("web", ports=ports), slices, NODE)
    assert [target.port for target in http.cluster] == [8080]
    assert [target.port for target in dns.cluster] == [5353]
    assert none.cluster == ()
    assert [found.protocol for found in (http, dns)] == [6, 17]


def test_two_families() -> None:
    wanted = service("web", more_ips=("fd96::1",), externalIPs=("192.0.2.1", "2001:db8::1"))
    slices = [slice_of("web", [at(1)]), slice_of("web", [endpoint("fd44::1")])]
    v4, v6 = forwardings(wanted, slices, NODE)
    assert (v4.family, v6.family) == (Family.IPV4, Family.IPV6)
    assert v4.cluster == (Target(pack("10.244.0.1"), 8080),)
    assert v6.cluster == (Target(pack("fd44::1"), 8080),)
    assert (v4.external_ips, v6.external_ips) == ((pack("192.0.2.1"),), (pack("2001:db8::1"),))


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"ip": "None"}, id="headless"),
        pytest.param({"ip": ""}, id="no address yet"),
        pytest.param({"ip": "10.96.0.1", "type": "ExternalName"}, id="an alias"),
    ],
)
def test_not_ours(spec: dict[str, Any]) -> None:
    assert forwardings(service("web", **spec), [slice_of("web", [at(1)])], NODE) == ()


def test_another_proxys_service_is_not_ours() -> None:
    meta = ObjectMeta(
        name="web", namespace="default", labels={"service.kubernetes.io/service-proxy-name": "x"}
    )
    wanted = service("web")
    other = type(wanted)(metadata=meta, spec=wanted.spec)
    assert forwardings(other, [], NODE) == ()


def test_source_ranges_of_the_other_family_only_let_nobody_in() -> None:
    found = one(service("web", loadBalancerSourceRanges=("fd00::/8",)), at(1))
    assert found.source_ranges == (Network(b"\xff\xff\xff\xff", 32),)


@pytest.mark.parametrize(
    ("policy", "endpoints", "check"),
    [
        ("Local", [at(1), at(2), at(3, "n2")], HealthCheck(32000, 2)),
        ("Local", [at(3, "n2")], HealthCheck(32000, 0)),
        ("Cluster", [at(1)], HealthCheck(0, 0)),
    ],
)
def test_health_check(policy: str, endpoints: list[Any], check: HealthCheck) -> None:
    wanted = service(
        "web", type="LoadBalancer", externalTrafficPolicy=policy, healthCheckNodePort=32000
    )
    assert health_check(wanted, [slice_of("web", endpoints)], NODE) == check


@pytest.mark.parametrize(
    ("text", "mask"),
    [("10.0.0.0/8", "255.0.0.0"), ("10.1.2.3", "255.255.255.255"), ("0.0.0.0/0", "0.0.0.0")],
)
def test_mask(text: str, mask: str) -> None:
    assert network(text).mask == pack(mask)
