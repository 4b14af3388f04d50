"""Ranges of addresses are ready, and go when nobody needs them."""

from __future__ import annotations

import pytest

from kubepy.api.core.v1 import Service, ServicePort, ServiceSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.networking.v1 import ServiceCIDR, ServiceCIDRSpec
from kubepy.controllers.servicecidr.controller import ServiceCIDRController
from kubepy.controllers.servicecidr.plan import FINALIZER, GRACE_SECONDS, may_go
from kubepy.meta import conditions, errors
from tests.unit.controllers.world import world


def cidr(name: str, *cidrs: str) -> ServiceCIDR:
    return ServiceCIDR(metadata=ObjectMeta(name=name), spec=ServiceCIDRSpec(cidrs=cidrs))


def service(name: str, address: str) -> Service:
    spec = ServiceSpec(clusterIP=address, ports=(ServicePort(port=80),))
    return Service(metadata=ObjectMeta(name=name, namespace="default"), spec=spec)


SMALL, SAME = cidr("small", "10.0.1.0/24"), cidr("same", "10.0.1.0/24")
LARGE, BOTH = cidr("large", "10.0.0.0/16"), cidr("both", "10.0.1.0/24", "fd00::/112")


@pytest.mark.parametrize(
    ("going", "others", "used", "goes"),
    [
        pytest.param(SMALL, [], [], True, id="nobody uses it"),
        pytest.param(SMALL, [], ["10.0.1.7"], False, id="in use"),
        pytest.param(SMALL, [], ["10.0.2.7", "fd00::1"], True, id="others are in use"),
        pytest.param(SMALL, [], ["10.0.1.0", "10.0.1.255"], True, id="what is no Service's"),
        pytest.param(SMALL, [LARGE], ["10.0.1.7"], True, id="within another"),
        pytest.param(SMALL, [SAME], ["10.0.1.7"], True, id="twice"),
        pytest.param(LARGE, [SMALL], ["10.0.1.7"], True, id="another has what is in use"),
        pytest.param(LARGE, [SMALL], ["10.0.2.7"], False, id="another has not"),
        pytest.param(BOTH, [LARGE], ["fd00::1"], False, id="half of it within another"),
    ],
)
def test_when_a_range_may_go(
    going: ServiceCIDR, others: list[ServiceCIDR], used: list[str], goes: bool
) -> None:
    assert may_go(going, [going, *others], used) is goes


@pytest.mark.looptime
async def test_a_range_waits_for_its_addresses() -> None:
    async with world() as cluster:
        cluster.start(ServiceCIDRController)
        client = cluster.client
        await client.create(cidr("more", "10.97.0.0/28"))
        await cluster.settle(5)
        found = await client.get(ServiceCIDR, "more")
        assert found.metadata.finalizers == (FINALIZER,)
        [ready] = found.status.conditions
        assert (ready.type, ready.status, ready.message) == (
            "Ready", "True", "Kubernetes Service CIDR is ready",
        )  # fmt: skip
        await client.create(service("a", "10.97.0.7"))
        await client.delete(ServiceCIDR, "more")
        await cluster.settle(5)
        held = conditions.find((await client.get(ServiceCIDR, "more")).status.conditions, "Ready")
        assert held is not None
        assert (held.status, held.reason) == ("False", "Terminating")
        with pytest.raises(errors.Invalid, match="does not match the current range"):
            await client.create(service("b", "10.97.0.8"))
        await client.delete(Service, "a", "default")
        await cluster.settle(GRACE_SECONDS + 5)
        with pytest.raises(errors.NotFound):
            await client.get(ServiceCIDR, "more")


@pytest.mark.looptime
async def test_another_range_lets_one_go() -> None:
    async with world() as cluster:
        cluster.start(ServiceCIDRController)
        client = cluster.client
        await client.create(cidr("small", "10.97.0.0/28"))
        await client.create(service("a", "10.97.0.7"))
        await cluster.settle(5)
        await client.delete(ServiceCIDR, "small")
        await cluster.settle(GRACE_SECONDS + 5)
        assert await client.get(ServiceCIDR, "small")
        await client.create(cidr("large", "10.97.0.0/24"))
        await cluster.settle(GRACE_SECONDS + 5)
        with pytest.raises(errors.NotFound):
            await client.get(ServiceCIDR, "small")
        assert (await client.get(Service, "a", "default")).spec.clusterIP == "10.97.0.7"
        await client.create(service("b", "10.97.0.8"))
