"""Requests to an apiserver that is measured, and what they cost it, not the client."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
from rig import Running, rig, stopping

from kubepy.client import kubeconfig
from kubepy.cluster import components

AT_ONCE = 8  # requests on their way at the same time
NAMESPACE = "/api/v1/namespaces/default"
Ask = Callable[[int], Awaitable[Any]]


class Asking:
    """One server and a client of it that may do everything."""

    def __init__(self, server: Running, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http

    async def cost(self, count: int, ask: Ask, at_once: int = AT_ONCE) -> float:
        """The server's CPU seconds for one of `count` requests."""
        before = self.server.cpu()
        numbers = iter(range(count))

        async def some() -> None:
            for number in numbers:
                await ask(number)

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(some())
        return (self.server.cpu() - before) / count

    async def get(self, path: str) -> bytes:
        return await self._send("GET", path)

    async def post(self, path: str, body: Any) -> None:
        await self._send("POST", path, body)

    async def delete(self, path: str) -> None:
        await self._send("DELETE", f"{path}?gracePeriodSeconds=0")

    async def merge(self, path: str, body: Any) -> None:
        await self._send("PATCH", path, body, "application/merge-patch+json")

    async def apply(self, path: str, body: Any) -> None:
        content_type = "application/apply-patch+yaml"
        await self._send("PATCH", f"{path}?fieldManager=bench&force=true", body, content_type)

    async def _send(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> bytes:
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": content_type} if body is not None else {}
        async with self.http.request(method, path, data=data, headers=headers) as answer:
            answer.raise_for_status()
            return await answer.read()


@asynccontextmanager
async def asking() -> AsyncIterator[Asking]:
    """An apiserver of its own that has answered some requests."""
    with rig() as made, stopping(made.apiserver()) as server:
        await made.ready(server)
        access = kubeconfig.load(made.layout.kubeconfig("admin"))
        context: ssl.SSLContext = kubeconfig.ssl_context(access)
        connector = aiohttp.TCPConnector(ssl=context, limit=0)
        url = components.server_url(made.place)
        async with aiohttp.ClientSession(url, connector=connector) as http:
            found = Asking(server, http)
            await _warm_up(found)
            yield found


async def _warm_up(found: Asking) -> None:
    async with asyncio.timeout(30):
        while True:  # the namespace's service account is part of what makes it usable
            try:
                await found.get(NAMESPACE)
                break
            except aiohttp.ClientResponseError:
                await asyncio.sleep(0.1)
    with suppress(aiohttp.ClientResponseError):  # it may be there
        await found.post(f"{NAMESPACE}/serviceaccounts", {"metadata": {"name": "default"}})
    for _ in range(50):
        await found.get(f"{NAMESPACE}/pods")
