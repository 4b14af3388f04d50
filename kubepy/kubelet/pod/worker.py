"""One pod's task: look, plan, act, report; woken by whatever concerns the pod.

update(pod)   end(...)   removed()   poke()          from the manager, events, probes
     └──────────┴───────────┴──────────┘
                    ▼
  round:  plan ──► actions? ──► perform ──► plan …   until nothing is to be done now
                    │ none
                    ▼
          publish status, wait for the next wake-up or the plan's own time
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

from kubepy.api.core.v1 import Pod, PodStatus
from kubepy.api.types import Time
from kubepy.base.backoff import Backoff as Delay
from kubepy.client import Client
from kubepy.kubelet.pod import backoff
from kubepy.kubelet.pod import plan as planning
from kubepy.kubelet.pod.acts import Acts, Held, PodProblem
from kubepy.kubelet.pod.backoff import Backoff
from kubepy.kubelet.pod.containers import definition_hash, each, find
from kubepy.kubelet.pod.phase import TERMINAL
from kubepy.kubelet.pod.plan import (
    Action,
    Circumstances,
    CreateSandbox,
    Plan,
    Start,
    Stop,
    StopReason,
    StopSandbox,
    Termination,
    Waiting,
    grace_period,
)
from kubepy.kubelet.pod.status import Scene, Verdict, compute
from kubepy.kubelet.pod.statuses import Statuses
from kubepy.kubelet.probes.prober import Prober
from kubepy.kubelet.runtime.cri import RuntimeFault
from kubepy.kubelet.runtime.model import Observed
from kubepy.kubelet.volumes.mounts import Located
from kubepy.meta import errors

REFRESH = 60.0  # seconds, up to one and a half times that, between looks at volumes' contents
PROBLEM = Delay(1.0, 10.0)  # after what keeps a whole pod from going on

_log = logging.getLogger(__name__)


class Worker:
    """Brings one pod to what its spec says, until the pod is gone. `run` is its task."""

    def __init__(
        self,
        pod: Pod,
        acts: Acts,
        statuses: Statuses,
        prober: Prober,
        client: Client | None,
        rng: random.Random,
    ) -> None:
        self.pod = pod
        self.api_pod: Pod | None = pod  # what the apiserver has: for a static pod, its mirror
        self._acts = acts
        self._statuses = statuses
        self._prober = prober
        self._client = client
        self._rng = rng
        self._clock = acts.clock
        self._uid = pod.metadata.uid
        self._seen_at = acts.clock.monotonic()
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()  # a new or shorter end: what is being done may wait
        self._termination: Termination | None = None
        self._verdict: Verdict | None = None
        self._removed = False
        self._torn_down = False
        self._status: PodStatus = pod.status
        self._backoffs: dict[str, Backoff] = {}
        self._held: dict[str, Waiting] = {}
        self._waiting: Mapping[str, Waiting] = {}
        self._located: dict[str, Located] | None = None
        self._refresh_at = 0.0
        self._problems = 0
        self._last_problem = ""
        self._wake_at: float | None = None

    # What the rest of the kubelet tells it

    def poke(self) -> None:
        """Something of the pod may have changed."""
        self._wake.set()

    def update(self, pod: Pod, api_pod: Pod | None) -> None:
        """The pod's manifest or its API object changed."""
        if pod.metadata.uid == self._uid and pod.spec != self.pod.spec:
            self._refresh_at = 0.0
        self.pod, self.api_pod = pod, api_pod
        if pod.metadata.deletionTimestamp is not None:
            self.end("deleted")
        self._wake.set()

    def end(self, reason: StopReason, verdict: Verdict | None = None) -> None:
        """Bring the pod to its end within its grace period; asking again may only shorten it."""
        deadline = self._clock.now() + grace_period(self.pod)
        known = self._termination
        if verdict is not None and self._verdict is None:
            self._verdict = verdict
        if known is None or (reason == "deleted" and known.reason != reason):
            self._termination = Termination(deadline, reason)
        elif deadline < known.deadline:
            self._termination = Termination(deadline, known.reason)
        else:
            return
        self._prober.let_die(self._uid)
        self._urgent.set()
        self._wake.set()

    def removed(self) -> None:
        """The pod no longer exists: end it, and leave nothing of it."""
        self._removed = True
        self.end("deleted")
        self._wake.set()

    @property
    def is_ending(self) -> bool:
        return self._termination is not None

    @property
    def status(self) -> PodStatus:
        """The status as it is now."""
        return self._status

    # Its task

    async def run(self) -> None:
        """Until nothing of the pod is left."""
        if self.pod.status.phase in TERMINAL:
            self.end("finished")
        if self.pod.metadata.deletionTimestamp is not None:
            self.end("deleted")
        while not await self._round():
            await self._sleep()
        self._statuses.forget(self._uid)
        self._prober.keep_only(self._uid, set())

    async def _sleep(self) -> None:
        """Until woken, or until the plan wants to look again."""
        if self._wake_at is None:
            await self._wake.wait()
            return
        left = self._wake_at - self._clock.now()
        waiting = asyncio.ensure_future(self._wake.wait())
        timer = asyncio.ensure_future(self._clock.sleep(max(0.0, left)))
        try:
            await asyncio.wait({waiting, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            timer.cancel()

    async def _round(self) -> bool:
        """Go on until nothing is to be done now; True when the pod is gone for good."""
        self._wake.clear()
        self._wake_at = None
        try:
            done = await self._reconcile()
        except PodProblem as problem:
            if problem.message != self._last_problem:
                _log.info("pod %s: %s", self._name, problem.message)
            self._acts.tell(self.pod, "Warning", problem.event, problem.message)
            self._stumble(problem.message)
        except (RuntimeFault, errors.ApiError, ConnectionError, TimeoutError) as error:
            _log.warning("pod %s: %s", self._name, error)
            self._stumble(str(error))
        except Exception:
            _log.exception("pod %s", self._name)
            self._stumble("")
        else:
            self._problems = 0
            self._last_problem = ""
            return done
        return False

    def _stumble(self, message: str) -> None:
        """Try again later."""
        self._last_problem = message
        self._problems += 1
        self._publish()
        self._wake_by(self._clock.now() + PROBLEM.delay(self._problems, self._rng))

    async def _reconcile(self) -> bool:
        while True:
            self._check_deadline()
            observed = self._observed()
            decided = self._plan(observed)
            if decided.finished and self._termination is None:
                self.end("finished")
                continue
            self._tell_back_offs(decided.waiting)
            self._waiting = decided.waiting
            if not decided.actions:
                if self._termination is not None:
                    return await self._finish()
                await self._settle(decided)
                return False
            if self._termination is not None:
                await self._perform(decided.actions)
            elif any(isinstance(action, CreateSandbox) for action in decided.actions):
                self._publish()
                await self._acts.furnish(self.pod)  # the network takes long: volumes meanwhile
                await _all([self._perform(decided.actions), self._prepare(observed)])
            else:
                await self._prepare(observed)
                await self._perform(decided.actions)

    def _plan(self, observed: Observed) -> Plan:
        now = self._clock.now()
        self._urgent.clear()
        return planning.plan(
            self.pod,
            observed,
            Circumstances(
                now=now,
                probes=self._prober.results(self.pod),
                backoffs=self._backoffs,
                held=self._held,
                termination=self._termination,
                longest_backoff=self._acts.host.max_restart_period,
            ),
        )

    async def _perform(self, actions: tuple[Action, ...]) -> None:
        """One batch: stops at the same time, everything else in order; less if it gets urgent."""
        stops = [self._stop(action) for action in actions if isinstance(action, Stop)]
        if stops and not await self._race(_all(stops)):
            return
        for action in actions:
            if self._urgent.is_set():
                return
            match action:
                case CreateSandbox(attempt):
                    await self._acts.create_sandbox(self.pod, attempt)
                case StopSandbox(id):
                    await self._acts.runtime.stop_sandbox(id)
                    await self._acts.cache.refresh(id)
                case Start():
                    if not await self._race(self._start(action)):
                        await self._acts.cache.look(self._uid)

    async def _stop(self, action: Stop) -> None:
        self._publish()
        await self._acts.stop(self.pod, action, self._address())
        self._prober.forget(action.id)

    async def _start(self, action: Start) -> None:
        """Start a container and run its postStart hook; what holds it is remembered."""
        observed = self._observed()
        sandbox = observed.sandbox()
        assert sandbox is not None
        self._count_restart(action, observed)
        try:
            await self._acts.start(self.pod, sandbox, action, self._located or {}, self._publish)
        except Held as held:
            self._held[action.name] = Waiting(held.reason, held.message, held.until)
            if planning.needs_sandbox(self.pod, await self._acts.cache.look(self._uid)):
                del self._held[action.name]  # it was not to blame: its sandbox has gone
            return
        self._held.pop(action.name, None)
        self._watch_probes()
        observed = self._observed()
        if await self._acts.post_start(self.pod, action.name, observed, self._address()):
            return
        record = observed.latest(action.name)
        if record is not None:
            grace = grace_period(self.pod)
            stop = Stop(record.id, action.name, "finished", "FailedPostStartHook", grace)
            await self._stop(stop)
            message = f"Container {action.name} failed its postStart hook"
            why = Waiting("PostStartHookError", message, self._clock.now() + backoff.INITIAL)
            self._held[action.name] = why

    def _count_restart(self, action: Start, observed: Observed) -> None:
        """A container that has ended is tried again, with success or not: the next waits longer."""
        record, found = observed.latest(action.name), find(self.pod, action.name)
        if record is None or record.state != "exited" or found is None:
            return
        self._backoffs[action.name] = backoff.advance(
            self._backoffs.get(action.name),
            self._clock.now(),
            definition=definition_hash(found[1]),
            longest=self._acts.host.max_restart_period,
        )

    async def _prepare(self, observed: Observed) -> None:
        """Volumes and cgroup, before anything is started; their contents, now and then."""
        if self._located is None or self._clock.now() >= self._refresh_at:
            await self._acts.furnish(self.pod)
            sandbox = observed.sandbox()
            ips = sandbox.ips if sandbox is not None and sandbox.ready else ()
            self._located = await self._acts.mount(self.pod, ips)
            span = REFRESH * (1 + self._rng.random() / 2)
            self._refresh_at = self._clock.now() + span

    async def _settle(self, decided: Plan) -> None:
        """Nothing to do: report, keep probing, keep the volumes' contents fresh."""
        self._watch_probes()
        self._publish()
        await self._prepare(self._observed())
        if decided.wake_at is not None:
            self._wake_by(decided.wake_at)
        if self.pod.spec.volumes:
            self._wake_by(self._refresh_at)

    async def _finish(self) -> bool:
        """Everything has stopped, or so it seems; True once the pod is gone for good."""
        observed = await self._acts.cache.look(self._uid)
        if observed.alive():
            self._wake.set()
            return False
        self._publish(ended=True)
        if not self._torn_down:
            await self._acts.teardown(self.pod)
            self._torn_down = True
        if self._removed:
            await self._acts.remove(self.pod, observed)
            return True
        if self.api_pod is self.pod and self.pod.metadata.deletionTimestamp is not None:
            await self._statuses.settled(self._uid)
            await self._delete_object()
        return False

    async def _delete_object(self) -> None:
        """The last word about a deleted pod; its going will be told by the watch."""
        if self._client is None:
            return
        meta = self.pod.metadata
        with suppress(errors.NotFound, errors.Conflict):
            await self._client.delete(Pod, meta.name, meta.namespace, uid=meta.uid, grace_period=0)

    # Reporting

    def _publish(self, *, ended: bool = False) -> None:
        observed = self._observed()
        host = self._acts.host
        scene = Scene(
            now=Time.from_unix(self._clock.now()),
            host_ips=host.ips,
            waiting={**self._held, **self._waiting},  # a crash back-off comes after a hold
            probes=self._prober.results(self.pod),
            ended=ended or (self._torn_down and self._termination is not None),
            verdict=self._verdict,
        )
        previous = self._statuses.latest(self._uid) or self._status
        self._status = compute(self.pod, observed, previous, scene)
        if (previous.phase, self._status.phase) == ("Pending", "Running"):
            self._acts.figures.pod_starts.observe(self._clock.monotonic() - self._seen_at)
        if self.api_pod is not None and not self._removed:
            self._statuses.publish(self.api_pod, self._status)

    def _tell_back_offs(self, waiting: Mapping[str, Waiting]) -> None:
        meta = self.pod.metadata
        where = f"{meta.name}_{meta.namespace}({meta.uid})"
        for name in [n for n, w in waiting.items() if self._waiting.get(n) != w]:
            message = f"Back-off restarting failed container {name} in pod {where}"
            self._acts.tell(self.pod, "Warning", "BackOff", message, name)

    def _watch_probes(self) -> None:
        """Probe what runs; forget what does not."""
        observed = self._observed()
        running = observed.running()
        self._prober.keep_only(self._uid, {record.id for record in running})
        address = self._address()
        for _, container in each(self.pod):
            record = observed.latest(container.name)
            if record is not None and record.state == "running":
                ready = self._was_ready(record.id)
                self._prober.watch(self.pod, container, record, address, was_ready=ready)

    def _was_ready(self, container_id: str) -> bool | None:
        status = self.pod.status
        for entry in (*status.containerStatuses, *status.initContainerStatuses):
            if entry.containerID.endswith(f"://{container_id}"):
                return entry.ready
        return None

    # Small things

    @property
    def _name(self) -> str:
        return f"{self.pod.metadata.namespace}/{self.pod.metadata.name}"

    def _observed(self) -> Observed:
        return self._acts.cache.observed(self._uid)

    def _address(self) -> str:
        """Where probes and hooks reach the pod."""
        sandbox = self._observed().sandbox()
        ips = self._acts.host.ips if self.pod.spec.hostNetwork else sandbox.ips if sandbox else ()
        return ips[0] if ips else ""

    def _check_deadline(self) -> None:
        """activeDeadlineSeconds: a pod that runs too long fails."""
        limit, start = self.pod.spec.activeDeadlineSeconds, self._status.startTime
        if limit is None or start is None or self._termination is not None:
            return
        until = start.unix() + limit
        if self._clock.now() < until:
            self._wake_by(until)
            return
        message = "Pod was active on the node longer than the specified deadline"
        self._acts.tell(self.pod, "Normal", "DeadlineExceeded", message)
        self.end("finished", Verdict("Failed", "DeadlineExceeded", message))

    def _wake_by(self, at: float) -> None:
        self._wake_at = at if self._wake_at is None else min(self._wake_at, at)

    async def _race(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do it, unless something more urgent comes up: then it is cancelled, and False."""
        task = asyncio.ensure_future(work)
        urgent = asyncio.ensure_future(self._urgent.wait())
        try:
            await asyncio.wait({task, urgent}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                return False
            task.result()
            return True
        finally:
            urgent.cancel()
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def _all(work: list[Coroutine[Any, Any, None]]) -> None:
    """All of it, whatever fails; then the first failure."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
