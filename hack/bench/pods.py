"""Pods on a real node: how soon they run, what a node costs, and what the bare CRI calls take."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc.aio
from rig import PATIENCE, ROOT, cpu, resident

from kubepy import pb
from kubepy.api.core.v1 import Container, Pod, PodSpec, ServiceAccount
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.client.client import Client
from kubepy.client.connect import connect
from kubepy.cluster import state
from kubepy.cluster.layout import Layout
from kubepy.cluster.state import CONTROL_PLANE, HOLDER, NODE, State
from kubepy.meta import errors

NAME = "bench"
IMAGE = "docker.io/library/busybox:latest"
COMMAND = ("sleep", "3600")
SINGLE = 7
AT_ONCE = 20
MANY = 30
REST = 10.0  # seconds


async def measure() -> dict[str, float]:
    with cluster() as (layout, found):
        client = connect(layout.kubeconfig("admin"))
        try:
            return await _run(client, layout, found)
        finally:
            await client.close()


@contextmanager
def cluster() -> Iterator[tuple[Layout, State]]:
    """A cluster of `kubepy up`, whose context goes to a file of its own."""
    kubepy = [sys.executable, str(ROOT / "cmd" / "kubepy")]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "KUBECONFIG": str(Path(folder, "config"))}
        words = ["--name", NAME]
        try:
            up = [*kubepy, "up", *words]
            subprocess.run(up, check=True, env=environment, stdout=sys.stderr)
            layout = Layout(NAME)
            found = state.load(layout)
            assert found is not None
            yield layout, found
        finally:
            down = [*kubepy, "down", *words]
            subprocess.run(down, check=False, env=environment, stdout=sys.stderr)


async def _run(client: Client, layout: Layout, found: State) -> dict[str, float]:
    node, control = found.processes[NODE].pid, found.processes[CONTROL_PLANE].pid
    await _service_account(client)
    measured: dict[str, float] = {}
    await _start(client, ["warm"])
    await _stop(client, ["warm"])
    await asyncio.sleep(REST)
    measured["node-rest"] = resident(node)
    times = []
    for number in range(SINGLE):
        times.append(await _start(client, [f"s{number}"]))
        await _stop(client, [f"s{number}"])
    measured["pod"] = statistics.median(times) * 1e3
    measured["pod-cri"] = await _bare(layout, found) * 1e3
    names = [f"m{number}" for number in range(AT_ONCE)]
    node_before, control_before = cpu(node), cpu(control)
    measured["pods"] = await _start(client, names)
    measured["pod-cpu"] = (cpu(node) - node_before) / AT_ONCE * 1e3
    measured["life-cpu"] = (cpu(control) - control_before) / AT_ONCE * 1e3
    more = [f"m{number}" for number in range(AT_ONCE, MANY)]
    await _start(client, more)
    await asyncio.sleep(REST)
    measured["node-30"] = resident(node)
    await _stop(client, [*names, *more])
    return measured


async def _service_account(client: Client) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await client.get(ServiceAccount, "default", "default")
                return
            except errors.NotFound:
                await asyncio.sleep(0.1)


async def _start(client: Client, names: list[str]) -> float:
    """Seconds until a watch has seen all of them running."""
    listed = await client.list(Pod, "default")
    began = time.perf_counter()
    waiting = asyncio.create_task(_running(client, set(names), listed.resource_version))
    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(client.create(_pod(name)))
    async with asyncio.timeout(PATIENCE):
        await waiting
    return time.perf_counter() - began


async def _running(client: Client, names: set[str], since: str) -> None:
    async for event in client.watch(Pod, "default", resource_version=since):
        if event.object.status.phase == "Running":
            names.discard(event.object.metadata.name)
        if not names:
            return


def _pod(name: str) -> Pod:
    container = Container(name="main", image=IMAGE, imagePullPolicy="IfNotPresent", command=COMMAND)
    spec = PodSpec(containers=(container,), terminationGracePeriodSeconds=0)
    return Pod(metadata=ObjectMeta(name=name, namespace="default"), spec=spec)


async def _stop(client: Client, names: list[str]) -> None:
    """Until they and their containers are gone."""
    listed = await client.list(Pod, "default")
    waiting = asyncio.create_task(_gone(client, set(names), listed.resource_version))
    for name in names:
        await client.delete(Pod, name, "default")
    async with asyncio.timeout(PATIENCE):
        await waiting


async def _gone(client: Client, names: set[str], since: str) -> None:
    async for event in client.watch(Pod, "default", resource_version=since):
        if event.type == "DELETED":
            names.discard(event.object.metadata.name)
        if not names:
            return


# --- the bare CRI calls ---


async def _bare(layout: Layout, found: State) -> float:
    """Seconds for a sandbox and a container with the same image, the median."""
    root = Path(f"/proc/{found.processes[HOLDER].pid}/root")
    socket = root / str(layout.containerd_socket).lstrip("/")
    async with grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        runtime = pb.stub(channel, "runtime.v1.RuntimeService")
        times = [await _one(runtime, number) for number in range(SINGLE)]
    return statistics.median(times)


async def _one(runtime: Any, number: int) -> float:
    def make(name: str, **fields: Any) -> Any:
        return pb.message(f"runtime.v1.{name}")(**fields)

    name = f"bare-{number}"
    sandbox = make(
        "PodSandboxConfig",
        metadata={"name": name, "uid": name, "namespace": "bench"},
        log_directory=f"/tmp/{name}",
        linux={"cgroup_parent": f"/{name}"},
    )
    container = make(
        "ContainerConfig",
        metadata={"name": "main"},
        image={"image": IMAGE},
        command=COMMAND,
        log_path="main.log",
        linux={},
    )
    began = time.perf_counter()
    made = await runtime.RunPodSandbox(make("RunPodSandboxRequest", config=sandbox))
    asked = make(
        "CreateContainerRequest",
        pod_sandbox_id=made.pod_sandbox_id, config=container, sandbox_config=sandbox,
    )  # fmt: skip
    created = await runtime.CreateContainer(asked)
    await runtime.StartContainer(make("StartContainerRequest", container_id=created.container_id))
    took = time.perf_counter() - began
    await runtime.StopPodSandbox(make("StopPodSandboxRequest", pod_sandbox_id=made.pod_sandbox_id))
    await runtime.RemovePodSandbox(
        make("RemovePodSandboxRequest", pod_sandbox_id=made.pod_sandbox_id)
    )
    return took
