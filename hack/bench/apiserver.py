"""The apiserver's CPU for each kind of request: its own, whatever the client costs."""

from __future__ import annotations

import asyncio
from typing import Any

from asking import NAMESPACE, Asking, asking

PODS = 1000
CONFIG_MAPS = 2000
LISTS = 20
SMALL_LISTS = 400
WATCHERS = 100
EVENTS = 200
KILOBYTE = "x" * 1000
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"labels": {"app": "bench", "tier": "front"}, "annotations": {"note": "x" * 100}},
    "spec": {
        "containers": [
            {
                "name": "web",
                "image": "registry.example/web:1",
                "ports": [{"containerPort": 80}],
                "env": [{"name": f"VARIABLE_{n}", "value": "x" * 20} for n in range(5)],
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
                "readinessProbe": {"httpGet": {"path": "/", "port": 80}},
            }
        ]
    },
}
STATUS = {"status": {"phase": "Running", "podIP": "10.244.0.9", "message": "x" * 50}}
PATH = f"{NAMESPACE}/pods"
MAPS = f"{NAMESPACE}/configmaps"


async def measure() -> dict[str, float]:
    async with asking() as server:
        found = {"create": 1e6 * await server.cost(PODS, lambda n: server.post(PATH, _pod(n)))}

        async def get(number: int) -> None:
            await server.get(f"{PATH}/p{number % PODS}")

        found["get"] = 1e6 * await server.cost(PODS * 2, get)
        found["patch"] = 1e6 * await server.cost(
            PODS, lambda n: server.merge(f"{PATH}/p{n}/status", STATUS)
        )
        found["delete"] = 1e6 * await server.cost(PODS, lambda n: server.delete(f"{PATH}/p{n}"))
        await server.cost(CONFIG_MAPS, lambda n: server.post(MAPS, _config_map(n)))
        found["list"] = 1e3 * await server.cost(LISTS, lambda n: server.get(MAPS))
        nothing = f"{MAPS}?labelSelector=app%3Dnobody"
        found["list-none"] = 1e3 * await server.cost(SMALL_LISTS, lambda n: server.get(nothing))
        found["watch"] = 1e6 * await _watch(server)
        found["apply"] = 1e6 * await server.cost(
            PODS, lambda n: server.apply(f"{MAPS}/a{n}", _applied(n))
        )
        return found


async def _watch(server: Asking) -> float:
    """What one event costs for one watcher: beyond what the write costs without any."""

    async def change(number: int) -> None:
        await server.merge(f"{MAPS}/c0", {"data": {"number": str(number)}})

    alone = await server.cost(EVENTS, change, at_once=1)
    seen = [0] * WATCHERS
    opened = asyncio.Semaphore(0)

    async def watch(number: int) -> None:
        asked = {"watch": "1", "fieldSelector": "metadata.name=c0"}
        async with server.http.get(MAPS, params=asked) as answer:
            answer.raise_for_status()
            async for _ in answer.content:
                seen[number] += 1
                opened.release()

    watchers = [asyncio.create_task(watch(number)) for number in range(WATCHERS)]
    for _ in range(WATCHERS):
        await opened.acquire()  # each gets the object as it is first
    before = server.server.cpu()
    for number in range(EVENTS):
        await change(-number)
    async with asyncio.timeout(30):
        while min(seen) <= EVENTS:
            await opened.acquire()
    watched = (server.server.cpu() - before) / EVENTS
    for task in watchers:
        task.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    return max(0.0, watched - alone) / WATCHERS


def _pod(number: int) -> dict[str, Any]:
    return {**POD, "metadata": {**POD["metadata"], "name": f"p{number}"}}  # type: ignore[dict-item]


def _config_map(number: int) -> dict[str, Any]:
    return {"metadata": {"name": f"c{number}", "labels": {"app": "bench"}}, "data": {"k": KILOBYTE}}


def _applied(number: int) -> dict[str, Any]:
    typed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"a{number}"}}
    return {**typed, "data": {"k": KILOBYTE}}
