"""Lifecycle hooks: what a container wants done right after its start and right before its end."""

from __future__ import annotations

import asyncio

from kubepy.api.core.v1 import LifecycleHandler
from kubepy.base.clock import Clock
from kubepy.kubelet.pod.containers import AnyContainer
from kubepy.kubelet.probes import checks
from kubepy.kubelet.probes.checks import CheckError
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault

USER_AGENT = "kube-lifecycle/1.36"


class HookFailed(Exception):
    """The hook did not succeed; the message says why."""


async def run_hook(
    handler: LifecycleHandler,
    container: AnyContainer,
    container_id: str,
    address: str,
    runtime: Runtime,
    clock: Clock,
) -> None:
    """Run one hook to its end. HookFailed if it does not succeed; no time limit of its own."""
    if handler.exec is not None:
        await _execute(handler.exec.command, container_id, runtime)
    elif handler.httpGet is not None:
        try:
            port = checks.port_number(handler.httpGet.port or 80, container)
            outcome = await checks.http(handler.httpGet, address, port, user_agent=USER_AGENT)
        except CheckError as error:
            raise HookFailed(str(error)) from error
        if not outcome.passed:
            raise HookFailed(outcome.output)
    elif handler.sleep is not None:
        await clock.sleep(handler.sleep.seconds)
    else:
        raise HookFailed("invalid handler")


async def _execute(command: tuple[str, ...], container_id: str, runtime: Runtime) -> None:
    try:
        ended = await runtime.execute(container_id, command)
    except RuntimeFault as error:
        raise HookFailed(str(error)) from error
    if ended.exit_code:
        output = (ended.stdout + ended.stderr).decode(errors="replace")
        words = " ".join(command)
        raise HookFailed(f"command '{words}' exited with {ended.exit_code}: {output}")


async def run_pre_stop(
    handler: LifecycleHandler,
    container: AnyContainer,
    container_id: str,
    address: str,
    runtime: Runtime,
    clock: Clock,
    grace: float,
) -> None:
    """A preStop hook, which has the container's grace and no more."""
    try:
        async with asyncio.timeout(grace):
            await run_hook(handler, container, container_id, address, runtime, clock)
    except TimeoutError as error:
        raise HookFailed(f"not done within {grace:.0f} s") from error
