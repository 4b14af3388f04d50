"""Forwarding by this process: what becomes of real connections, where the kernel cannot help."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest

from kubepy.api.core.v1 import ClientIPConfig, ServicePort, SessionAffinityConfig
from kubepy.base.clock import SystemClock
from kubepy.proxy import services
from kubepy.proxy.backend import BackendError
from kubepy.proxy.doors import Behind, Door, contains, doors
from kubepy.proxy.rules import LocalTraffic, Settings
from kubepy.proxy.services import Forwarding, NodeView, Target, network, pack
from kubepy.proxy.userspace import DEVICE, Userspace
from tests.unit.proxy import machine as m
from tests.unit.proxy.machine import DROPPED, NODE, REFUSED, SILENCE, Answer, Machine
from tests.unit.proxy.wants import NODE_NAME, endpoint, service, slice_of

needs_root = pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")

IP, IP6, NODE_PORT, KEY = "10.96.0.10", "fd96::10", 30080, "default/web"
PODS = LocalTraffic(networks=(network(m.POD_RANGE), network(m.POD_RANGE6)))
SETTINGS = Settings(local_traffic=PODS, nodeport_networks=(network(NODE),))


def forwardings(wanted: Any, *slices: Any) -> tuple[Forwarding, ...]:
    return services.forwardings(wanted, slices, NodeView(NODE_NAME))


def test_doors() -> None:
    wanted = service(
        "web", IP, port={"nodePort": NODE_PORT}, externalIPs=("192.0.2.7",),
        ingress=("192.0.2.8",), loadBalancerSourceRanges=("10.0.0.0/8",),
        externalTrafficPolicy="Local",
    )  # fmt: skip
    endpoints = [endpoint("10.244.0.1"), endpoint("10.244.0.2", "n2")]
    (one,) = forwardings(wanted, slice_of("web", endpoints))
    here, there = (Target(pack(f"10.244.0.{n}"), 8080) for n in (1, 2))
    outside = Behind("default/web", (here, there), (here,))
    assert doors(one, SETTINGS) == {
        Door(2, 6, pack(IP), 80): Behind("default/web", (here, there), (here, there)),
        Door(2, 6, pack("192.0.2.7"), 80): outside,
        Door(2, 6, pack("192.0.2.8"), 80): Behind(
            "default/web", (here, there), (here,), ranges=(network("10.0.0.0/8"),)
        ),
        Door(2, 6, pack(NODE), NODE_PORT): outside,
    }


def test_no_door_without_endpoints() -> None:
    (one,) = forwardings(service("web", IP, port={"nodePort": NODE_PORT}), slice_of("web", []))
    assert doors(one, SETTINGS) == {}


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.1.2.3", True), ("11.1.2.3", False), ("fd00::1", True), ("fe00::1", False)],
)
def test_contains(address: str, inside: bool) -> None:
    networks = (network("10.0.0.0/8"), network("fd00::/8"))
    assert contains(networks, pack(address)) is inside


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine()
    for pod in made.pods:
        for protocol in ("TCP", "UDP"):
            made.serve(pod, 8080, protocol=protocol)
            made.serve(pod, 8080, protocol=protocol, v6=True)
    yield made
    made.close()


@pytest.fixture
async def proxy(machine: Machine) -> AsyncIterator[Userspace]:
    with machine.node.entered():
        made = Userspace(SystemClock(), random.Random(7))
        await made.open()
        await made.replace(SETTINGS, {})
        yield made
        await made.close()
        assert DEVICE not in machine.node.run("ip link")


def pods(machine: Machine, *names: str, v6: bool = False, **more: str) -> list[Any]:
    addresses = machine.addresses6 if v6 else machine.addresses
    return [endpoint(addresses[name], **more) for name in names]


async def ask(machine: Machine, *where: Any, **more: Any) -> Answer | str:
    """Beside the event loop, which has to forward."""
    return await asyncio.to_thread(lambda: machine.ask(*where, **more))


async def often(machine: Machine, *where: Any) -> Counter[str]:
    return await asyncio.to_thread(lambda: machine.ask_often(*where))


@needs_root
@pytest.mark.parametrize("place", ["c", "node", "outside"])
async def test_every_address_reaches_all_endpoints(
    machine: Machine, proxy: Userspace, place: str
) -> None:
    web = service(
        "web", IP, more_ips=(IP6,), port={"nodePort": NODE_PORT}, externalIPs=("192.0.2.7",)
    )
    slices = [slice_of("web", pods(machine, "a", "b", v6=v6)) for v6 in (False, True)]
    await proxy.change({KEY: forwardings(web, *slices)})
    for address, port in ((IP, 80), (IP6, 80), (NODE, NODE_PORT), ("192.0.2.7", 80)):
        assert set(await often(machine, place, address, port)) == {"a", "b"}


@needs_root
async def test_endpoints_come_and_go(machine: Machine, proxy: Userspace) -> None:
    web = service("web", IP)

    async def have(*names: str) -> None:
        await proxy.change({KEY: forwardings(web, slice_of("web", pods(machine, *names)))})

    await have("a")
    assert set(await often(machine, "c", IP, 80)) == {"a"}
    await have("b")
    assert set(await often(machine, "c", IP, 80)) == {"b"}
    await have()
    assert await ask(machine, "c", IP, 80, patience=SILENCE) in (REFUSED, DROPPED)
    await have("a")
    assert set(await often(machine, "c", IP, 80)) == {"a"}
    assert f"inet {IP}/32" in machine.node.run(f"ip addr show {DEVICE}")
    await proxy.change({KEY: ()})
    assert IP not in machine.node.run("ip addr")


@needs_root
async def test_an_endpoint_that_does_not_answer_is_passed_over(
    machine: Machine, proxy: Userspace
) -> None:
    endpoints = [*pods(machine, "a"), endpoint("10.244.0.1")]
    await proxy.change({KEY: forwardings(service("web", IP), slice_of("web", endpoints))})
    assert set(await often(machine, "c", IP, 80)) == {"a"}


@needs_root
async def test_policy_local_and_source_ranges(machine: Machine, proxy: Userspace) -> None:
    web = service(
        "web", IP, port={"nodePort": NODE_PORT}, externalTrafficPolicy="Local",
        ingress=("192.0.2.8",), loadBalancerSourceRanges=("10.0.0.0/8",),
    )  # fmt: skip
    endpoints = [*pods(machine, "a"), *pods(machine, "b", node="n2")]
    await proxy.change({KEY: forwardings(web, slice_of("web", endpoints))})
    assert set(await often(machine, "outside", NODE, NODE_PORT)) == {"a"}
    assert set(await often(machine, "c", NODE, NODE_PORT)) == {"a", "b"}
    assert await ask(machine, "outside", "192.0.2.8", 80) == REFUSED
    assert isinstance(await ask(machine, "c", "192.0.2.8", 80), Answer)


@needs_root
async def test_affinity(machine: Machine, proxy: Userspace) -> None:
    config = SessionAffinityConfig(clientIP=ClientIPConfig(timeoutSeconds=600))
    web = service("web", IP, sessionAffinity="ClientIP", sessionAffinityConfig=config)
    await proxy.change({KEY: forwardings(web, slice_of("web", pods(machine, "a", "b")))})
    (first,) = await often(machine, "c", IP, 80)
    others = [name for name in "ab" if name != first]
    await proxy.change({KEY: forwardings(web, slice_of("web", pods(machine, *others)))})
    assert set(await often(machine, "c", IP, 80)) == set(others)


@needs_root
async def test_udp_flows_move_with_their_endpoints(machine: Machine, proxy: Userspace) -> None:
    dns = service("web", IP, ports=(ServicePort(port=53, protocol="UDP"),))

    async def have(*names: str) -> None:
        one = slice_of("web", pods(machine, *names), protocol="UDP")
        await proxy.change({KEY: forwardings(dns, one)})

    async def who() -> str:
        answer = await ask(machine, "c", IP, 53, protocol="UDP", source_port=5000)
        assert isinstance(answer, Answer)
        return answer.who

    await have("a")
    assert [await who(), await who()] == ["a", "a"]
    await have("b")
    assert await who() == "b"


@needs_root
async def test_a_port_that_somebody_has_is_said(machine: Machine, proxy: Userspace) -> None:
    machine.serve("node", NODE_PORT + 1)
    web = service("web", IP, port={"nodePort": NODE_PORT + 1})
    wanted = forwardings(web, slice_of("web", pods(machine, "a")))
    with pytest.raises(BackendError, match=f"{NODE} port {NODE_PORT + 1}"):
        await proxy.change({KEY: wanted})
    assert set(await often(machine, "c", IP, 80)) == {"a"}


@needs_root
async def test_replacing_keeps_listeners_and_drops_what_is_not_wanted(
    machine: Machine, proxy: Userspace
) -> None:
    one = slice_of("web", pods(machine, "a"))
    await proxy.change({KEY: forwardings(service("web", IP), one)})
    other = service("other", "10.96.0.11")
    slices = slice_of("other", pods(machine, "b"))
    wanted: dict[str, Sequence[Forwarding]] = {"default/other": forwardings(other, slices)}
    await proxy.replace(SETTINGS, wanted)
    assert set(await often(machine, "c", "10.96.0.11", 80)) == {"b"}
    assert IP not in machine.node.run("ip addr")
    assert await proxy.is_intact()
    machine.node.run(f"ip link del {DEVICE}")
    assert not await proxy.is_intact()
    await proxy.replace(SETTINGS, wanted)
    assert set(await often(machine, "c", "10.96.0.11", 80)) == {"b"}
