"""What custom kinds cost the apiserver: a definition, and objects beside built-in ones."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from apiserver import CONFIG_MAPS, KILOBYTE, LISTS, MAPS
from asking import Asking, asking

DEFINITIONS = 100
FIELDS = 50  # of the spec of each, and as many of its status
REST = 3.0  # seconds, for the server to settle
GROUP = "bench.example.com"
EXTENSIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
SETTINGS = f"/apis/{GROUP}/v1/namespaces/default/settings"
TEXT = {"type": "string"}
DATA = {"type": "object", "additionalProperties": TEXT}


async def measure() -> dict[str, float]:
    async with asking() as server:
        await server.post(EXTENSIONS, _definition("Settings", "settings", {"data": DATA}))
        await _served(server, SETTINGS)
        typed = {"apiVersion": f"{GROUP}/v1", "kind": "Settings"}
        found = await _objects(server, MAPS, {}, "map")
        found |= await _objects(server, SETTINGS, typed, "custom")
        return {**found, "definition-memory": await _definitions(server)}


async def _objects(server: Asking, path: str, typed: dict[str, str], kind: str) -> dict[str, float]:
    """CPU of requests for objects of one kind, and their memory."""
    before = server.server.resident()

    def body(number: int) -> dict[str, Any]:
        return {**typed, "metadata": {"name": f"c{number}"}, "data": {"k": KILOBYTE}}

    async def change(number: int) -> None:
        await server.merge(f"{path}/c{number}", {"data": {"number": str(number)}})

    create = await server.cost(CONFIG_MAPS, lambda n: server.post(path, body(n)))
    await asyncio.sleep(REST)
    memory = server.server.resident() - before
    return {
        f"{kind}-create": create * 1e6,
        f"{kind}-memory": memory,
        f"{kind}-patch": 1e6 * await server.cost(CONFIG_MAPS, change),
        f"{kind}-list": 1e3 * await server.cost(LISTS, lambda n: server.get(path)),
    }


async def _definitions(server: Asking) -> float:
    """Megabytes for one of many definitions, each served, and named by the OpenAPI index."""
    await server.get("/openapi/v3")
    before = server.server.resident()
    part = {"type": "object", "properties": {f"field{n}": TEXT for n in range(FIELDS)}}
    for number in range(DEFINITIONS):
        plural = f"things{number}"
        definition = _definition(f"Thing{number}", plural, {"spec": part, "status": part})
        await server.post(EXTENSIONS, definition)
        await _served(server, f"/apis/{GROUP}/v1/{plural}")
    await server.get("/openapi/v3")
    await asyncio.sleep(REST)
    return (server.server.resident() - before) / DEFINITIONS


async def _served(server: Asking, path: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await server.get(path)
                return
            except aiohttp.ClientResponseError:
                await asyncio.sleep(0.05)


def _definition(kind: str, plural: str, properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "properties": properties}}
    return {
        "metadata": {"name": f"{plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
