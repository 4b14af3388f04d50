"""Who has which address and node port."""

from __future__ import annotations

from ipaddress import ip_network
from random import Random

import pytest

from kubepy.api.core.v1 import Service, ServicePort, ServiceSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.registry.core.addresses import Pool, ServiceAllocation, Taken
from kubepy.meta.errors import Invalid


def allocation(cidr: str = "10.96.0.0/28") -> ServiceAllocation:
    return ServiceAllocation(ip_network(cidr), (30000, 30003), Random(1))


def service(name: str, *ports: ServicePort, **spec: object) -> Service:
    ports = ports or (ServicePort(port=80, protocol="TCP"),)
    wanted = ServiceSpec(**{"type": "ClusterIP", "ports": ports, **spec})  # type: ignore[arg-type]
    return Service(metadata=ObjectMeta(name=name, namespace="n"), spec=wanted)


def take(pool: ServiceAllocation, wanted: Service) -> Service:
    return pool.take(wanted, None, dry_run=False)[0]


def test_a_pool_gives_each_number_once_and_ends() -> None:
    pool = Pool(1, 5, 2, Random(1))
    assert {pool.next(str(n)) for n in range(5)} == {1, 2, 3, 4, 5}
    with pytest.raises(Taken):
        pool.next("one more")


def test_what_is_released_can_be_had_again_by_its_owner_alone() -> None:
    pool = Pool(1, 1, 0, Random(1))
    pool.next("a")
    pool.release(1, "b")
    with pytest.raises(Taken):
        pool.next("b")
    pool.release(1, "a")
    assert pool.next("b") == 1


def test_addresses_of_a_small_range_run_out() -> None:
    pool = allocation()
    found = {take(pool, service(str(number))).spec.clusterIP for number in range(14)}
    assert len(found) == 14
    assert not found & {"10.96.0.0", "10.96.0.15"}
    with pytest.raises(Exception, match="range is full"):
        take(pool, service("one more"))


def test_a_write_that_failed_gives_back_what_it_took() -> None:
    pool = allocation()
    made, hold = pool.take(service("a", type="NodePort"), None, dry_run=False)
    address, port = made.spec.clusterIP, made.spec.ports[0].nodePort
    pool.settle(hold, stored=False)
    again = service(
        "b",
        ServicePort(port=80, protocol="TCP", nodePort=port),
        type="NodePort",
        clusterIP=address,
        clusterIPs=(address,),
    )
    assert take(pool, again).spec.clusterIP == address


def test_what_the_store_holds_is_known() -> None:
    pool = allocation()
    pool.know([service("a", clusterIP="10.96.0.5", clusterIPs=("10.96.0.5",))])
    with pytest.raises(Invalid, match="provided IP is already allocated"):
        take(pool, service("b", clusterIP="10.96.0.5", clusterIPs=("10.96.0.5",)))


def test_two_protocols_of_one_service_share_a_node_port() -> None:
    ports = (
        ServicePort(name="t", port=53, protocol="TCP", nodePort=30001),
        ServicePort(name="u", port=53, protocol="UDP"),
    )
    made = take(allocation(), service("dns", *ports, type="NodePort"))
    assert [port.nodePort for port in made.spec.ports] == [30001, 30001]


@pytest.mark.parametrize(
    ("ports", "why"),
    [
        pytest.param((29999,), "provided port is not in the valid range", id="outside"),
        pytest.param((30001, 30001), "provided port is already allocated", id="twice"),
    ],
)
def test_node_ports_that_cannot_be(ports: tuple[int, ...], why: str) -> None:
    wanted = tuple(
        ServicePort(name=f"p{n}", port=n + 1, protocol="TCP", nodePort=port)
        for n, port in enumerate(ports)
    )
    with pytest.raises(Invalid, match=why):
        take(allocation(), service("a", *wanted, type="NodePort"))


def test_dry_runs_show_what_is_nobodys() -> None:
    pool = allocation()
    shown, _ = pool.take(service("a", type="NodePort"), None, dry_run=True)
    assert (shown.spec.clusterIP, shown.spec.ports[0].nodePort) == ("10.96.0.0", 30005)


@pytest.mark.parametrize(
    ("spec", "families", "policy"),
    [
        pytest.param({"selector": {"a": "b"}}, ("IPv4",), "SingleStack", id="plain"),
        pytest.param(
            {"clusterIP": "None", "clusterIPs": ("None",)},
            ("IPv4", "IPv6"),
            "RequireDualStack",
            id="headless without a selector",
        ),
        pytest.param(
            {"ipFamilyPolicy": "PreferDualStack"}, ("IPv4",), "PreferDualStack", id="prefers both"
        ),
    ],
)
def test_families(spec: dict[str, object], families: tuple[str, ...], policy: str) -> None:
    made = take(allocation(), service("a", **spec))
    assert (made.spec.ipFamilies, made.spec.ipFamilyPolicy) == (families, policy)


def test_two_families_need_a_cluster_of_two() -> None:
    with pytest.raises(Invalid, match="this cluster is not configured for dual-stack services"):
        take(allocation(), service("a", ipFamilyPolicy="RequireDualStack"))
