"""What becomes of real packets under the rules, in namespaces of this test's own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence

import pytest

from kubepy.api.core.v1 import ClientIPConfig, Service, ServicePort, SessionAffinityConfig
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.proxy import nftables, rules, services
from kubepy.proxy.netlink import Netfilter
from kubepy.proxy.rules import LocalTraffic, Settings
from kubepy.proxy.ruleset import Family
from kubepy.proxy.services import NodeView
from kubepy.proxy.tables import Tables
from tests.unit.proxy import machine as m
from tests.unit.proxy.machine import (
    DROPPED,
    NODE,
    NODE6,
    OUTSIDE,
    REFUSED,
    SILENCE,
    Answer,
    Machine,
)
from tests.unit.proxy.wants import NODE_NAME, endpoint, service, slice_of

pytestmark = pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")

IP, IP6, NODE_PORT = "10.96.0.10", "fd96::10", 30080
PODS = LocalTraffic(networks=(services.network(m.POD_RANGE), services.network(m.POD_RANGE6)))
SETTINGS = Settings(local_traffic=PODS)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine()
    for pod in made.pods:
        for v6 in (False, True):
            made.serve(pod, 8080, v6=v6)
            made.serve(pod, 8080, v6=v6, protocol="UDP")
    yield made
    made.close()


class Proxy:
    """The rules, brought into the node's kernel as kube-proxy does it."""

    def __init__(self, machine: Machine, settings: Settings) -> None:
        self.tables = Tables(tuple(Family), settings)
        self.machine = machine
        with machine.node.entered():
            self.netfilter = Netfilter()

    async def start(self) -> None:
        with self.machine.node.entered():
            messages = [
                message
                for wanted in self.tables.rulesets()
                for message in nftables.replace_table(rules.TABLE, wanted)
            ]
            await self.netfilter.apply(messages)

    async def want(self, wanted: Service, *slices: EndpointSlice) -> None:
        forwardings = services.forwardings(wanted, slices, NodeView(NODE_NAME))
        await self._update(wanted, forwardings)

    async def drop(self, wanted: Service) -> None:
        await self._update(wanted, ())

    async def _update(self, wanted: Service, forwardings: Sequence[services.Forwarding]) -> None:
        self.tables.update(f"{wanted.metadata.namespace}/{wanted.metadata.name}", forwardings)
        for change in self.tables.changes():
            await self.netfilter.apply(nftables.change_table(rules.TABLE, change))

    def listing(self) -> str:
        return self.machine.node.run("nft list ruleset")


@pytest.fixture
async def proxy(machine: Machine):
    made = Proxy(machine, SETTINGS)
    await made.start()
    yield made
    await made.netfilter.close()
    machine.node.run("nft flush ruleset")


def pods(machine: Machine, *names: str, v6: bool = False, **more: str) -> list:
    addresses = machine.addresses6 if v6 else machine.addresses
    return [endpoint(addresses[name], **more) for name in names]


async def test_cluster_ip_reaches_all_endpoints(machine: Machine, proxy: Proxy) -> None:
    await proxy.want(service("web", IP), slice_of("web", pods(machine, "a", "b")))
    for place in ("c", "node", "outside"):
        assert set(machine.ask_often(place, IP, 80)) == {"a", "b"}


async def test_a_pod_keeps_its_address_and_others_are_masqueraded(
    machine: Machine, proxy: Proxy
) -> None:
    await proxy.want(service("web", IP), slice_of("web", pods(machine, "a")))
    assert machine.ask("c", IP, 80) == Answer("a", machine.addresses["c"])
    assert machine.ask("outside", IP, 80) == Answer("a", "10.244.0.1")


async def test_a_pod_reaches_itself_through_its_service(machine: Machine, proxy: Proxy) -> None:
    await proxy.want(service("web", IP), slice_of("web", pods(machine, "a")))
    assert machine.ask("a", IP, 80) == Answer("a", "10.244.0.1")


async def test_udp(machine: Machine, proxy: Proxy) -> None:
    udp = service("dns", IP, ports=(ServicePort(port=53, protocol="UDP"),))
    await proxy.want(udp, slice_of("dns", pods(machine, "a"), protocol="UDP"))
    assert machine.ask("c", IP, 53, protocol="UDP") == Answer("a", machine.addresses["c"])


async def test_both_families(machine: Machine, proxy: Proxy) -> None:
    slices = (
        slice_of("web", pods(machine, "a", "b")),
        slice_of("web", pods(machine, "a", "b", v6=True)),
    )
    await proxy.want(service("web", IP, more_ips=(IP6,), port={"nodePort": NODE_PORT}), *slices)
    assert set(machine.ask_often("c", IP, 80)) == {"a", "b"}
    assert set(machine.ask_often("c", IP6, 80)) == {"a", "b"}
    assert set(machine.ask_often("outside", NODE6, NODE_PORT)) == {"a", "b"}
    assert machine.ask("a", IP6, 8080, patience=SILENCE) == REFUSED


async def test_node_port(machine: Machine, proxy: Proxy) -> None:
    web = service("web", IP, type="NodePort", port={"nodePort": NODE_PORT})
    await proxy.want(web, slice_of("web", pods(machine, "a", "b")))
    for place in ("outside", "node", "c"):
        assert set(machine.ask_often(place, NODE, NODE_PORT)) == {"a", "b"}
    assert machine.ask("a", NODE, NODE_PORT).client == "10.244.0.1"
    assert machine.ask("node", "127.0.0.1", NODE_PORT) == REFUSED


async def test_node_port_only_at_chosen_addresses(machine: Machine) -> None:
    settings = Settings(local_traffic=PODS, nodeport_networks=(services.network("172.31.0.2"),))
    machine.add_node_address("172.31.0.3/24")
    proxy = Proxy(machine, settings)
    await proxy.start()
    web = service("web", IP, type="NodePort", port={"nodePort": NODE_PORT})
    await proxy.want(web, slice_of("web", pods(machine, "a")))
    assert machine.ask("outside", NODE, NODE_PORT) == Answer("a", "10.244.0.1")
    assert machine.ask("outside", "172.31.0.3", NODE_PORT) == REFUSED
    await proxy.netfilter.close()
    machine.node.run("nft flush ruleset")


async def test_external_and_load_balancer_addresses(machine: Machine, proxy: Proxy) -> None:
    web = service("web", IP, externalIPs=("192.0.2.7",), ingress=("192.0.2.8",))
    await proxy.want(web, slice_of("web", pods(machine, "a", "b")))
    for address in ("192.0.2.7", "192.0.2.8"):
        assert set(machine.ask_often("outside", address, 80)) == {"a", "b"}
        assert machine.ask("outside", address, 80).client == "10.244.0.1"


async def test_a_load_balancer_lets_in_only_its_source_ranges(
    machine: Machine, proxy: Proxy
) -> None:
    allowed = service(
        "web", IP, type="LoadBalancer", ingress=("192.0.2.8",),
        loadBalancerSourceRanges=("172.31.0.0/24", "fd00::/8"),
    )  # fmt: skip
    await proxy.want(allowed, slice_of("web", pods(machine, "a")))
    assert machine.ask("outside", "192.0.2.8", 80) == Answer("a", "10.244.0.1")
    assert machine.ask("c", "192.0.2.8", 80, patience=SILENCE) == DROPPED
    assert machine.ask("c", IP, 80) == Answer("a", machine.addresses["c"])


async def test_external_policy_local_keeps_the_client(machine: Machine, proxy: Proxy) -> None:
    local = service(
        "web", IP, type="NodePort", port={"nodePort": NODE_PORT}, externalTrafficPolicy="Local"
    )
    endpoints = [*pods(machine, "a"), *pods(machine, "b", node="n2")]
    await proxy.want(local, slice_of("web", endpoints))
    for _ in range(8):
        assert machine.ask("outside", NODE, NODE_PORT) == Answer("a", OUTSIDE)
    assert set(machine.ask_often("c", NODE, NODE_PORT)) == {"a", "b"}
    assert set(machine.ask_often("node", NODE, NODE_PORT)) == {"a", "b"}


async def test_external_policy_local_without_an_endpoint_here(
    machine: Machine, proxy: Proxy
) -> None:
    local = service(
        "web", IP, type="NodePort", port={"nodePort": NODE_PORT}, externalTrafficPolicy="Local"
    )
    await proxy.want(local, slice_of("web", pods(machine, "b", node="n2")))
    assert machine.ask("outside", NODE, NODE_PORT, patience=SILENCE) == DROPPED
    assert machine.ask("c", NODE, NODE_PORT) == Answer("b", machine.addresses["c"])
    assert machine.ask("c", IP, 80) == Answer("b", machine.addresses["c"])


async def test_internal_policy_local(machine: Machine, proxy: Proxy) -> None:
    local = service("web", IP, internalTrafficPolicy="Local")
    await proxy.want(local, slice_of("web", [*pods(machine, "a"), *pods(machine, "b", node="n2")]))
    assert set(machine.ask_often("c", IP, 80)) == {"a"}
    await proxy.want(local, slice_of("web", pods(machine, "b", node="n2")))
    assert machine.ask("c", IP, 80, patience=SILENCE) == DROPPED


async def test_without_endpoints_connections_are_refused(machine: Machine, proxy: Proxy) -> None:
    web = service("web", IP, externalIPs=("192.0.2.7",), port={"nodePort": NODE_PORT})
    await proxy.want(web, slice_of("web", []))
    for place in ("c", "node", "outside"):
        assert machine.ask(place, IP, 80) == REFUSED
        assert machine.ask(place, NODE, NODE_PORT) == REFUSED
    assert machine.ask("outside", "192.0.2.7", 80) == REFUSED


async def test_a_port_that_no_service_has_is_refused(machine: Machine, proxy: Proxy) -> None:
    await proxy.want(service("web", IP), slice_of("web", pods(machine, "a")))
    assert machine.ask("c", IP, 81) == REFUSED
    assert machine.ask("node", IP, 81) == REFUSED


def _sticky(seconds: int = 600) -> Service:
    config = SessionAffinityConfig(clientIP=ClientIPConfig(timeoutSeconds=seconds))
    return service(
        "web", IP, port={"nodePort": NODE_PORT}, sessionAffinity="ClientIP",
        sessionAffinityConfig=config,
    )  # fmt: skip


@pytest.mark.parametrize("place", ["c", "outside", "node"])
async def test_affinity(machine: Machine, proxy: Proxy, place: str) -> None:
    await proxy.want(_sticky(), slice_of("web", pods(machine, "a", "b")))
    for address, port in ((IP, 80), (NODE, NODE_PORT)):
        assert len(machine.ask_often(place, address, port)) == 1


async def test_affinity_of_ipv6(machine: Machine, proxy: Proxy) -> None:
    web = service("web", IP6, sessionAffinity="ClientIP")
    await proxy.want(web, slice_of("web", pods(machine, "a", "b", v6=True)))
    assert len(machine.ask_often("c", IP6, 80)) == 1
    assert len(machine.ask_often("outside", IP6, 80)) == 1


async def test_affinity_outlives_other_endpoints_and_not_its_own(
    machine: Machine, proxy: Proxy
) -> None:
    await proxy.want(_sticky(), slice_of("web", pods(machine, "a", "b")))
    first = machine.ask("c", IP, 80).who
    await proxy.want(_sticky(), slice_of("web", pods(machine, "a", "b", "c")))
    assert set(machine.ask_often("c", IP, 80)) == {first}
    others = [name for name in "ab" if name != first]
    await proxy.want(_sticky(), slice_of("web", pods(machine, *others)))
    assert set(machine.ask_often("c", IP, 80)) == set(others)
    # The endpoint that came back is new: the client stays where it has been since.
    await proxy.want(_sticky(), slice_of("web", pods(machine, "a", "b")))
    assert set(machine.ask_often("c", IP, 80)) == set(others)


async def test_every_endpoint_is_chosen_by_some_client(machine: Machine, proxy: Proxy) -> None:
    await proxy.want(_sticky(), slice_of("web", pods(machine, "a", "b")))
    seen = set()
    for last in range(20, 44):
        address = f"10.244.0.{last}"
        machine.pods["c"].run(f"ip addr replace {address}/24 dev eth0")
        machine.pods["c"].run(f"ip route replace 10.96.0.0/16 via 10.244.0.1 src {address}")
        seen.add(machine.ask("c", IP, 80).who)
        machine.pods["c"].run(f"ip addr del {address}/24 dev eth0")
    assert seen == {"a", "b"}


async def test_a_removed_service_leaves_nothing(machine: Machine, proxy: Proxy) -> None:
    before = proxy.listing()
    web = _sticky()
    await proxy.want(web, slice_of("web", pods(machine, "a", "b")))
    assert proxy.listing() != before
    await proxy.drop(web)
    assert proxy.listing() == before


async def test_two_services_with_one_external_address(machine: Machine, proxy: Proxy) -> None:
    first = service("first", "10.96.0.11", externalIPs=("192.0.2.7",))
    second = service("second", "10.96.0.12", externalIPs=("192.0.2.7",))
    await proxy.want(second, slice_of("second", pods(machine, "b")))
    await proxy.want(first, slice_of("first", pods(machine, "a")))
    assert set(machine.ask_often("outside", "192.0.2.7", 80, 6)) == {"a"}
    await proxy.drop(first)
    assert set(machine.ask_often("outside", "192.0.2.7", 80, 6)) == {"b"}


async def test_nobody_elses_rules_are_touched(machine: Machine, proxy: Proxy) -> None:
    machine.node.run("nft add table ip filter-of-somebody-else")
    await proxy.start()
    await proxy.netfilter.apply(nftables.remove_table(rules.TABLE, Family.IPV4))
    await proxy.netfilter.apply(nftables.remove_table(rules.TABLE, Family.IPV6))
    assert proxy.listing().split() == ["table", "ip", "filter-of-somebody-else", "{", "}"]


def test_nft_reads_the_rules(machine: Machine) -> None:
    assert subprocess.run(["nft", "--version"], capture_output=True, check=False).returncode == 0
