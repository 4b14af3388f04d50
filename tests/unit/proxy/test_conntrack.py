"""Which UDP flows have to be forgotten; and that the kernel forgets those and no others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kubepy.api.core.v1 import Service, ServicePort
from kubepy.proxy.conntrack import Conntrack, Flow, Way, is_stale, suspects, ways
from kubepy.proxy.ruleset import Family
from kubepy.proxy.services import Forwarding, NodeView, Target, forwardings, pack
from tests.unit.proxy.machine import DROPPED, NODE, SILENCE, Answer, Machine
from tests.unit.proxy.test_forwarding import SETTINGS, Proxy, pods
from tests.unit.proxy.wants import endpoint, service, slice_of

IP, NODE_PORT = "10.96.0.10", 30053
VIP = Target(pack(IP), 53)
GONE, THERE = Target(pack("10.244.0.1"), 53), Target(pack("10.244.0.2"), 53)
CLIENT = Target(pack("10.244.0.9"), 5000)


def way(*targets: Target, address: str = IP, port: int = 53) -> Way:
    return Way(Family.IPV4, pack(address) if address else b"", port, frozenset(targets))


@pytest.mark.parametrize(
    ("flow", "came", "stale"),
    [
        pytest.param(Flow(CLIENT, VIP, GONE), way(THERE), True, id="its endpoint is gone"),
        pytest.param(Flow(CLIENT, VIP, THERE), way(THERE), False, id="its endpoint is there"),
        pytest.param(Flow(CLIENT, VIP, GONE), way(), True, id="the service is gone"),
        pytest.param(Flow(CLIENT, VIP, VIP), way(THERE), True, id="older than the first endpoint"),
        pytest.param(Flow(CLIENT, VIP, VIP), way(), False, id="still nobody to send it to"),
        pytest.param(
            Flow(CLIENT, Target(pack("10.96.0.11"), 53), GONE), way(THERE), False, id="another IP"
        ),
        pytest.param(
            Flow(CLIENT, Target(pack(IP), 54), GONE), way(THERE), False, id="another port"
        ),
        pytest.param(
            Flow(CLIENT, Target(pack(NODE), 53), GONE), way(THERE, address=""), True, id="node port"
        ),
        pytest.param(
            Flow(CLIENT, Target(pack("9.9.9.9"), 53), Target(pack("9.9.9.9"), 53)),
            way(THERE, address=""),
            False,
            id="to the same port elsewhere",
        ),
    ],
)
def test_is_stale(flow: Flow, came: Way, stale: bool) -> None:
    assert is_stale(flow, came) is stale


def dns(**spec: Any) -> Service:
    return service("dns", IP, ports=(ServicePort(port=53, protocol="UDP", **spec),))


def forwarded(wanted: Service, *addresses: str, protocol: str = "UDP") -> tuple[Forwarding, ...]:
    endpoints = [endpoint(address) for address in addresses]
    return forwardings(
        wanted, [slice_of("dns", endpoints, port=53, protocol=protocol)], NodeView("n1")
    )


def test_suspects_are_the_ways_that_changed() -> None:
    old = forwarded(dns(nodePort=NODE_PORT), "10.244.0.1", "10.244.0.2")
    new = forwarded(dns(nodePort=NODE_PORT), "10.244.0.2")
    assert suspects(old, new) == {way(THERE), way(THERE, address="", port=NODE_PORT)}
    assert suspects(old, old) == set()
    assert suspects(new, ()) == {way(), way(address="", port=NODE_PORT)}
    assert suspects((), new) == ways(new)


def test_tcp_is_no_concern() -> None:
    tcp = forwarded(service("dns", IP), "10.244.0.1", protocol="TCP")
    assert ways(tcp) == set()


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine()
    for pod in made.pods:
        made.serve(pod, 53, protocol="UDP")
    yield made
    made.close()


@pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")
async def test_a_flow_moves_to_the_endpoint_that_is_left(machine: Machine) -> None:
    proxy = Proxy(machine, SETTINGS)
    await proxy.start()
    with machine.node.entered():
        flows = Conntrack()
        assert await flows.forget({way()}) == 0  # starts the thread in the node
    wanted = dns(nodePort=NODE_PORT)

    def ask(place: str, address: str, port: int) -> Answer | str:
        return machine.ask(place, address, port, protocol="UDP", source_port=5000, patience=SILENCE)

    assert ask("c", IP, 53) == DROPPED
    await proxy.want(wanted, slice_of("dns", pods(machine, "a"), port=53, protocol="UDP"))
    await flows.forget(ways(proxy.tables.forwardings("default/dns")))
    here = Answer("a", machine.addresses["c"])
    assert ask("c", IP, 53) == here
    assert ask("outside", NODE, NODE_PORT) == Answer("a", "10.244.0.1")
    old = proxy.tables.forwardings("default/dns")
    await proxy.want(wanted, slice_of("dns", pods(machine, "b"), port=53, protocol="UDP"))
    assert ask("c", IP, 53) == here
    suspected = suspects(old, proxy.tables.forwardings("default/dns"))
    assert await flows.forget(suspected) == 2
    assert ask("c", IP, 53) == Answer("b", machine.addresses["c"])
    assert ask("outside", NODE, NODE_PORT) == Answer("b", "10.244.0.1")
    assert await flows.forget(suspected) == 0
    flows.close()
    await proxy.netfilter.close()
