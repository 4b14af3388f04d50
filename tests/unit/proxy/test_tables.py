"""Step by step or all at once: the tables must come out the same, in the kernel too."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubepy.api.core.v1 import Service
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.proxy import nftables, rules, services
from kubepy.proxy.netlink import Netfilter
from kubepy.proxy.rules import LocalTraffic, Settings
from kubepy.proxy.ruleset import Change, Family, Ruleset, diff
from kubepy.proxy.services import Forwarding, NodeView
from kubepy.proxy.tables import Tables
from tests.unit.proxy.netns import Namespace
from tests.unit.proxy.wants import endpoint, service, slice_of

NODE = NodeView("n1")
PODS = LocalTraffic(networks=(services.network("10.244.0.0/16"), services.network("fd44::/64")))
SETTINGS = Settings(local_traffic=PODS)


def forwardings(wanted: Service, *slices: EndpointSlice) -> tuple[Forwarding, ...]:
    return services.forwardings(wanted, slices, NODE)


@st.composite
def wanted_services(draw: st.DrawFn) -> tuple[str, tuple[Forwarding, ...]]:
    """A Service, few enough that they meet: in names, addresses, ports and endpoints."""
    name = draw(st.sampled_from("abcd"))
    if draw(st.integers(0, 4)) == 0:
        return f"default/{name}", ()
    some = st.lists(st.integers(1, 5), max_size=4)
    spec: dict[str, Any] = {
        "port": {"nodePort": draw(st.sampled_from([0, 30001, 30002]))},
        "externalIPs": tuple(f"192.0.2.{n}" for n in draw(st.lists(st.integers(1, 2), max_size=2))),
        "ingress": tuple(f"192.0.2.{n}" for n in draw(st.lists(st.integers(2, 3), max_size=1))),
        "sessionAffinity": draw(st.sampled_from(["None", "ClientIP"])),
        "externalTrafficPolicy": draw(st.sampled_from(["Cluster", "Local"])),
        "internalTrafficPolicy": draw(st.sampled_from(["Cluster", "Local"])),
        "loadBalancerSourceRanges": draw(st.sampled_from([(), ("10.0.0.0/8",)])),
        "more_ips": draw(st.sampled_from([(), (f"fd96::{ord(name)}",)])),
    }
    slices = [
        slice_of(name, [endpoint(f"10.244.0.{n}", draw(st.sampled_from(["n1", "n2"])))])
        for n in draw(some)
    ] + [slice_of(name, [endpoint(f"fd44::{n}")]) for n in draw(some)]
    wanted = service(name, f"10.96.0.{ord(name)}", **spec)
    return f"default/{name}", forwardings(wanted, *slices)


def apply(table: Ruleset, change: Change) -> Ruleset:
    """What the kernel would have, which knows no double and no missing items."""
    chains = dict(table.chains)
    elements = {name: dict(found) for name, found in table.elements.items()}
    for chain in change.add_chains:
        assert chains.setdefault(chain.name, chain) is chain
    for name, keys in change.remove.items():
        for key in keys:
            del elements[name][key]
    for name, found in change.insert.items():
        there = elements.setdefault(name, {})
        assert not there.keys() & found.keys()
        there |= found
    for gone in change.delete_chains:
        del chains[gone]
    return Ruleset(table.family, chains, table.maps, {k: v for k, v in elements.items() if v})


@given(st.lists(wanted_services(), max_size=8))
def test_changes_add_up_to_the_whole(steps: list[tuple[str, tuple[Forwarding, ...]]]) -> None:
    tables = Tables(tuple(Family), SETTINGS)
    kernel = {one.family: one for one in tables.rulesets()}
    final: dict[str, tuple[Forwarding, ...]] = {}
    for key, wanted in steps:
        tables.update(key, wanted)
        final[key] = wanted
        for change in tables.changes():
            kernel[change.family] = apply(kernel[change.family], change)
    fresh = Tables(tuple(Family), SETTINGS)
    for key, wanted in final.items():
        fresh.update(key, wanted)
    for one in fresh.rulesets():
        assert not diff(kernel[one.family], one)
        assert not diff(one, kernel[one.family])


@given(wanted_services(), wanted_services())
def test_diff_makes_one_into_the_other(
    before: tuple[str, tuple[Forwarding, ...]], after: tuple[str, tuple[Forwarding, ...]]
) -> None:
    rulesets = []
    for key, wanted in (before, after):
        tables = Tables((Family.IPV4,), SETTINGS)
        tables.update(key, wanted)
        rulesets += tables.rulesets()
    old, new = rulesets
    assert not diff(apply(old, diff(old, new)), new)


def test_every_verdict_leads_to_a_chain_of_the_table() -> None:
    wanted = service("a", externalIPs=("192.0.2.1",), externalTrafficPolicy="Local")
    tables = Tables((Family.IPV4,), SETTINGS)
    tables.update("default/a", forwardings(wanted, slice_of("a", [endpoint("10.244.0.1")])))
    (table,) = tables.rulesets()
    led_to = {
        value.data.chain
        for found in table.elements.values()
        for value in found.values()
        if not isinstance(value.data, bytes | None)
    }
    assert led_to <= table.chains.keys()


# --- in the kernel ---

needs_root = pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")


def listing(space: Namespace) -> list[str]:
    """What nft reads in the kernel, in an order that does not depend on how it came there."""
    found = json.loads(space.run("nft -j list ruleset"))["nftables"]
    lines = []
    for item in found:
        for kind, value in item.items():
            if kind == "metainfo":
                continue
            value.pop("handle", None)
            value["elem"] = sorted(value.get("elem", []), key=json.dumps)
            lines.append(f"{kind} {json.dumps(value, sort_keys=True)}")
    return sorted(lines)


@pytest.fixture
async def kernel():
    space = Namespace("kernel")
    with space.entered():
        netfilter = Netfilter()
        await netfilter.apply([nftables.add_table(Family.IPV4, rules.TABLE)])
    yield space, netfilter
    await netfilter.close()
    space.close()


async def replace(netfilter: Netfilter, tables: Tables) -> None:
    wanted = tables.rulesets()
    await netfilter.apply(m for one in wanted for m in nftables.replace_table(rules.TABLE, one))


def many(count: int, seed: int) -> list[tuple[str, tuple[Forwarding, ...]]]:
    """Services of all sorts, as a cluster has them."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        name = f"s{number}"
        spec: dict[str, Any] = {}
        if rng.random() < 0.2:
            spec["port"] = {"nodePort": 30000 + number}
        if rng.random() < 0.1:
            spec["sessionAffinity"] = "ClientIP"
        if rng.random() < 0.1:
            spec["externalTrafficPolicy"] = "Local"
        if rng.random() < 0.05:
            spec["externalIPs"] = (f"192.0.2.{number % 250}",)
        addresses = [f"10.244.{rng.randrange(8)}.{rng.randrange(1, 250)}" for _ in range(2)]
        wanted = service(name, f"10.96.{number >> 8}.{number & 255}", **spec)
        slices = slice_of(name, [endpoint(address) for address in addresses[: rng.randrange(3)]])
        found.append((f"default/{name}", forwardings(wanted, slices)))
    return found


@needs_root
async def test_a_thousand_services_step_by_step(kernel: tuple[Namespace, Netfilter]) -> None:
    space, netfilter = kernel
    tables = Tables(tuple(Family), SETTINGS)
    for key, wanted in many(1000, seed=1):
        tables.update(key, wanted)
    await replace(netfilter, tables)
    rng = random.Random(3)
    for key, wanted in many(1200, seed=2)[100::7]:
        tables.update(key, wanted if rng.random() < 0.8 else ())
        messages = [m for c in tables.changes() for m in nftables.change_table(rules.TABLE, c)]
        if messages:
            await netfilter.apply(messages)
    stepwise = listing(space)
    await replace(netfilter, tables)
    assert stepwise == listing(space)
    assert sum(line.startswith("rule") for line in stepwise) < 200


@needs_root
async def test_nft_reads_every_kind_of_rule(kernel: tuple[Namespace, Netfilter]) -> None:
    space, netfilter = kernel
    tables = Tables(tuple(Family), SETTINGS)
    wanted = service(
        "web", more_ips=("fd96::1",), type="LoadBalancer", port={"nodePort": 30080},
        sessionAffinity="ClientIP", externalTrafficPolicy="Local", ingress=("192.0.2.8",),
        loadBalancerSourceRanges=("192.0.2.0/24", "10.1.2.3/32"),
    )  # fmt: skip
    slices = [
        slice_of("web", [endpoint("10.244.0.1"), endpoint("10.244.0.2", "n2")]),
        slice_of("web", [endpoint("fd44::1"), endpoint("fd44::2", "n2")]),
    ]
    tables.update("default/web", forwardings(wanted, *slices))
    await replace(netfilter, tables)
    shown = space.run("nft list table ip kubepy-proxy")
    for line in (
        "ip saddr != 10.244.0.0/16 jump mark-for-masquerade",
        "meta priority set ip saddr . ip daddr . meta l4proto . th dport map @affinity",
        "ip daddr . meta l4proto . th dport vmap @service-ips",
        "ip saddr 192.0.2.0/24 return",
        "ip saddr 10.1.2.3 return",
        '10.96.0.10 . tcp . 80 comment "default/web" : goto internal-2-sticky-10800',
    ):
        assert line in shown


@needs_root
async def test_what_the_kernel_refuses_is_named(kernel: tuple[Namespace, Netfilter]) -> None:
    from kubepy.proxy.netlink import Refused

    space, netfilter = kernel
    await replace(netfilter, Tables((Family.IPV4,), SETTINGS))
    before = listing(space)
    good = nftables.add_elements(
        Family.IPV4, rules.TABLE, rules.CLUSTER_IPS, {bytes((10, 96, 0, 1)): rules.Value()}
    )
    with pytest.raises(Refused) as refused:
        await netfilter.apply([*good, nftables.delete_chain(Family.IPV4, rules.TABLE, "nowhere")])
    assert [failure.about for failure in refused.value.failures] == ["chain nowhere"]
    assert "No such file or directory" in str(refused.value)
    assert listing(space) == before
