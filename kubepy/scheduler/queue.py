"""The pods that wait for a node, and when each is tried again.

    active         tried next: highest priority first, then who waits longest
    backing off    moved here by a change in the cluster while its last failure is fresh; tried
                   before that is over if there is nothing else to do
    failed         something went wrong (not: no node fits); waits its backoff out
    unschedulable  no node fits; waits for a change that one of the plugins that turned it down
                   has named, or five minutes
    gated          has scheduling gates; waits for its own update

A pod is in exactly one of these, or in nobody's hands: popped, and not yet given back.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Iterable
from enum import Enum
from typing import TypeVar

from kubepy.base.backoff import Backoff
from kubepy.base.clock import Clock
from kubepy.scheduler.nodetable import Change
from kubepy.scheduler.podinfo import PodInfo

SPARE = 64  # void entries that a heap may hold beyond its share
LONGEST_UNSCHEDULABLE = 300.0  # seconds: then a pod is tried whatever happens, or does not


class Place(Enum):
    """Where a pod waits; the values are those of Kubernetes' metric scheduler_pending_pods."""

    ACTIVE = "active"
    BACKOFF = "backoff"
    FAILED = "failed"
    UNSCHEDULABLE = "unschedulable"
    GATED = "gated"
    POPPED = "popped"


class QueuedPod:
    """A pod with what happened to it here. Times are the clock's monotonic ones."""

    def __init__(self, info: PodInfo, now: float) -> None:
        self.info = info
        self.place = Place.POPPED
        self.since = now  # in this place
        self.first_seen = now
        self.attempts = 0
        self.failed_at = now
        self.wakes_on: frozenset[Change] = frozenset()
        # Bumped when the pod moves: entries of heaps with another number are void.
        self.moves = 0


Order = TypeVar("Order", float, tuple[int, float])
Heap = list[tuple[Order, int, int, QueuedPod]]  # order, tie, the pod's moves when it was put here


def _is_valid(entry: tuple[Order, int, int, QueuedPod]) -> bool:
    return entry[3].moves == entry[2]


class PodQueue:
    """Belongs to one event loop. `pop` hands out one pod at a time."""

    def __init__(self, clock: Clock, backoff: Backoff) -> None:
        self._clock = clock
        self._backoff = backoff
        self._pods: dict[str, QueuedPod] = {}  # by uid
        self._active: Heap[tuple[int, float]] = []
        # Backing off, failed and unschedulable pods, by when they become active by themselves.
        self._due: Heap[float] = []
        self._backing_off: Heap[float] = []
        self._ties = itertools.count()
        self._wakeup = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._pods)

    def count(self, place: Place) -> int:
        return sum(queued.place is place for queued in self._pods.values())

    def get(self, uid: str) -> QueuedPod | None:
        return self._pods.get(uid)

    # --- what the informers tell

    def add(self, info: PodInfo) -> None:
        """A pod that has no node yet; of a pod that is known already, what it looks like now."""
        queued = self._pods.get(info.uid)
        if queued is None:
            queued = self._pods[info.uid] = QueuedPod(info, self._clock.monotonic())
            self._enter(queued)
            return
        before, queued.info = queued.info, info
        if queued.place is Place.GATED:
            self._enter(queued)
        elif queued.place is Place.UNSCHEDULABLE and _spec_changed(before, info):
            self._wake(queued)

    def remove(self, uid: str) -> None:
        """The pod has a node, or is gone."""
        queued = self._pods.pop(uid, None)
        if queued is not None:
            queued.moves += 1

    def wake(self, changes: Iterable[Change]) -> None:
        """Something happened: whoever waits for such a change gets another try."""
        happened = frozenset(changes)
        if not happened:
            return
        for queued in self._pods.values():
            if queued.place is Place.UNSCHEDULABLE and not happened.isdisjoint(queued.wakes_on):
                self._wake(queued)

    # --- what the scheduler does

    async def pop(self) -> QueuedPod:
        """The next pod to try. Give it back (`turned_down`, `failed`) or `remove` it."""
        while True:
            queued = self._next(self._active) or self._next(self._backing_off)
            if queued is not None:
                queued.attempts += 1
                self._move(queued, Place.POPPED)
                return queued
            self._wakeup.clear()
            await self._wakeup.wait()

    def turned_down(self, queued: QueuedPod, wakes_on: frozenset[Change]) -> None:
        """No node fits: wait for one of these changes."""
        if self._pods.get(queued.info.uid) is not queued:
            return  # deleted meanwhile
        queued.failed_at = self._clock.monotonic()
        queued.wakes_on = wakes_on
        self._move(queued, Place.UNSCHEDULABLE)
        self._schedule(queued, queued.failed_at + LONGEST_UNSCHEDULABLE)

    def failed(self, queued: QueuedPod) -> None:
        """The attempt came to nothing through no fault of the pod: try again after its backoff."""
        if self._pods.get(queued.info.uid) is not queued:
            return
        queued.failed_at = self._clock.monotonic()
        self._move(queued, Place.FAILED)
        self._schedule(queued, self._backoff_ends(queued))

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    # --- inside

    def _enter(self, queued: QueuedPod) -> None:
        if queued.info.pod.spec.schedulingGates:
            self._move(queued, Place.GATED)
        else:
            self._activate(queued)

    def _wake(self, queued: QueuedPod) -> None:
        ends = self._backoff_ends(queued)
        if ends <= self._clock.monotonic():
            self._activate(queued)
            return
        self._move(queued, Place.BACKOFF)
        self._push(self._backing_off, ends, queued)
        self._schedule(queued, ends)
        self._wakeup.set()

    def _activate(self, queued: QueuedPod) -> None:
        self._move(queued, Place.ACTIVE)
        self._push(self._active, (-queued.info.priority, queued.since), queued)
        self._wakeup.set()

    def _move(self, queued: QueuedPod, place: Place) -> None:
        queued.place = place
        queued.since = self._clock.monotonic()
        queued.moves += 1

    def _backoff_ends(self, queued: QueuedPod) -> float:
        return queued.failed_at + self._backoff.delay(queued.attempts)

    def _push(self, heap: Heap[Order], order: Order, queued: QueuedPod) -> None:
        heapq.heappush(heap, (order, next(self._ties), queued.moves, queued))
        if len(heap) > 2 * len(self._pods) + SPARE:
            heap[:] = [entry for entry in heap if _is_valid(entry)]
            heapq.heapify(heap)

    def _next(self, heap: Heap[Order]) -> QueuedPod | None:
        while heap:
            entry = heapq.heappop(heap)
            if _is_valid(entry):
                return entry[3]
        return None

    def _schedule(self, queued: QueuedPod, when: float) -> None:
        self._push(self._due, when, queued)
        self._arm()

    def _arm(self) -> None:
        """One timer, for the earliest pod that is due."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._due and not _is_valid(self._due[0]):
            heapq.heappop(self._due)
        if self._due:
            wait = max(0.0, self._due[0][0] - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(wait, self._release_due)

    def _release_due(self) -> None:
        now = self._clock.monotonic()
        while self._due and self._due[0][0] <= now:
            entry = heapq.heappop(self._due)
            if _is_valid(entry):
                self._activate(entry[3])
        self._arm()


def _spec_changed(before: PodInfo, after: PodInfo) -> bool:
    """Updates of the status alone, which the scheduler itself makes, change nothing here."""
    old, new = before.pod, after.pod
    return old.spec != new.spec or old.metadata.labels != new.metadata.labels
