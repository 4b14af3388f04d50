"""The apiserver's CPU for each kind of request: its own, whatever the client costs."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
from rig import Rig, Running, rig, stopping

from kubepy.client import kubeconfig
from kubepy.cluster import components

AT_ONCE = 8  # requests on their way at the same time
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
Ask = Callable[[int], Awaitable[None]]


async def measure() -> dict[str, float]:
    with rig() as made, stopping(made.apiserver()) as server:
        await made.ready(server)
        async with session(made) as http:
            return await Bench(made, server, http).run()


def session(made: Rig) -> aiohttp.ClientSession:
    access = kubeconfig.load(made.layout.kubeconfig("admin"))
    context: ssl.SSLContext = kubeconfig.ssl_context(access)
    connector = aiohttp.TCPConnector(ssl=context, limit=0)
    return aiohttp.ClientSession(components.server_url(made.place), connector=connector)


class Bench:
    def __init__(self, made: Rig, server: Running, http: aiohttp.ClientSession) -> None:
        self._made = made
        self._server = server
        self._http = http

    async def run(self) -> dict[str, float]:
        pods = "/api/v1/namespaces/default/pods"
        maps = "/api/v1/namespaces/default/configmaps"
        await self._warm_up()
        found = {"create": await self._cost(PODS, lambda n: self._post(pods, _pod(n))) * 1e6}
        found["get"] = await self._cost(PODS * 2, lambda n: self._get(f"{pods}/p{n % PODS}")) * 1e6
        found["patch"] = 1e6 * await self._cost(
            PODS, lambda n: self._patch(f"{pods}/p{n}/status", STATUS, "merge-patch")
        )
        found["delete"] = 1e6 * await self._cost(PODS, lambda n: self._delete(f"{pods}/p{n}"))
        await self._cost(CONFIG_MAPS, lambda n: self._post(maps, _config_map(n)))
        found["list"] = await self._cost(LISTS, lambda n: self._get(maps)) * 1e3
        nothing = f"{maps}?labelSelector=app%3Dnobody"
        found["list-none"] = await self._cost(SMALL_LISTS, lambda n: self._get(nothing)) * 1e3
        found["watch"] = await self._watch(maps) * 1e6
        found["apply"] = 1e6 * await self._cost(PODS, lambda n: self._apply(maps, n))
        return found

    async def _warm_up(self) -> None:
        async with asyncio.timeout(30):
            while True:  # the namespace's service account is part of what makes it usable
                try:
                    await self._get("/api/v1/namespaces/default")
                    break
                except aiohttp.ClientResponseError:
                    await asyncio.sleep(0.1)
        account = {"metadata": {"name": "default"}}
        with suppress(aiohttp.ClientResponseError):  # it may be there
            await self._post("/api/v1/namespaces/default/serviceaccounts", account)
        for _ in range(50):
            await self._get("/api/v1/namespaces/default/pods")

    async def _cost(self, count: int, ask: Ask, at_once: int = AT_ONCE) -> float:
        """The server's CPU seconds for one of `count` requests."""
        before = self._server.cpu()
        numbers = iter(range(count))

        async def some() -> None:
            for number in numbers:
                await ask(number)

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(some())
        return (self._server.cpu() - before) / count

    async def _watch(self, maps: str) -> float:
        """What one event costs for one watcher: beyond what the write costs without any."""

        async def change(number: int) -> None:
            data = {"data": {"number": str(number)}}
            await self._patch(f"{maps}/c0", data, "merge-patch")

        alone = await self._cost(EVENTS, change, at_once=1)
        seen = [0] * WATCHERS
        opened = asyncio.Semaphore(0)

        async def watch(number: int) -> None:
            asked = {"watch": "1", "fieldSelector": "metadata.name=c0"}
            async with self._http.get(maps, params=asked) as answer:
                answer.raise_for_status()
                async for _ in answer.content:
                    seen[number] += 1
                    opened.release()

        watchers = [asyncio.create_task(watch(number)) for number in range(WATCHERS)]
        for _ in range(WATCHERS):
            await opened.acquire()  # each gets the object as it is first
        before = self._server.cpu()
        for number in range(EVENTS):
            await change(-number)
        async with asyncio.timeout(30):
            while min(seen) <= EVENTS:
                await opened.acquire()
        watched = (self._server.cpu() - before) / EVENTS
        for task in watchers:
            task.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)
        return max(0.0, watched - alone) / WATCHERS

    # --- requests ---

    async def _get(self, path: str) -> None:
        await self._send("GET", path)

    async def _post(self, path: str, body: Any) -> None:
        await self._send("POST", path, body)

    async def _delete(self, path: str) -> None:
        await self._send("DELETE", f"{path}?gracePeriodSeconds=0")

    async def _patch(self, path: str, body: Any, style: str) -> None:
        await self._send("PATCH", path, body, f"application/{style}+json")

    async def _apply(self, maps: str, number: int) -> None:
        body = {**_config_map(number), "apiVersion": "v1", "kind": "ConfigMap"}
        path = f"{maps}/a{number}?fieldManager=bench&force=true"
        body["metadata"] = {"name": f"a{number}"}
        await self._send("PATCH", path, body, "application/apply-patch+yaml")

    async def _send(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> None:
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": content_type} if body is not None else {}
        async with self._http.request(method, path, data=data, headers=headers) as answer:
            answer.raise_for_status()
            await answer.read()


def _pod(number: int) -> dict[str, Any]:
    return {**POD, "metadata": {**POD["metadata"], "name": f"p{number}"}}  # type: ignore[dict-item]


def _config_map(number: int) -> dict[str, Any]:
    return {"metadata": {"name": f"c{number}", "labels": {"app": "bench"}}, "data": {"k": KILOBYTE}}
