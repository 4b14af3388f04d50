"""Two apiservers on one etcd: what there is only one of, only one of them gives away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from kubepy import testing
from kubepy.api import protobuf
from kubepy.api.core.v1 import (
    EndpointPort,
    Endpoints,
    EndpointSubset,
    RangeAllocation,
    Service,
    ServicePort,
    ServiceSpec,
)
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.networking.v1 import IPAddress
from kubepy.apiserver import server as servers
from kubepy.apiserver.masterleases import MasterEndpoints, MasterLeases, port_of
from kubepy.apiserver.portbook import LEAKED_AFTER, PortBook
from kubepy.apiserver.registry.core.pools import Bitmap, Taken
from kubepy.apiserver.server import LOOPBACK
from kubepy.apiserver.settings import Settings
from kubepy.meta import errors
from kubepy.storage.etcd import store as etcd
from kubepy.storage.store import Entry, Store
from tests.etcd_server import EtcdServer, etcd_server, needs_etcd

pytestmark = needs_etcd

PATIENCE = 60.0  # seconds until a test gives up
BOOK = "/registry/ranges/servicenodeports"
FEW = (30000, 30007)


@pytest.fixture
def server(tmp_path: Path) -> Any:
    with etcd_server(tmp_path) as found:
        yield found


@asynccontextmanager
async def apiserver(server: EtcdServer, **settings: Any) -> AsyncIterator[testing.TestServer]:
    """One of several: what they all make at start may be there. All of them choose alike."""
    store = await etcd.open(server.access)
    built = servers.build(store, random=Random(0), settings=Settings(**settings))
    async with servers.running(built):
        yield testing.TestServer(built)


@asynccontextmanager
async def two(server: EtcdServer, **settings: Any) -> AsyncIterator[list[testing.TestServer]]:
    async with (
        asyncio.timeout(PATIENCE),
        apiserver(server, **settings) as one,
        apiserver(server, **settings) as other,
    ):
        yield [one, other]


def service(name: str, address: str = "", port: int = 0) -> Service:
    ports = (ServicePort(port=80, nodePort=port),)
    spec = ServiceSpec(type="NodePort", clusterIP=address, ports=ports)
    return Service(metadata=ObjectMeta(name=name, namespace="default"), spec=spec)


async def tried(apiserver: testing.TestServer, wanted: Service) -> Service | errors.ApiError:
    try:
        return await apiserver.client.create(wanted)
    except errors.ApiError as problem:
        return problem


async def book(store: Store) -> frozenset[int]:
    stored = await store.get(BOOK)
    assert stored is not None
    found = msgspec.json.decode(stored.value)
    assert (found["kind"], found["apiVersion"]) == ("RangeAllocation", "v1")
    assert found["range"] == "30000-30007"
    data = msgspec.json.decode(stored.value, type=Book).data
    return Bitmap.read(FEW[0], data).numbers()


class Book(msgspec.Struct):
    data: bytes = b""


async def test_an_address_that_both_are_asked_for(server: EtcdServer) -> None:
    async with two(server) as both:
        for number in range(5, 15):
            address = f"10.96.0.{number}"
            results = await asyncio.gather(
                *(tried(each, service(f"s{number}-{n}", address)) for n, each in enumerate(both))
            )
            [lost] = [each for each in results if isinstance(each, errors.ApiError)]
            assert f"failed to allocate IP {address}: provided IP is already allocated" in str(lost)
            [won] = [each for each in results if isinstance(each, Service)]
            found = await both[0].client.get(IPAddress, address)
            assert found.spec.parentRef is not None
            assert found.spec.parentRef.name == won.metadata.name


async def test_a_port_that_both_are_asked_for(server: EtcdServer) -> None:
    async with two(server, node_ports=FEW) as both:
        for port in range(30000, 30005):
            results = await asyncio.gather(
                *(tried(each, service(f"s{port}-{n}", port=port)) for n, each in enumerate(both))
            )
            [lost] = [each for each in results if isinstance(each, errors.ApiError)]
            assert "provided port is already allocated" in str(lost)
        listed = await both[0].client.list(IPAddress)
        assert len(listed.items) == 5 + 1  # those who lost let go of their addresses
        assert await book(both[0].store) == set(range(30000, 30005))


async def test_both_give_away_what_is_left(server: EtcdServer) -> None:
    async with two(server, node_ports=FEW, service_cidr="10.96.0.0/28") as both:
        wanted = [(both[n % 2], service(f"s{n}")) for n in range(10)]
        results = await asyncio.gather(*(tried(*each) for each in wanted))
        made = [each for each in results if isinstance(each, Service)]
        refused = [each for each in results if isinstance(each, errors.ApiError)]
        assert {each.spec.ports[0].nodePort for each in made} == set(range(30000, 30008))
        assert len({each.spec.clusterIP for each in made}) == 8
        assert all("failed to allocate a nodePort: range is full" in str(e) for e in refused)


async def test_what_is_given_back_at_one_can_be_had_at_the_other(server: EtcdServer) -> None:
    async with two(server, node_ports=FEW) as both:
        for n in range(6):
            giver, taker = both[n % 2], both[(n + 1) % 2]
            await giver.client.create(service("s", "10.96.0.9", 30003))
            patch = {"spec": {"type": "ClusterIP"}}
            await taker.client.patch(Service, "s", "default", patch=patch)
            assert await book(giver.store) == set()
            await giver.client.create(service("t", port=30003))
            await taker.client.delete(Service, "s", "default")
            await taker.client.delete(Service, "t", "default")
        assert await book(both[0].store) == set()


async def test_a_port_that_kubernetes_has_taken(server: EtcdServer) -> None:
    """Its Service is not written yet."""
    async with two(server, node_ports=FEW) as [one, _]:
        stored = await one.store.get(BOOK)
        assert stored is not None
        taken = RangeAllocation(range="30000-30007", data=Bitmap(30000).added([30002]).data)
        value = protobuf.wrap("v1", "RangeAllocation", protobuf.encode(taken))
        await one.store.write(BOOK, value, expect=stored.revision)
        with pytest.raises(errors.Invalid, match="provided port is already allocated"):
            await one.client.create(service("a", port=30002))
        await one.client.create(service("a", port=30003))
        assert await book(one.store) == {30002, 30003}


def endpoints_of(apiserver: testing.TestServer, address: str, port: int) -> MasterEndpoints:
    leases = MasterLeases(apiserver.store, "/registry", 1)
    return MasterEndpoints(apiserver.pipeline, LOOPBACK, (address, port), leases)


async def servers_of(apiserver: testing.TestServer) -> list[str]:
    """The endpoints of the Service `kubernetes`, of which both objects say the same."""
    client = apiserver.client
    found = await client.get(Endpoints, "kubernetes", "default")
    [subset] = found.subsets
    slice_ = await client.get(EndpointSlice, "kubernetes", "default")
    addresses = [address.ip for address in subset.addresses]
    assert [each.addresses for each in slice_.endpoints] == [(each,) for each in addresses]
    assert {port.port for port in (*subset.ports, *slice_.ports)} == {6443}
    return addresses


async def test_every_server_that_is_alive_is_an_endpoint(server: EtcdServer) -> None:
    async with two(server) as [one, other]:
        first = endpoints_of(one, "192.0.2.9", 6443)
        second = endpoints_of(other, "192.0.2.1", 7443)
        await first.renew()
        assert await servers_of(other) == ["192.0.2.9"]
        await second.renew()
        assert await servers_of(one) == ["192.0.2.1", "192.0.2.9"]
        await second.leave()
        await second.renew()
        await first.renew()
        assert await servers_of(one) == ["192.0.2.9"]
        await first.leave()
        assert await servers_of(one) == ["192.0.2.9"]  # who goes last leaves it as it is


async def test_a_server_that_was_killed_is_no_endpoint_any_more(server: EtcdServer) -> None:
    async with two(server) as [one, other]:
        survivor = endpoints_of(one, "192.0.2.1", 6443)
        killed = endpoints_of(other, "192.0.2.2", 6443)
        await survivor.renew()
        before = await one.store.revision()
        await killed.renew()
        async for entry in one.store.watch("/registry/masterleases/192.0.2.2", after=before):
            if isinstance(entry, Entry) and entry.value is None:
                break
        await survivor.renew()
        assert await servers_of(one) == ["192.0.2.1"]


@pytest.mark.parametrize(
    ("ports", "addresses", "port"),
    [
        pytest.param((), ["a"], 1, id="none yet"),
        pytest.param((EndpointPort(port=2),), ["a"], 1, id="alone"),
        pytest.param((EndpointPort(port=2),), ["a", "b"], 2, id="among others"),
        pytest.param((EndpointPort(port=2), EndpointPort(port=3)), ["a", "b"], 1, id="strange"),
    ],
)
def test_the_port_of_all(ports: tuple[EndpointPort, ...], addresses: list[str], port: int) -> None:
    current = Endpoints(subsets=(EndpointSubset(ports=ports),)) if ports else None
    assert port_of(current, addresses, 1) == port


async def test_the_book_of_ports_is_put_right(server: EtcdServer) -> None:
    store = await etcd.open(server.access)
    used = {30001}
    ports = PortBook(store, "/registry", FEW)

    async def in_use() -> frozenset[int]:
        return frozenset(used)

    await ports.repair(in_use)
    await ports.enter([30002])
    with pytest.raises(Taken):
        await ports.enter([30001])
    for _ in range(LEAKED_AFTER):
        await ports.repair(in_use)
        assert await book(store) == {30001, 30002}
    await ports.repair(in_use)
    assert await book(store) == {30001}
    wider = PortBook(store, "/registry", (29999, 30007))
    await wider.repair(in_use)
    assert (await wider.read()).numbers() == {30001}
    await store.close()
