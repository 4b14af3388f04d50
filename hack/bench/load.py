"""The apiserver under 64 clients at once: how long the slowest requests take, and what Pods cost.

The clients share the machine with the server, so a latency says what this machine gives, not what
the server could. They are as plain as clients can be, to leave it as much as possible.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from apiserver import POD, STATUS
from rig import Rig, rig, stopping

from kubepy.client import kubeconfig
from kubepy.cluster import components

CLIENTS = 64
PODS = 10_000
REQUESTS = 5_000  # of each kind
REST = 5.0  # seconds, for the server to settle
PATH = "/api/v1/namespaces/default/pods"
Made = Callable[[int], tuple[str, str, Any, str]]  # number → method, path, body, content type


async def measure() -> dict[str, float]:
    with rig() as made, stopping(made.apiserver()) as server:
        await made.ready(server)
        clients = [await Plain.connect(made) for _ in range(CLIENTS)]
        await clients[0].ask("POST", PATH.replace("pods", "serviceaccounts"), _account(), JSON)
        before = server.resident()
        found = {"p99-create": await _p99(clients, PODS, _create)}
        await asyncio.sleep(REST)
        found["pods-memory"] = server.resident() - before
        for kind, ask in (("get", _get), ("patch", _patch), ("apply", _apply), ("delete", _delete)):
            found[f"p99-{kind}"] = await _p99(clients, REQUESTS, ask)
        for client in clients:
            client.close()
        return found


async def _p99(clients: list[Plain], count: int, made: Made) -> float:
    """Milliseconds within which 99 of 100 requests were answered."""
    took: list[float] = []
    numbers = iter(range(count))

    async def some(client: Plain) -> None:
        for number in numbers:
            began = time.perf_counter()
            await client.ask(*made(number))
            took.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for client in clients:
            group.create_task(some(client))
    return sorted(took)[len(took) * 99 // 100] * 1e3


JSON = "application/json"


def _account() -> Any:
    return {"metadata": {"name": "default"}}


def _create(number: int) -> tuple[str, str, Any, str]:
    meta: Any = POD["metadata"]
    return "POST", PATH, {**POD, "metadata": {**meta, "name": f"p{number}"}}, JSON


def _get(number: int) -> tuple[str, str, Any, str]:
    return "GET", f"{PATH}/p{number}", None, ""


def _patch(number: int) -> tuple[str, str, Any, str]:
    return "PATCH", f"{PATH}/p{number}/status", STATUS, "application/merge-patch+json"


def _apply(number: int) -> tuple[str, str, Any, str]:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"a{number}"}}
    maps = PATH.replace("pods", "configmaps")
    path = f"{maps}/a{number}?fieldManager=bench&force=true"
    return "PATCH", path, {**body, "data": {"k": "x" * 1000}}, "application/apply-patch+yaml"


def _delete(number: int) -> tuple[str, str, Any, str]:
    return "DELETE", f"{PATH}/p{number}?gracePeriodSeconds=0", None, ""


class Plain:
    """One connection and one request at a time: HTTP/1.1, as little of it as answers need."""

    def __init__(self, host: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self._host = host
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, made: Rig) -> Plain:
        context: ssl.SSLContext = kubeconfig.ssl_context(
            kubeconfig.load(made.layout.kubeconfig("admin"))
        )
        url = urlsplit(components.server_url(made.place))
        assert url.hostname is not None
        reader, writer = await asyncio.open_connection(url.hostname, url.port, ssl=context)
        return cls(url.netloc, reader, writer)

    def close(self) -> None:
        self._writer.close()

    async def ask(self, method: str, path: str, body: Any, content_type: str) -> bytes:
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", f"Content-Length: {len(data)}"]
        if content_type:
            lines.append(f"Content-Type: {content_type}")
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        answer = await self._reader.readexactly(length)
        if not head.startswith("http/1.1 2"):
            raise SystemExit(f"{method} {path}: {head.splitlines()[0]}: {answer.decode()}")
        return answer
