"""One leader among several instances: whoever holds a Lease, and goes on renewing it.

Time is read from the own clock only. What others write into the lease (their clocks may be wrong)
is compared, never trusted: a lease is dead when it was seen unchanged for as long as it lasts.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.coordination.v1 import Lease, LeaseSpec
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.api.types import MicroTime
from kubepy.base.clock import Clock
from kubepy.base.tasks import Failure
from kubepy.client.client import Client
from kubepy.client.events import Recorder
from kubepy.meta import errors

JITTER = 1.2  # the retry period grows by up to this factor, so that rivals fall out of step

_log = logging.getLogger(__name__)


class LostLease(Failure):
    """Somebody else leads, or nobody can tell: whoever acted as leader must stop."""


class Election(Struct, frozen=True, kw_only=True):
    """Which lease, and how patient. Seconds; the defaults are Kubernetes'."""

    name: str
    identity: str
    namespace: str = "kube-system"
    lease_duration: float = 15.0
    renew_deadline: float = 10.0
    retry_period: float = 2.0


class Observation(Struct, frozen=True):
    """The lease as it was last seen, and since when it has looked like that (own clock)."""

    spec: LeaseSpec
    since: float


def decide(
    seen: Observation | None, election: Election, now: float, stamp: float
) -> LeaseSpec | None:
    """The lease to write to become or stay leader; None while it belongs to somebody else.

    `now` is the own steady clock, `stamp` the wall clock that goes into the lease.
    """
    time = MicroTime.from_unix(stamp)
    duration = int(election.lease_duration)
    mine = LeaseSpec(
        holderIdentity=election.identity,
        leaseDurationSeconds=duration,
        acquireTime=time,
        renewTime=time,
        leaseTransitions=0,
    )
    if seen is None:
        return mine
    spec = seen.spec
    transitions = spec.leaseTransitions or 0
    if spec.holderIdentity == election.identity:
        return replace(mine, acquireTime=spec.acquireTime, leaseTransitions=transitions)
    if spec.holderIdentity and seen.since + (spec.leaseDurationSeconds or duration) > now:
        return None
    return replace(mine, leaseTransitions=transitions + 1)


class LeaderElector:
    """Waits for leadership, runs what needs it, and stops that when leadership is lost."""

    def __init__(
        self,
        client: Client,
        election: Election,
        clock: Clock,
        rng: random.Random,
        recorder: Recorder | None = None,
    ) -> None:
        self._client = client
        self._election = election
        self._clock = clock
        self._rng = rng
        self._recorder = recorder
        self._lease: Lease | None = None
        self._seen: Observation | None = None
        self._told = False  # that the apiserver does not answer, since it last did

    @property
    def leader(self) -> str:
        """The identity that held the lease when it was last read; empty if none did."""
        return (self._seen.spec.holderIdentity or "") if self._seen else ""

    @property
    def is_leader(self) -> bool:
        return self.leader == self._election.identity

    async def run(self, lead: Callable[[], Awaitable[None]]) -> None:
        """Acquire the lease, then run `lead` for as long as it is held.

        Returns when `lead` does, after giving the lease up. Raises LostLease when it could not be
        renewed in time; `lead` has been cancelled by then.
        """
        await self._acquire()
        work = asyncio.ensure_future(lead())
        renewal = asyncio.ensure_future(self._renew_for_ever())
        try:
            await asyncio.wait((work, renewal), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
            else:
                renewal.result()
        finally:
            for task in (work, renewal):
                task.cancel()
            await asyncio.gather(work, renewal, return_exceptions=True)
            await self._release()

    async def _acquire(self) -> None:
        while not await self._try():
            await self._clock.sleep(self._election.retry_period * (1 + JITTER * self._rng.random()))
        _log.info("%s became leader", self._election.identity)
        if self._recorder is not None and self._lease is not None:
            text = f"{self._election.identity} became leader"
            self._recorder.event(self._lease, "Normal", "LeaderElection", text)

    async def _renew_for_ever(self) -> None:
        renewed = self._clock.monotonic()
        while True:
            await self._clock.sleep(self._election.retry_period)
            started = self._clock.monotonic()
            left = renewed + self._election.renew_deadline - started
            try:
                async with asyncio.timeout(max(0.0, left)):
                    held = await self._try()
            except TimeoutError:
                held = False
            if held:
                renewed = started
            elif not self.is_leader or left <= 0:
                raise LostLease(f"lost lease {self._election.namespace}/{self._election.name}")

    async def _try(self) -> bool:
        """One attempt to take or renew the lease; whether it is ours now."""
        try:
            if not self.is_leader:  # a leader trusts what it wrote last: one request, not two
                await self._look()
            wanted = decide(self._seen, self._election, self._clock.monotonic(), self._clock.now())
            if wanted is None:
                return False
            try:
                await self._write(wanted)
            except errors.Conflict:
                await self._look()
                return False
        except (errors.ApiError, ConnectionError, TimeoutError) as error:
            level = logging.DEBUG if self._told else logging.WARNING
            _log.log(level, "lease %s: %s", self._election.name, error)
            self._told = True
            return False
        self._told = False
        return True

    async def _look(self) -> None:
        try:
            lease = await self._client.get(Lease, self._election.name, self._election.namespace)
        except errors.NotFound:
            self._lease = self._seen = None
            return
        self._remember(lease)

    async def _write(self, spec: LeaseSpec) -> None:
        if self._lease is None:
            name = ObjectMeta(name=self._election.name, namespace=self._election.namespace)
            lease = await self._client.create(Lease(metadata=name, spec=spec))
        else:
            lease = await self._client.update(replace(self._lease, spec=spec))
        self._remember(lease)

    def _remember(self, lease: Lease) -> None:
        self._lease = lease
        if self._seen is None or self._seen.spec != lease.spec:
            self._seen = Observation(lease.spec, self._clock.monotonic())

    async def _release(self) -> None:
        """Let the next one in at once instead of after the lease's duration."""
        if not self.is_leader or self._lease is None:
            return
        time = MicroTime.from_unix(self._clock.now())
        spec = replace(
            self._lease.spec,
            holderIdentity="",
            leaseDurationSeconds=1,
            acquireTime=time,
            renewTime=time,
        )
        try:
            async with asyncio.timeout(self._election.retry_period):
                self._remember(await self._client.update(replace(self._lease, spec=spec)))
        except (errors.ApiError, ConnectionError, TimeoutError) as error:
            _log.debug("lease %s was not released: %s", self._election.name, error)
