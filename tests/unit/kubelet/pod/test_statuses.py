"""Statuses on their way to the apiserver: only what changed, against the real one."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from kubepy.api.core.v1 import Pod, PodCondition, PodStatus
from kubepy.api.types import Time
from kubepy.base.clock import SystemClock
from kubepy.kubelet.pod.status import Scene, compute
from kubepy.kubelet.pod.statuses import Statuses, difference
from tests.unit.kubelet.pods import NOTHING, holds, pod, record

NOW = Time("2026-01-02T03:04:05Z")


def seen(observed, previous=None, **scene):
    return compute(pod(), observed, previous or PodStatus(), Scene(now=NOW, **scene))


def test_nothing_changed():
    assert difference(seen(NOTHING), seen(NOTHING)) == {}


def test_only_what_changed():
    before = seen(NOTHING, host_ips=("192.0.2.1",))
    after = seen(holds(record("app")), before, host_ips=("192.0.2.1",))
    patch = difference(before, after)
    assert set(patch) == {"phase", "conditions", "podIP", "podIPs", "containerStatuses"}
    changed = {c["type"] for c in patch["conditions"]}
    assert changed == {"PodReadyToStartContainers", "Ready", "ContainersReady"}
    ready = next(c for c in patch["conditions"] if c["type"] == "Ready")
    assert (ready["reason"], ready["message"]) == (None, None)


def test_addresses_are_replaced_not_merged():
    before, after = seen(holds(record("app"))), seen(NOTHING)
    assert difference(before, after)["podIP"] is None
    other = replace(before, podIPs=tuple(replace(ip, ip="10.9.9.9") for ip in before.podIPs))
    assert difference(before, other)["podIPs"] == [{"$patch": "replace"}, {"ip": "10.9.9.9"}]


def test_what_others_wrote_is_left_alone():
    theirs = PodCondition(type="lb", status="True")
    there = replace(
        seen(NOTHING), conditions=(*seen(NOTHING).conditions, theirs), nominatedNodeName="n"
    )
    assert difference(there, seen(NOTHING)) == {}
    assert difference(seen(NOTHING), there) == {}


async def test_what_is_published_arrives(client):
    made = await client.create(_bound())
    statuses = Statuses(client, SystemClock())
    running = asyncio.create_task(statuses.run())
    first = compute(made, NOTHING, made.status, Scene(now=NOW))
    last = compute(made, holds(record("app")), first, Scene(now=NOW))
    statuses.publish(made, first)
    statuses.publish(made, last)
    await asyncio.sleep(0)
    await statuses.settled(made.metadata.uid)
    found = await client.get(Pod, "web", "default")
    assert found.status.phase == "Running"
    assert found.status.podIP == "10.244.0.5"
    assert statuses.latest(made.metadata.uid) == last
    running.cancel()


async def test_a_pod_of_another_uid_is_left_alone(client):
    made = await client.create(_bound())
    statuses = Statuses(client, SystemClock())
    running = asyncio.create_task(statuses.run())
    await asyncio.sleep(0)
    other = replace(made, metadata=replace(made.metadata, uid="another"))
    statuses.publish(other, compute(other, holds(record("app")), PodStatus(), Scene(now=NOW)))
    await statuses.settled("another")
    assert (await client.get(Pod, "web", "default")).status.phase == "Pending"
    running.cancel()


def _bound() -> Pod:
    made = pod(nodeName="here", automountServiceAccountToken=False)
    return replace(made, metadata=replace(made.metadata, uid="", generation=0))
