"""Take pods off a machine through its runtime, so that their network goes with them.

A node in namespaces of its own needs none of this: its network dies with it. On the machine's own,
the CNI plugins give back what they took (addresses, host ports in iptables) only when a sandbox is
stopped.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault

PATIENCE = 60.0  # seconds for all of them


def uids(kubelet: Path) -> set[str]:
    """The pods that a kubelet with this root directory has run."""
    try:
        return {path.name for path in (kubelet / "pods").iterdir()}
    except OSError:
        return set()


def remove(socket: Path, pods: set[str]) -> list[str]:
    """Stop and remove the sandboxes of these pods; what could not be, and why."""
    try:
        return asyncio.run(_remove(socket, pods))
    except (RuntimeFault, TimeoutError) as fault:
        return [f"pods of {socket} ({str(fault) or 'no answer'})"]


async def _remove(socket: Path, pods: set[str]) -> list[str]:
    problems: list[str] = []
    runtime = Runtime(f"unix://{socket}")
    try:
        async with asyncio.timeout(PATIENCE):
            for sandbox in await runtime.sandboxes():
                if sandbox.uid not in pods:
                    continue  # a given runtime may have others' pods, too
                try:
                    await runtime.stop_sandbox(sandbox.id)
                    await runtime.remove_sandbox(sandbox.id)
                except RuntimeFault as fault:
                    problems.append(f"pod {sandbox.namespace}/{sandbox.name} ({fault})")
    finally:
        await runtime.close()
    return problems
