"""kube-proxy as a whole, against a real apiserver in this process and a real kernel."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from msgspec.structs import replace

from kubepy.api.core.v1 import Namespace as NamespaceObject
from kubepy.api.core.v1 import Node, NodeAddress, NodeStatus, Service, Taint
from kubepy.api.discovery.v1 import EndpointSlice
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.server import ADMIN, build, running
from kubepy.base.clock import SystemClock
from kubepy.client.client import Client
from kubepy.client.connect import direct
from kubepy.meta import errors
from kubepy.proxy import run
from kubepy.proxy.config import KubeProxyConfiguration, NFTables
from kubepy.storage import sqlite
from tests.unit.proxy.machine import DROPPED, NODE, SILENCE, Answer, Machine
from tests.unit.proxy.netns import Namespace
from tests.unit.proxy.wants import NODE_NAME, endpoint, service, slice_of

pytestmark = pytest.mark.skipif("os.geteuid() != 0", reason="namespaces need root")

IP, NODE_PORT = "10.96.0.10", 30080
HEALTH, METRICS = "http://127.0.0.1:10256", "http://127.0.0.1:10249"
PATIENCE = 20.0  # seconds until a test gives up
CONFIG = KubeProxyConfiguration(hostnameOverride=NODE_NAME, clusterCIDR="10.244.0.0/16")


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    made = Machine()
    for pod in made.pods:
        made.serve(pod, 8080)
    yield made
    made.close()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with running(build(await sqlite.open(":memory:"))) as server:
        made = direct(server.pipeline, ADMIN)
        with suppress(errors.AlreadyExists):
            await made.create(NamespaceObject(metadata=ObjectMeta(name="default")))
        addresses = (NodeAddress(type="InternalIP", address=NODE),)
        node = Node(metadata=ObjectMeta(name=NODE_NAME), status=NodeStatus(addresses=addresses))
        created = await made.create(node)
        await made.update(replace(created, status=node.status), subresource="status")
        yield made


@asynccontextmanager
async def proxying(
    machine: Machine, client: Client, config: KubeProxyConfiguration = CONFIG
) -> AsyncIterator[None]:
    with machine.node.entered():
        task = asyncio.create_task(run.run(config, client, clock=SystemClock()))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture(autouse=True)
def clean(machine: Machine) -> Iterator[None]:
    yield
    machine.node.run("nft flush ruleset")


async def until(look: Callable[[], Any], wanted: Callable[[Any], bool] = bool) -> Any:
    """Look again and again, beside the event loop, until it is as wanted."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await asyncio.to_thread(look)
            if wanted(found):
                return found
            await asyncio.sleep(0.01)


async def web(client: Client, machine: Machine, *names: str, **spec: Any) -> None:
    spec = {"port": {"nodePort": NODE_PORT}, "type": "NodePort", **spec}
    await client.create(service("web", IP, **spec))
    await client.create(slice_of("web", [endpoint(machine.addresses[name]) for name in names]))


async def move(client: Client, machine: Machine, *names: str) -> None:
    """Have the Service's endpoints be these pods."""
    old = await client.get(EndpointSlice, "web-v4", "default")
    new = tuple(endpoint(machine.addresses[name]) for name in names)
    await client.update(replace(old, endpoints=new))


def asking(machine: Machine, place: str = "c") -> Callable[[], Answer | str]:
    return lambda: machine.ask(place, IP, 80, patience=SILENCE)


def is_by(who: str) -> Callable[[Answer | str], bool]:
    return lambda answer: isinstance(answer, Answer) and answer.who == who


async def test_it_follows_what_the_apiserver_says(machine: Machine, client: Client) -> None:
    await web(client, machine, "a")
    async with proxying(machine, client):
        await until(asking(machine), is_by("a"))
        assert machine.ask("outside", NODE, NODE_PORT) == Answer("a", "10.244.0.1")
        await move(client, machine, "b")
        await until(asking(machine), is_by("b"))
        await move(client, machine)
        await until(asking(machine), lambda answer: answer == "refused")
        await move(client, machine, "a")
        await until(asking(machine), is_by("a"))
        await client.delete(Service, "web", "default")
        await until(lambda: IP not in machine.node.run("nft list table ip kubepy-proxy"))


async def test_rules_stay_when_it_ends_and_are_corrected_when_it_starts_again(
    machine: Machine, client: Client
) -> None:
    await web(client, machine, "a", sessionAffinity="ClientIP")
    async with proxying(machine, client):
        await until(asking(machine), is_by("a"))
    assert machine.ask("c", IP, 80).who == "a"
    remembered = machine.node.run("nft list map ip kubepy-proxy affinity")
    assert machine.addresses["c"] in remembered
    machine.node.run("nft add set ip kubepy-proxy leftover { type ipv4_addr ; }")
    machine.node.run("nft add table ip filter-of-somebody-else")
    await move(client, machine, "a", "b")
    async with proxying(machine, client):
        listing = "nft list ruleset"
        await until(lambda: machine.node.run(listing), lambda text: "leftover" not in text)
        assert "filter-of-somebody-else" in machine.node.run(listing)
        # The client that was at a stays at a: the kernel's memory was kept.
        for _ in range(8):
            assert machine.ask("c", IP, 80).who == "a"
        assert machine.addresses["c"] in machine.node.run("nft list map ip kubepy-proxy affinity")


@pytest.mark.parametrize(
    "meddle",
    [
        pytest.param("nft flush ruleset", id="everything is gone"),
        pytest.param("nft delete chain ip kubepy-proxy nat-prerouting", id="a chain is gone"),
        pytest.param("nft add chain ip kubepy-proxy mine", id="a chain too many"),
    ],
)
async def test_it_notices_that_somebody_changed_its_tables(
    machine: Machine, client: Client, meddle: str
) -> None:
    await web(client, machine, "a")
    config = replace(CONFIG, nftables=NFTables(syncPeriod=0.05))
    async with proxying(machine, client, config):
        await until(asking(machine), is_by("a"))
        before = machine.node.run("nft list tables")
        machine.node.run(meddle)
        await until(asking(machine), is_by("a"))

        def chains() -> str:
            return machine.node.run("nft list chains")

        await until(chains, lambda text: "nat-prerouting" in text and "mine" not in text)
        assert machine.node.run("nft list tables") == before


async def test_a_node_that_gets_its_address_later(machine: Machine, client: Client) -> None:
    node = await client.get(Node, NODE_NAME)
    bare = await client.update(replace(node, status=NodeStatus()), subresource="status")
    await web(client, machine, "a")
    async with proxying(machine, client):
        await until(asking(machine), is_by("a"))
        assert machine.ask("outside", NODE, NODE_PORT, patience=SILENCE) in ("refused", DROPPED)
        await client.update(replace(bare, status=node.status), subresource="status")
        asked = lambda: machine.ask("outside", NODE, NODE_PORT, patience=SILENCE)  # noqa: E731
        await until(asked, is_by("a"))


async def test_services_of_other_proxies_are_left_alone(machine: Machine, client: Client) -> None:
    other = service("other", "10.96.0.99")
    labels = {"service.kubernetes.io/service-proxy-name": "somebody-else"}
    await client.create(replace(other, metadata=replace(other.metadata, labels=labels)))
    await web(client, machine, "a")
    async with proxying(machine, client):
        await until(asking(machine), is_by("a"))
        assert "10.96.0.99" not in machine.node.run("nft list ruleset")


def get(space: Namespace, url: str) -> tuple[int, str]:
    """Status and body; (0, "{}") while nobody answers."""
    with space.entered():
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, "{}"


async def test_health_and_metrics(machine: Machine, client: Client) -> None:
    await web(client, machine, "a")

    def ask(url: str) -> Callable[[], tuple[int, str]]:
        return lambda: get(machine.node, url)

    async with proxying(machine, client):
        await until(asking(machine), is_by("a"))
        status, body = await asyncio.to_thread(ask(f"{HEALTH}/healthz"))
        assert (status, json.loads(body)["nodeEligible"]) == (200, True)
        node = await client.get(Node, NODE_NAME)
        taint = Taint(key="ToBeDeletedByClusterAutoscaler", effect="NoSchedule")
        await client.update(replace(node, spec=replace(node.spec, taints=(taint,))))
        await until(ask(f"{HEALTH}/healthz"), lambda answer: answer[0] == 503)
        assert (await asyncio.to_thread(ask(f"{HEALTH}/livez")))[0] == 200
        assert await asyncio.to_thread(ask(f"{METRICS}/proxyMode")) == (200, "nftables")
        _, text = await asyncio.to_thread(ask(f"{METRICS}/metrics"))
        assert "kubeproxy_sync_proxy_rules_duration_seconds_count" in text
        _, text = await asyncio.to_thread(ask(f"{METRICS}/configz"))
        assert json.loads(text)["kubeproxy.config.k8s.io"]["clusterCIDR"] == "10.244.0.0/16"


async def test_load_balancers_ask_for_endpoints_of_this_node(
    machine: Machine, client: Client
) -> None:
    port = 32123
    await web(
        client, machine, "a", type="LoadBalancer", externalTrafficPolicy="Local",
        healthCheckNodePort=port,
    )  # fmt: skip
    url = f"http://{NODE}:{port}/healthz"

    def ask() -> tuple[int, str]:
        return get(machine.outside, url)

    async with proxying(machine, client):
        status, body = await until(ask, lambda answer: answer[0] == 200)
        assert json.loads(body) == {
            "service": {"namespace": "default", "name": "web"},
            "localEndpoints": 1,
            "serviceProxyHealthy": True,
        }
        await move(client, machine)
        await until(ask, lambda answer: answer[0] == 503)
        await client.delete(Service, "web", "default")
        await until(ask, lambda answer: answer[0] == 0)


async def test_cleanup_removes_everything_of_ours(machine: Machine, client: Client) -> None:
    await web(client, machine, "a")
    async with proxying(machine, client):
        await until(asking(machine), is_by("a"))
    machine.node.run("nft add table ip filter-of-somebody-else")
    with machine.node.entered():
        await run.cleanup()
        await run.cleanup()
    assert machine.node.run("nft list tables").split() == ["table", "ip", "filter-of-somebody-else"]


async def test_without_the_kernel_the_process_forwards(machine: Machine, client: Client) -> None:
    await web(client, machine, "a")
    async with proxying(machine, client, replace(CONFIG, mode="userspace")):
        await until(asking(machine), is_by("a"))
        await move(client, machine, "b")
        await until(asking(machine), is_by("b"))
        assert await asyncio.to_thread(lambda: get(machine.node, f"{METRICS}/proxyMode")) == (
            200,
            "userspace",
        )
        assert "kubepy-proxy" not in machine.node.run("nft list tables")
    assert "kubepy-proxy" not in machine.node.run("ip link")
