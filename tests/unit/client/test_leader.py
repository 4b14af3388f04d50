"""One leader at a time, whatever happens to it."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from kubepy.api.coordination.v1 import Lease, LeaseSpec
from kubepy.api.core.v1 import Event
from kubepy.api.types import MicroTime
from kubepy.client import Client
from kubepy.client.events import Recorder
from kubepy.client.leader import Election, LeaderElector, LostLease, Observation, decide
from kubepy.client.transport import Transport
from tests.unit.controllers.build import NOW
from tests.unit.controllers.world import World, world

ELECTION = Election(name="manager", identity="me")


def seen(holder: str, since: float = 0.0, **fields: Any) -> Observation:
    return Observation(LeaseSpec(holderIdentity=holder, leaseDurationSeconds=15, **fields), since)


@pytest.mark.parametrize(
    ("found", "now", "holder", "transitions"),
    [
        pytest.param(None, 0, "me", 0, id="nobody has it"),
        pytest.param(seen("me", leaseTransitions=3), 9, "me", 3, id="renewed"),
        pytest.param(seen("you"), 14.9, "you", None, id="somebody has it"),
        pytest.param(seen("you", leaseTransitions=3), 15.1, "me", 4, id="somebody let it run out"),
        pytest.param(seen(""), 1, "me", 1, id="it was given up"),
    ],
)
def test_decide(
    found: Observation | None, now: float, holder: str, transitions: int | None
) -> None:
    wanted = decide(found, ELECTION, now, NOW)
    if holder == "you":
        assert wanted is None
        return
    assert wanted is not None
    assert (wanted.holderIdentity, wanted.leaseTransitions) == (holder, transitions)
    assert wanted.renewTime == MicroTime.from_unix(NOW)


class Cut:
    """A transport that can be cut."""

    def __init__(self, inner: Transport, rng: random.Random) -> None:
        self.inner = inner
        self.cut: set[str] = set()

    def of(self, name: str) -> Transport:
        outer = self

        class Line:
            def __getattr__(self, attribute: str) -> Any:
                return getattr(outer.inner, attribute)

            async def send(self, call: Any, answer: Any) -> Any:
                if name in outer.cut:
                    await asyncio.sleep(1)
                    raise ConnectionError("cut")
                return await outer.inner.send(call, answer)

        return Line()  # type: ignore[return-value]


class Rivals:
    """Instances that run for the same lease; each notes when it leads."""

    def __init__(self, cluster: World, *names: str) -> None:
        assert isinstance(cluster.transport, Cut)
        self.cluster = cluster
        self.transport = cluster.transport
        self.leading: list[str] = []
        self.electors = {name: self._elector(name) for name in names}
        self.tasks = {name: asyncio.ensure_future(self._run(name)) for name in names}

    def _elector(self, name: str) -> LeaderElector:
        election = Election(name="manager", identity=name)
        client = Client(self.transport.of(name))
        return LeaderElector(client, election, self.cluster.clock, self.cluster.rng)

    async def _run(self, name: str) -> None:
        await self.electors[name].run(lambda: self._lead(name))

    async def _lead(self, name: str) -> None:
        self.leading.append(name)
        try:
            assert self.leading == [name]
            await asyncio.Event().wait()
        finally:
            self.leading.remove(name)

    async def stop(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


@pytest.mark.looptime
class TestElections:
    async def test_one_leads_and_renews_for_ever(self) -> None:
        async with world(between=Cut) as cluster:  # type: ignore[arg-type]
            rivals = Rivals(cluster, "a", "b", "c")
            await cluster.settle(10)
            (leader,) = rivals.leading
            await cluster.settle(1000)
            assert rivals.leading == [leader]
            assert {elector.leader for elector in rivals.electors.values()} == {leader}
            await rivals.stop()

    async def test_a_leader_that_leaves_is_succeeded_soon(self) -> None:
        async with world(between=Cut) as cluster:  # type: ignore[arg-type]
            rivals = Rivals(cluster, "a", "b")
            await cluster.settle(10)
            (first,) = rivals.leading
            rivals.tasks[first].cancel()
            await cluster.settle(6)
            (second,) = rivals.leading
            assert second != first
            lease = await cluster.client.get(Lease, "manager", "kube-system")
            assert lease.spec.holderIdentity == second
            await rivals.stop()

    async def test_a_leader_that_is_cut_off_stops_before_the_next_begins(self) -> None:
        async with world(between=Cut) as cluster:  # type: ignore[arg-type]
            rivals = Rivals(cluster, "a", "b")
            await cluster.settle(10)
            (first,) = rivals.leading
            rivals.transport.cut.add(first)
            await cluster.settle(13)
            assert rivals.leading == []
            assert isinstance(rivals.tasks[first].exception(), LostLease)
            await cluster.settle(10)
            assert rivals.leading and rivals.leading != [first]
            lease = await cluster.client.get(Lease, "manager", "kube-system")
            assert lease.spec.leaseTransitions == 1
            await rivals.stop()

    async def test_a_short_cut_is_survived(self) -> None:
        async with world(between=Cut) as cluster:  # type: ignore[arg-type]
            rivals = Rivals(cluster, "a", "b")
            await cluster.settle(10)
            (first,) = rivals.leading
            rivals.transport.cut.add(first)
            await cluster.settle(7)
            rivals.transport.cut.clear()
            await cluster.settle(60)
            assert rivals.leading == [first]
            await rivals.stop()

    async def test_silence_of_the_apiserver_is_told_once(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with world(between=Cut) as cluster:  # type: ignore[arg-type]
            assert isinstance(cluster.transport, Cut)
            cluster.transport.cut.add("a")
            rivals = Rivals(cluster, "a")
            await cluster.settle(60)
            told = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
            assert told == ["lease manager: cut"]
            rivals.transport.cut.clear()
            await cluster.settle(10)
            assert rivals.leading == ["a"]
            await rivals.stop()

    async def test_leadership_is_told(self) -> None:
        async with world() as cluster:
            recorder = Recorder(cluster.client, "manager", clock=cluster.clock)
            elector = LeaderElector(cluster.client, ELECTION, cluster.clock, cluster.rng, recorder)

            async def lead() -> None:
                await recorder.flush()

            await elector.run(lead)
            (event,) = (await cluster.client.list(Event, "kube-system")).items
            assert (event.reason, event.message) == ("LeaderElection", "me became leader")
            lease = await cluster.client.get(Lease, "manager", "kube-system")
            assert lease.spec.holderIdentity == ""  # given up
