"""Each address of a Service is an IPAddress, and goes with it."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from kubepy import testing
from kubepy.api.core.v1 import Service, ServicePort, ServiceSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.networking.v1 import IPAddress, IPAddressSpec, ParentReference, ServiceCIDR
from kubepy.apiserver.addressbook import GRACE_SECONDS
from kubepy.apiserver.watchcache import Record
from kubepy.client.client import Client
from kubepy.meta import errors
from kubepy.storage.store import StorageError

ADDRESS = "10.96.0.77"


def service(name: str = "web", **spec: object) -> Service:
    wanted = {"ports": (ServicePort(port=80),), **spec}
    meta = ObjectMeta(name=name, namespace="default")
    return Service(metadata=meta, spec=ServiceSpec(**wanted))  # type: ignore[arg-type]


async def test_an_address_is_in_the_book_when_its_service_is_there(client: Client) -> None:
    made = await client.create(service())
    found = await client.get(IPAddress, made.spec.clusterIP)
    assert found.spec.parentRef == ParentReference(
        resource="services", namespace="default", name="web"
    )
    assert found.metadata.labels == {
        "ipaddress.kubernetes.io/ip-family": "IPv4",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
    }


async def test_it_goes_with_its_service_and_can_be_had_again(client: Client) -> None:
    await client.create(service(clusterIP=ADDRESS))
    await client.delete(Service, "web", namespace="default")
    with pytest.raises(errors.NotFound):
        await client.get(IPAddress, ADDRESS)
    await client.create(service("other", clusterIP=ADDRESS))
    parent = (await client.get(IPAddress, ADDRESS)).spec.parentRef
    assert parent is not None
    assert parent.name == "other"


async def test_an_address_that_somebody_took_is_no_services(client: Client) -> None:
    parent = ParentReference(group="example.com", resource="gates", name="g")
    mine = IPAddress(metadata=ObjectMeta(name=ADDRESS), spec=IPAddressSpec(parentRef=parent))
    await client.create(mine)
    with pytest.raises(errors.Invalid, match="provided IP is already allocated"):
        await client.create(service(clusterIP=ADDRESS))
    await client.delete(IPAddress, ADDRESS)
    await client.create(service(clusterIP=ADDRESS))


async def test_an_address_that_was_struck_out_comes_back(client: Client) -> None:
    await client.create(service(clusterIP=ADDRESS))
    before = await client.get(IPAddress, ADDRESS)
    await client.delete(IPAddress, ADDRESS)
    while True:
        try:
            after = await client.get(IPAddress, ADDRESS)
        except errors.NotFound:
            await asyncio.sleep(0)
            continue
        break
    assert after.metadata.uid != before.metadata.uid


@pytest.mark.looptime
async def test_an_address_whose_service_never_came_is_free_after_a_while() -> None:
    async with testing.apiserver() as apiserver:
        client = apiserver.client
        labels = {"ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io"}
        parent = ParentReference(resource="services", namespace="default", name="never")
        meta = ObjectMeta(name=ADDRESS, labels=labels)
        await client.create(IPAddress(metadata=meta, spec=IPAddressSpec(parentRef=parent)))
        with pytest.raises(errors.Invalid, match="provided IP is already allocated"):
            await client.create(service(clusterIP=ADDRESS))
        await asyncio.sleep(3 * GRACE_SECONDS)
        await client.create(service(clusterIP=ADDRESS))
        await asyncio.sleep(3 * GRACE_SECONDS)
        assert (await client.get(IPAddress, ADDRESS)).metadata.name == ADDRESS


@pytest.mark.looptime
@pytest.mark.parametrize(
    "written", [pytest.param(True, id="written"), pytest.param(False, id="not written")]
)
async def test_a_write_that_was_cut_off(written: bool) -> None:
    """Nobody knows at once whether it happened; a while later it shows."""
    async with testing.apiserver() as apiserver:
        client = apiserver.client
        store = apiserver.pipeline.store("services")
        insert = store.insert

        async def cut_off(obj: Service) -> Record:
            if written:
                await insert(obj)
            raise StorageError("the medium is out of reach")

        ports = (ServicePort(port=80, nodePort=30007),)
        wanted = service(type="NodePort", clusterIP=ADDRESS, ports=ports)
        store.insert = cut_off  # type: ignore[method-assign]
        with pytest.raises(errors.ApiError, match="out of reach"):
            await client.create(wanted)
        store.insert = insert  # type: ignore[method-assign]
        await asyncio.sleep(3 * GRACE_SECONDS)
        again = replace(wanted, metadata=ObjectMeta(name="other", namespace="default"))
        if not written:
            assert (await client.create(again)).spec.ports[0].nodePort == 30007
            return
        with pytest.raises(errors.Invalid, match="provided IP is already allocated"):
            await client.create(again)
        again = service("third", type="NodePort", ports=ports)
        with pytest.raises(errors.Invalid, match="provided port is already allocated"):
            await client.create(again)


async def test_the_range_is_an_object_and_ready(client: Client) -> None:
    found = await client.get(ServiceCIDR, "kubernetes")
    assert found.spec.cidrs == ("10.96.0.0/16",)
    assert [(c.type, c.status) for c in found.status.conditions] == [("Ready", "True")]
