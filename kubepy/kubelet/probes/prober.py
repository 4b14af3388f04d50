"""Runs the probes of running containers: a task a probe, and the results for whoever plans."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping

from msgspec import Struct

from kubepy.api.core.v1 import Pod, Probe
from kubepy.base.clock import Clock
from kubepy.kubelet.images.puller import Tell
from kubepy.kubelet.pod.containers import AnyContainer
from kubepy.kubelet.pod.plan import Probes
from kubepy.kubelet.probes import checks
from kubepy.kubelet.probes.checks import CheckError, Outcome
from kubepy.kubelet.probes.state import (
    KINDS,
    Kind,
    ProbeState,
    advance,
    begin,
    is_over,
    probe_of,
    recovered,
    summary,
)
from kubepy.kubelet.runtime.cri import CallTimeout, Runtime, RuntimeFault
from kubepy.kubelet.runtime.model import RuntimeContainer

DEFAULT_PERIOD, DEFAULT_TIMEOUT = 10, 1  # seconds
ATTEMPTS = 3  # of a check that could not be made
OUTPUT = 1024  # characters of a failed check's output that an event repeats

_log = logging.getLogger(__name__)


class Watched(Struct):
    """The probes of one running container."""

    pod: Pod
    container: AnyContainer
    id: str
    address: str
    started_at: float
    states: dict[Kind, ProbeState]
    started: asyncio.Event
    tasks: dict[Kind, asyncio.Task[None]]


class Prober:
    """`run` owns the tasks; `on_change(uid)` hears of each changed result."""

    def __init__(
        self, runtime: Runtime, tell: Tell, clock: Clock, rng: random.Random | None = None
    ) -> None:
        self._runtime = runtime
        self._tell = tell
        self._clock = clock
        self._rng = rng or random.Random()
        self._watched: dict[str, Watched] = {}  # by container id
        self._changed: Callable[[str], None] = lambda uid: None
        self._group: asyncio.TaskGroup | None = None
        self._began = clock.now()

    def subscribe(self, on_change: Callable[[str], None]) -> None:
        self._changed = on_change

    async def run(self) -> None:
        """Keep probing until cancelled."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            await asyncio.Event().wait()

    def results(self, pod: Pod) -> Mapping[str, Probes]:
        """By container id, of the pod's containers that are probed."""
        return {
            id: summary(watched.states)
            for id, watched in self._watched.items()
            if watched.pod.metadata.uid == pod.metadata.uid
        }

    def watch(
        self,
        pod: Pod,
        container: AnyContainer,
        record: RuntimeContainer,
        address: str,
        *,
        was_ready: bool | None = None,
    ) -> None:
        """Probe a running container from now on; does nothing if it is probed already.

        `was_ready`: what was reported of the same container before this kubelet began.
        """
        if record.id in self._watched or self._group is None:
            return
        probes = {kind: probe for kind in KINDS if (probe := probe_of(container, kind))}
        if not probes:
            return
        states = {kind: begin(kind) for kind in probes}
        if was_ready is not None and "readiness" in states:
            states["readiness"] = recovered(was_ready)
        watched = Watched(
            pod, container, record.id, address, record.started_at / 1e9, states,
            asyncio.Event(), {},
        )  # fmt: skip
        self._watched[record.id] = watched
        if "startup" not in probes:
            watched.started.set()
        for kind, probe in probes.items():
            watched.tasks[kind] = self._group.create_task(self._probe(watched, kind, probe))

    def forget(self, container_id: str) -> None:
        """The container has ended."""
        watched = self._watched.pop(container_id, None)
        for task in watched.tasks.values() if watched else ():
            task.cancel()

    def let_die(self, uid: str) -> None:
        """The pod is ending: whether its containers are alive no longer matters."""
        for watched in self._watched.values():
            if watched.pod.metadata.uid == uid:
                for kind in ("startup", "liveness"):
                    if task := watched.tasks.get(kind):  # type: ignore[call-overload]
                        task.cancel()

    def keep_only(self, uid: str, ids: set[str]) -> None:
        """Forget the pod's containers that are not among `ids`."""
        for id, watched in list(self._watched.items()):
            if watched.pod.metadata.uid == uid and id not in ids:
                self.forget(id)

    async def _probe(self, watched: Watched, kind: Kind, probe: Probe) -> None:
        period = float(probe.periodSeconds or DEFAULT_PERIOD)
        if kind != "startup":
            await watched.started.wait()
        first = watched.started_at + probe.initialDelaySeconds
        delay = first - self._clock.now()
        if watched.started_at < self._began:  # ran before us, as others did: not all at once
            delay = max(delay, self._rng.random() * period)
        if delay > 0:
            await self._clock.sleep(delay)
        while True:
            outcome = await self._check(watched, kind, probe)
            if outcome is not None:
                state = watched.states[kind]
                watched.states[kind] = after = advance(state, probe, outcome.passed)
                if kind == "startup" and after.result:
                    watched.started.set()
                if after.result != state.result:
                    self._changed(watched.pod.metadata.uid)
                if is_over(after):
                    return
            await self._clock.sleep(period)

    async def _check(self, watched: Watched, kind: Kind, probe: Probe) -> Outcome | None:
        """The outcome; None if no check could be made. Failures are told as events."""
        name = kind.capitalize()
        for attempt in range(ATTEMPTS):
            try:
                outcome = await self._once(watched, probe)
            except (CheckError, RuntimeFault) as error:
                if attempt == ATTEMPTS - 1:
                    message = f"{name} probe errored and resulted in unknown state: {error}"
                    self._event(watched, message)
                continue
            if not outcome.passed:
                self._event(watched, f"{name} probe failed: {outcome.output[:OUTPUT]}")
            return outcome
        return None

    async def _once(self, watched: Watched, probe: Probe) -> Outcome:
        timeout = probe.timeoutSeconds or DEFAULT_TIMEOUT
        if probe.exec is not None:
            return await self._execute(watched, probe.exec.command, timeout)
        try:
            async with asyncio.timeout(timeout):
                return await self._connect(watched, probe)
        except TimeoutError:
            return Outcome(False, _timed_out(probe, watched, timeout))

    async def _connect(self, watched: Watched, probe: Probe) -> Outcome:
        if probe.httpGet is not None:
            port = checks.port_number(probe.httpGet.port, watched.container)
            return await checks.http(probe.httpGet, watched.address, port)
        if probe.tcpSocket is not None:
            port = checks.port_number(probe.tcpSocket.port, watched.container)
            return await checks.tcp(probe.tcpSocket.host or watched.address, port)
        if probe.grpc is not None:
            service = probe.grpc.service or ""
            return await checks.grpc_health(watched.address, probe.grpc.port, service)
        raise CheckError("missing probe handler")

    async def _execute(self, watched: Watched, command: tuple[str, ...], timeout: int) -> Outcome:
        try:
            ended = await self._runtime.execute(watched.id, command, timeout)
        except CallTimeout:
            words = " ".join(command)
            return Outcome(False, f'command timed out: "{words}" timed out after {timeout}s')
        output = (ended.stdout + ended.stderr).decode(errors="replace")
        return Outcome(ended.exit_code == 0, output)

    def _event(self, watched: Watched, message: str) -> None:
        self._tell(watched.pod, "Warning", "Unhealthy", message, watched.container.name)


def _timed_out(probe: Probe, watched: Watched, timeout: int) -> str:
    if probe.httpGet is not None:
        action = probe.httpGet
        host = action.host or watched.address
        url = f"{(action.scheme or 'HTTP').lower()}://{host}:{action.port}{action.path}"
        return (
            f'Get "{url}": context deadline exceeded (Client.Timeout exceeded while awaiting '
            "headers)"
        )
    if probe.grpc is not None:
        return (
            f'timeout: failed to connect service "{watched.address}:{probe.grpc.port}" '
            f"within {timeout}s: context deadline exceeded"
        )
    return f"dial tcp {watched.address}: i/o timeout"
