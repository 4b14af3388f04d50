"""kube-proxy: how long it takes to bring Services into the kernel, and one changed endpoint."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
import urllib.request

from msgspec.structs import replace
from rig import NODE, PATIENCE, Rig, Running, rig, stopping

from kubepy.api.core.v1 import Service, ServicePort, ServiceSpec
from kubepy.api.discovery.v1 import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.client.client import Client
from kubepy.proxy.services import SERVICE_NAME_LABEL

CHANGES = 20
METRICS = "http://127.0.0.1:10249/metrics"
LAST_SYNC = re.compile(r"^kubeproxy_sync_proxy_rules_last_timestamp_seconds (\S+)$", re.MULTILINE)
AT_ONCE = 16  # objects created at the same time
SETTLE = 1.0  # seconds of rest between two measurements
LOOK = 0.02  # seconds between two looks at the metrics
FIRST = "s0"


async def measure() -> dict[str, float]:
    found: dict[str, float] = {}
    for count, suffix in ((1000, ""), (5000, "-5000")):
        with rig() as made, stopping(made.apiserver()) as apiserver:
            await made.ready(apiserver)
            client = made.client()
            await _fill(client, count)
            found |= {f"{key}{suffix}": value for key, value in (await _run(made, client)).items()}
            await client.close()
    return found


async def _run(made: Rig, client: Client) -> dict[str, float]:
    flags = (
        f"--kubeconfig={made.layout.kubeconfig('kube-proxy')}", f"--hostname-override={NODE}",
        "--cluster-cidr=10.244.0.0/16", "--conntrack-max-per-core=0",
    )  # fmt: skip
    with stopping(made.binary("kube-proxy", *flags)) as running:
        last = await _synced(running, 0.0)
        found = {"proxy-start": last - running.started}
        times, costs = [], []
        for number in range(CHANGES):
            await asyncio.sleep(SETTLE / 4)
            wanted = _changed(await client.get(EndpointSlice, FIRST, "default"), number)
            before, asked = running.cpu(), time.time()
            await client.update(wanted)
            last = await _synced(running, last)
            times.append((last - asked) * 1e3)
            costs.append((running.cpu() - before) * 1e3)
        # Asking for the metrics costs the proxy something, too; without it there is no answer.
        found["proxy-change"] = statistics.median(times)
        found["proxy-change-cpu"] = statistics.median(costs) - await _cost_of_asking(running)
        found["proxy-resident"] = running.resident()
    return found


async def _fill(client: Client, count: int) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        name = f"s{number}"
        meta = ObjectMeta(name=name, namespace="default")
        spec = ServiceSpec(ports=(ServicePort(port=80, protocol="TCP"),))
        async with limit:
            await client.create(Service(metadata=meta, spec=spec))
            await client.create(_slice(name, number))

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(one(number))


def _slice(service: str, number: int) -> EndpointSlice:
    labels = {SERVICE_NAME_LABEL: service}
    return EndpointSlice(
        metadata=ObjectMeta(name=service, namespace="default", labels=labels),
        addressType="IPv4",
        endpoints=tuple(_endpoint(2 * number + i) for i in range(2)),
        ports=(EndpointPort(name="", port=8080, protocol="TCP"),),
    )


def _endpoint(number: int) -> Endpoint:
    address = f"10.244.{number // 250}.{number % 250 + 1}"
    return Endpoint(addresses=(address,), conditions=EndpointConditions(ready=True))


def _changed(old: EndpointSlice, number: int) -> EndpointSlice:
    return replace(old, endpoints=(_endpoint(20_000 + number), old.endpoints[1]))


async def _synced(running: Running, after: float) -> float:
    """When the rules were last brought into the kernel, once that is after a moment."""
    deadline = time.time() + PATIENCE
    while time.time() < deadline:
        running.must_live()
        try:
            text = await asyncio.to_thread(_ask)
        except OSError:
            text = ""
        if (match := LAST_SYNC.search(text)) and float(match[1]) > after:
            return float(match[1])
        await asyncio.sleep(LOOK)
    raise SystemExit("kube-proxy does not sync")


def _ask() -> str:
    with urllib.request.urlopen(METRICS, timeout=5) as answer:
        text: str = answer.read().decode()
    return text


async def _cost_of_asking(running: Running) -> float:
    """Milliseconds of its CPU."""
    before = running.cpu()
    for _ in range(CHANGES):
        await asyncio.to_thread(_ask)
    return (running.cpu() - before) * 1e3 / CHANGES
