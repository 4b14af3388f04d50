"""Who has which address and node port."""

from __future__ import annotations

from ipaddress import ip_network
from random import Random

import pytest

from kubepy.api.core.v1 import Service, ServicePort, ServiceSpec
from kubepy.api.meta.v1 import Condition, ObjectMeta
from kubepy.api.networking.v1 import ServiceCIDR, ServiceCIDRSpec, ServiceCIDRStatus
from kubepy.api.types import Time
from kubepy.apiserver.registry.core.addresses import ServiceAllocation
from kubepy.apiserver.registry.core.pools import Bitmap, Pool, Range, Taken
from kubepy.meta.errors import Invalid


def allocation(*cidrs: str) -> ServiceAllocation:
    found = ServiceAllocation(ip_network("10.96.0.0/28"), (30000, 30003), Random(1))
    found.use_ranges([cidr(each) for each in cidrs or ("10.96.0.0/28",)])
    return found


def cidr(*cidrs: str, ready: str = "True", deleted: bool = False) -> ServiceCIDR:
    now = Time.from_unix(0)
    return ServiceCIDR(
        metadata=ObjectMeta(name="c", deletionTimestamp=now if deleted else None),
        spec=ServiceCIDRSpec(cidrs=cidrs),
        status=ServiceCIDRStatus(
            conditions=(Condition(type="Ready", status=ready, lastTransitionTime=now),)
        ),
    )


def service(name: str, *ports: ServicePort, **spec: object) -> Service:
    ports = ports or (ServicePort(port=80, protocol="TCP"),)
    wanted = ServiceSpec(**{"type": "ClusterIP", "ports": ports, **spec})  # type: ignore[arg-type]
    return Service(metadata=ObjectMeta(name=name, namespace="n"), spec=wanted)


def take(pool: ServiceAllocation, wanted: Service) -> Service:
    return pool.take(wanted, None, dry_run=False)[0]


def test_a_pool_gives_each_number_once_and_ends() -> None:
    pool = Pool(Random(1), [Range(1, 3, 2), Range(8, 9, 8)])
    assert {pool.next(str(n)) for n in range(5)} == {1, 2, 3, 8, 9}
    with pytest.raises(Taken):
        pool.next("one more")


def test_what_is_released_can_be_had_again_by_its_owner_alone() -> None:
    pool = Pool(Random(1), [Range(1, 1, 1)])
    pool.next("a")
    with pytest.raises(Taken):
        pool.claim(1, "a")
    pool.release(1, "b")
    with pytest.raises(Taken):
        pool.next("b")
    pool.release(1, "a")
    assert pool.next("b") == 1


def test_what_is_written_counts() -> None:
    pool = Pool(Random(1), [Range(1, 1, 1)])
    pool.claim(1, "a")
    pool.note(1, "b")
    pool.release(1, "a")
    assert pool.owner(1) == "b"
    pool.forget(1)
    pool.claim(1, "a")


def test_what_somebody_has_elsewhere_is_not_given_out() -> None:
    pool = Pool(Random(1), [Range(1, 2, 1)])
    pool.elsewhere = Bitmap(1).added([1])
    with pytest.raises(Taken):
        pool.claim(1, "a")
    assert pool.next("a") == 2


@pytest.mark.parametrize(
    ("numbers", "data"),
    [
        pytest.param((), b"", id="nothing"),
        pytest.param((30000,), b"\x01", id="the first"),
        pytest.param((30000, 30009), b"\x02\x01", id="the highest comes first"),
    ],
)
def test_bitmaps_are_as_kubernetes_writes_them(numbers: tuple[int, ...], data: bytes) -> None:
    found = Bitmap(30000).added(numbers)
    assert found.data == data
    assert Bitmap.read(30000, data).numbers() == set(numbers)
    assert all(number in found for number in numbers)
    assert 29999 not in found
    assert not found.without(numbers).numbers()


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
    pool.give_back(hold.owner, hold.addresses, hold.ports)
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
    pool.know([service("a", ServicePort(port=80, nodePort=30001))])
    with pytest.raises(Invalid, match="provided port is already allocated"):
        take(pool, service("b", ServicePort(port=80, nodePort=30001), type="NodePort"))


def test_what_an_update_lets_go_of() -> None:
    pool = allocation()
    old = take(pool, service("a", type="NodePort"))
    _, hold = pool.take(service("a", type="ExternalName"), old, dry_run=False)
    assert (hold.addresses, hold.ports) == ((), ())
    assert hold.freed_addresses == tuple(pool.numbers_of(old))
    assert hold.freed_ports == (old.spec.ports[0].nodePort,)


def test_what_a_service_has_it_keeps() -> None:
    pool = allocation()
    old = take(pool, service("a", type="NodePort"))
    pool.use_ranges([])
    kept, hold = pool.take(old, old, dry_run=False)
    assert (kept, hold.addresses, hold.ports) == (old, (), ())


def test_all_ranges_are_used() -> None:
    pool = allocation("10.96.0.0/30", "10.97.0.0/30")
    found = {take(pool, service(str(number))).spec.clusterIP for number in range(4)}
    assert found == {"10.96.0.1", "10.96.0.2", "10.97.0.1", "10.97.0.2"}


@pytest.mark.parametrize(
    "range_",
    [
        pytest.param(cidr("10.97.0.0/24", ready="False"), id="not ready"),
        pytest.param(cidr("10.97.0.0/24", deleted=True), id="going"),
        pytest.param(cidr("fd00::/108"), id="of another family"),
        pytest.param(cidr("10.98.0.0/24"), id="elsewhere"),
    ],
)
def test_ranges_that_an_address_is_not_of(range_: ServiceCIDR) -> None:
    pool = allocation()
    pool.use_ranges([range_])
    with pytest.raises(Invalid, match="the provided network does not match the current range"):
        take(pool, service("a", clusterIP="10.97.0.7", clusterIPs=("10.97.0.7",)))


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
