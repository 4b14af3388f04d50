"""What one pod needs next: a pure function of its spec and of what the runtime holds.

    observed ──► plan ──► actions ──► (performed, observed again) ──► plan ──► … until no actions

A plan is one batch: it says what to do now, and relies on being asked again afterwards. So nothing
is remembered between batches but back-offs and failures, which are arguments; a restarted kubelet
goes on where the old one stopped.

The life of a pod in actions:

    CreateSandbox → Start(init 0) → … → Start(init n) → Start(all regular, in order)
    Stop (probe failed, image changed) → Start again after its back-off
    terminating: Stop(regular) → Stop(sidecars, last one first) → StopSandbox → nothing left
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from kubepy.api.core.v1 import Pod
from kubepy.kubelet.pod import backoff
from kubepy.kubelet.pod.backoff import Backoff
from kubepy.kubelet.pod.containers import (
    AnyContainer,
    Kind,
    definition_hash,
    is_sidecar,
    restarts_after,
)
from kubepy.kubelet.runtime.model import Observed, RuntimeContainer, Sandbox

SHORTEST_GRACE = 2  # seconds that any container gets to end by itself

StopReason = Literal["deleted", "liveness", "startup", "changed", "unknown", "sandbox", "finished"]


class CreateSandbox(Struct, frozen=True):
    """Make a sandbox. `attempt` counts the sandboxes that this pod had before."""

    attempt: int


class StopSandbox(Struct, frozen=True):
    id: str


class Start(Struct, frozen=True):
    """Create and start a container; `restarts` counts those of that name before it."""

    name: str
    kind: Kind
    restarts: int = 0


class Stop(Struct, frozen=True):
    """End a container: its preStop hook, then its stop signal, after `grace` seconds a kill."""

    id: str
    name: str
    reason: StopReason
    message: str
    grace: int


Action = CreateSandbox | StopSandbox | Start | Stop


class Waiting(Struct, frozen=True):
    """Why a container is not started now, as its status says it; `until` is unix time."""

    reason: str
    message: str
    until: float = 0.0


class Probes(Struct, frozen=True):
    """A running container's probe results; None: not known yet, or there is no such probe."""

    startup: bool | None = None
    liveness: bool | None = None
    readiness: bool | None = None


class Termination(Struct, frozen=True):
    """The pod shall end: everything is to have stopped at `deadline` (unix)."""

    deadline: float
    reason: StopReason = "deleted"


class Plan(Struct, frozen=True):
    """One batch of actions.

    waiting: containers held back by their crash back-off.
    wake_at: when to plan again although nothing happened (unix), None for never.
    finished: the pod has reached its end by itself; it is to be terminated now.
    """

    actions: tuple[Action, ...] = ()
    waiting: Mapping[str, Waiting] = {}
    wake_at: float | None = None
    finished: bool = False


class Circumstances(Struct, frozen=True):
    """What a plan depends on beside the pod and the runtime."""

    now: float
    probes: Mapping[str, Probes] = {}  # by container id
    backoffs: Mapping[str, Backoff] = {}  # by container name
    held: Mapping[str, Waiting] = {}  # by container name: failures that are not to be retried yet
    termination: Termination | None = None
    longest_backoff: float = backoff.LONGEST


def plan(pod: Pod, observed: Observed, given: Circumstances) -> Plan:
    """The next batch of actions for `pod`."""
    if given.termination is not None:
        return _terminate(pod, observed, given.termination, given.now)
    current = observed.sandbox()
    if needs_sandbox(pod, observed):
        return _renew_sandbox(pod, observed, given)
    assert current is not None
    batch = _Batch(pod, observed, current, given)
    batch.ephemeral_containers()
    if batch.init_containers():
        batch.regular_containers()
    return batch.plan()


def needs_sandbox(pod: Pod, observed: Observed) -> bool:
    """Whether the pod has no sandbox that containers could be started in."""
    current = observed.sandbox()
    if current is None or not current.ready:
        return True
    if sum(sandbox.ready for sandbox in observed.sandboxes) > 1:
        return True
    if current.host_network != pod.spec.hostNetwork:
        return True
    return not pod.spec.hostNetwork and not current.ips


def has_initialized(pod: Pod, observed: Observed) -> bool:
    """Whether the init containers are through: a regular one exists in the current sandbox."""
    current = observed.sandbox()
    return current is not None and any(
        observed.latest_in(current.id, container.name) for container in pod.spec.containers
    )


def to_be_started(
    pod: Pod, kind: Kind, container: AnyContainer, record: RuntimeContainer | None
) -> bool:
    """Whether a container that does not run is to run (again)."""
    if pod.metadata.deletionTimestamp is not None:
        return False
    if record is None or record.state in ("created", "unknown"):
        return True
    if record.state == "running":
        return False
    if kind != "ephemeral" and record.hash and record.hash != definition_hash(container):
        return True
    return restarts_after(pod, kind, container, record.exit_code)


def grace_period(pod: Pod) -> int:
    """The seconds that the pod's containers get to end by themselves."""
    if pod.metadata.deletionGracePeriodSeconds is not None:
        return pod.metadata.deletionGracePeriodSeconds
    wanted = pod.spec.terminationGracePeriodSeconds
    return 30 if wanted is None else wanted


def _renew_sandbox(pod: Pod, observed: Observed, given: Circumstances) -> Plan:
    current = observed.sandbox()
    attempt = current.attempt + 1 if current else 0
    if current is not None and observed.containers:
        policy = pod.spec.restartPolicy or "Always"
        if policy == "Never":
            return Plan(finished=True)
        again = [c for c in pod.spec.containers if _again_after_sandbox(pod, c, observed)]
        if not again and any(observed.latest(c.name) for c in pod.spec.containers):
            return Plan(finished=True)
    left = [c for c in observed.containers if c.state in ("running", "unknown")]
    if left:
        message = "Pod sandbox changed, it will be killed and re-created."
        deadline = given.now + grace_period(pod)
        return Plan(tuple(_stop(c, "sandbox", message, deadline, given.now) for c in left))
    old = tuple(StopSandbox(s.id) for s in observed.sandboxes if s.ready or s is current)
    return Plan((*old, CreateSandbox(attempt)))


def _again_after_sandbox(pod: Pod, container: AnyContainer, observed: Observed) -> bool:
    record = observed.latest(container.name)
    return (
        record is None
        or to_be_started(pod, "regular", container, record)
        or (record.state == "running")
    )


def _terminate(pod: Pod, observed: Observed, end: Termination, now: float) -> Plan:
    """Regular and ephemeral containers first; sidecars after them, the last one first."""
    alive = [c for c in observed.containers if c.state in ("running", "unknown")]
    sidecars = [c.name for c in pod.spec.initContainers if is_sidecar(c)]
    first = [c for c in alive if c.name not in sidecars]
    if not first and alive:
        last = max(sidecars.index(c.name) for c in alive)
        first = [c for c in alive if c.name == sidecars[last]]
    if first:
        return Plan(
            tuple(
                _stop(c, end.reason, f"Stopping container {c.name}", end.deadline, now)
                for c in first
            )
        )
    return Plan(tuple(StopSandbox(s.id) for s in observed.sandboxes if s.ready))


def _stop(
    record: RuntimeContainer, reason: StopReason, message: str, deadline: float, now: float
) -> Stop:
    grace = max(SHORTEST_GRACE, math.ceil(deadline - now))
    return Stop(record.id, record.name, reason, message, grace)


class _Batch:
    """One plan in the making, for a pod whose sandbox is ready."""

    def __init__(
        self, pod: Pod, observed: Observed, sandbox: Sandbox, given: Circumstances
    ) -> None:
        self.pod = pod
        self.observed = observed
        self.sandbox = sandbox
        self.given = given
        self.actions: list[Action] = []
        self.waiting: dict[str, Waiting] = {}
        self.wake_at: float | None = None
        self.finished = False

    def plan(self) -> Plan:
        return Plan(tuple(self.actions), self.waiting, self.wake_at, self.finished)

    def ephemeral_containers(self) -> None:
        for container in self.pod.spec.ephemeralContainers:
            if self.observed.latest(container.name) is None:
                self._start("ephemeral", container)

    def init_containers(self) -> bool:
        """Go on with initialization; True once regular containers may run."""
        containers = self.pod.spec.initContainers
        records = [self.observed.latest_in(self.sandbox.id, c.name) for c in containers]
        if has_initialized(self.pod, self.observed):
            for container, record in zip(containers, records, strict=True):
                if is_sidecar(container):
                    self._keep_sidecar(container, record)
            return True
        for position in reversed(range(len(containers))):
            if records[position] is not None:
                break
        else:
            if containers:
                self._start("init", containers[0])
            return not containers
        for container, record in zip(containers[:position], records[:position], strict=True):
            if is_sidecar(container):
                self._keep_sidecar(container, record)
        if not self._through(containers[position], records[position]):
            return False
        if position + 1 < len(containers):
            self._start("init", containers[position + 1])
            return False
        return True

    def _through(self, container: AnyContainer, record: RuntimeContainer | None) -> bool:
        """Whether the init container reached last lets the next one go."""
        assert record is not None
        if is_sidecar(container):
            return self._keep_sidecar(container, record)
        match record.state:
            case "running":
                return False
            case "unknown":
                self._stop_unknown("init", container, record)
                return False
            case "exited" if record.exit_code == 0:
                return True
            case "exited" if not restarts_after(self.pod, "init", container, record.exit_code):
                self.actions.clear()
                self.finished = True
                return False
        self._start("init", container)
        return False

    def _keep_sidecar(self, container: AnyContainer, record: RuntimeContainer | None) -> bool:
        """Keep a sidecar running; whether it is up."""
        if record is None or record.state in ("created", "exited"):
            self._start("init", container)
            return False
        if record.state == "unknown":
            self._stop_unknown("init", container, record)
            return False
        probes = self.given.probes.get(record.id, Probes())
        if container.startupProbe is not None and probes.startup is not True:
            if probes.startup is False:
                self._stop_failed("startup", "Init container", container, record)
            return False
        if probes.liveness is False:
            self._stop_failed("liveness", "Init container", container, record)
        return True

    def regular_containers(self) -> None:
        running = False
        for container in self.pod.spec.containers:
            record = self.observed.latest(container.name)
            if record is None or record.state != "running":
                if to_be_started(self.pod, "regular", container, record):
                    running = True
                    if record is not None and record.state == "unknown":
                        self._stop_unknown("regular", container, record)
                    else:
                        self._start("regular", container)
                continue
            running = True
            probes = self.given.probes.get(record.id, Probes())
            if record.hash and record.hash != definition_hash(container):
                message = f"Container {container.name} definition changed, will be restarted"
                self._stop("changed", message, container, record)
            elif probes.liveness is False:
                self._stop_failed("liveness", "Container", container, record)
            elif probes.startup is False:
                self._stop_failed("startup", "Container", container, record)
        if not running:
            self.actions.clear()
            self.finished = True

    def _start(self, kind: Kind, container: AnyContainer) -> None:
        """Start a container, unless its back-off or a fresh failure holds it."""
        record = self.observed.latest(container.name)
        restarts = 0 if record is None else record.restart_count + 1
        hold = self.given.held.get(container.name)
        if hold is not None and hold.until > self.given.now:
            self._wake(hold.until)
            return
        if record is not None and record.state == "exited":
            entry = self.given.backoffs.get(container.name)
            until = backoff.wait_until(
                entry,
                record.finished_at / 1e9,
                definition=definition_hash(container),
                longest=self.given.longest_backoff,
            )
            if until > self.given.now and entry is not None:
                self.waiting[container.name] = Waiting(
                    "CrashLoopBackOff", _crash_message(self.pod, container, entry.delay), until
                )
                self._wake(until)
                return
        self.actions.append(Start(container.name, kind, restarts))

    def _stop_failed(
        self, probe: StopReason, what: str, container: AnyContainer, record: RuntimeContainer
    ) -> None:
        message = f"{what} {container.name} failed {probe} probe"
        kind: Kind = "init" if what == "Init container" else "regular"
        if restarts_after(self.pod, kind, container, 137):
            message += ", will be restarted"
        self._stop(probe, message, container, record)

    def _stop_unknown(self, kind: Kind, container: AnyContainer, record: RuntimeContainer) -> None:
        what = "Init container" if kind == "init" else "Container"
        message = f"{what} is in {record.state!r} state, try killing it before restart"
        self._stop("unknown", message.replace("'", '"'), container, record)

    def _stop(
        self, reason: StopReason, message: str, container: AnyContainer, record: RuntimeContainer
    ) -> None:
        grace = grace_period(self.pod)
        probe = {"liveness": container.livenessProbe, "startup": container.startupProbe}.get(reason)
        if probe is not None and probe.terminationGracePeriodSeconds is not None:
            grace = probe.terminationGracePeriodSeconds
        now = self.given.now
        self.actions.append(_stop(record, reason, message, now + grace, now))

    def _wake(self, at: float) -> None:
        self.wake_at = at if self.wake_at is None else min(self.wake_at, at)


def _crash_message(pod: Pod, container: AnyContainer, delay: float) -> str:
    meta = pod.metadata
    return (
        f"back-off {_go_duration(delay)} restarting failed container={container.name} "
        f"pod={meta.name}_{meta.namespace}({meta.uid})"
    )


def _go_duration(seconds: float) -> str:
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
