"""Who is tried when."""

from __future__ import annotations

import asyncio

import pytest

from kubepy.base.backoff import Backoff
from kubepy.base.clock import SystemClock
from kubepy.scheduler.nodetable import Change
from kubepy.scheduler.podinfo import PodInfo
from kubepy.scheduler.queue import Place, PodQueue, QueuedPod
from tests.unit.scheduler.cluster import pod

pytestmark = pytest.mark.looptime  # time is the loop's, and passes at once

ROOM = frozenset((Change.NODE_ADDED, Change.POD_REMOVED))


def queue_of(*names: str) -> PodQueue:
    queue = PodQueue(SystemClock(), Backoff(1, 10))
    for name in names:
        queue.add(PodInfo.of(pod(name)))
    return queue


async def popped(queue: PodQueue) -> str:
    queued = await queue.pop()
    return queued.info.pod.metadata.name


async def is_empty(queue: PodQueue) -> bool:
    """Nothing is handed out now."""
    waiting = asyncio.create_task(queue.pop())
    await asyncio.sleep(0)
    waiting.cancel()
    return not waiting.done()


async def turned_down(queue: PodQueue, times: int = 1) -> QueuedPod:
    """Pop the pod that is next, that many times, and say that no node fits."""
    for n in range(times):
        queued = await queue.pop()
        queue.turned_down(queued, ROOM)
        if n < times - 1:
            queue.wake([Change.NODE_ADDED])
    return queued


async def test_higher_priority_first_then_who_came_first() -> None:
    queue = queue_of("a", "b")
    queue.add(PodInfo.of(pod("urgent", priority=10)))
    assert [await popped(queue) for _ in range(3)] == ["urgent", "a", "b"]


async def test_turned_down_waits_for_a_change_that_matters() -> None:
    queue = queue_of("a")
    await turned_down(queue)
    queue.wake([Change.NODE_LABELS, Change.NODE_TAINTS])
    assert await is_empty(queue)
    queue.wake([Change.POD_REMOVED])
    assert await popped(queue) == "a"


async def test_woken_pod_does_not_wait_its_backoff_out_if_nobody_else_is_there() -> None:
    queue = queue_of("a")
    await turned_down(queue, times=4)
    queue.wake([Change.NODE_ADDED])
    assert queue.count(Place.BACKOFF) == 1
    queue.add(PodInfo.of(pod("fresh")))
    assert [await popped(queue), await popped(queue)] == ["fresh", "a"]


async def test_failed_waits_its_backoff_out_longer_each_time() -> None:
    queue = queue_of("a")
    loop = asyncio.get_running_loop()
    waits = []
    for _ in range(6):
        start = loop.time()
        queued = await queue.pop()
        waits.append(round(loop.time() - start))
        queue.failed(queued)
        queue.wake(Change)  # no help: it did not fail for want of room
    assert waits == [0, 1, 2, 4, 8, 10]


async def test_unschedulable_is_tried_again_after_five_minutes_anyway() -> None:
    queue = queue_of("a")
    await turned_down(queue)
    start = asyncio.get_running_loop().time()
    assert await popped(queue) == "a"
    assert asyncio.get_running_loop().time() - start == pytest.approx(300)


async def test_gated_pod_waits_for_its_gates_to_go() -> None:
    queue = queue_of()
    queue.add(PodInfo.of(pod("a", schedulingGates=[{"name": "quota"}])))
    queue.wake(Change)
    assert await is_empty(queue)
    queue.add(PodInfo.of(pod("a")))
    assert await popped(queue) == "a"


async def test_update_of_the_spec_is_reason_enough_to_try_again() -> None:
    queue = queue_of("a")
    await turned_down(queue)
    queue.add(PodInfo.of(pod("a")))
    assert await is_empty(queue)
    queue.add(PodInfo.of(pod("a", tolerations=[{"operator": "Exists"}])))
    assert await popped(queue) == "a"


async def test_removed_pod_is_never_handed_out() -> None:
    queue = queue_of("a", "b")
    queue.remove("uid-a")
    assert await popped(queue) == "b"
    queued = queue.get("uid-b")
    assert queued is not None
    queue.remove("uid-b")
    queue.turned_down(queued, ROOM)
    queue.wake(Change)
    assert await is_empty(queue)
    assert len(queue) == 0


async def test_much_waking_leaves_nothing_behind() -> None:
    queue = queue_of("a", "b", "c")
    await turned_down(queue, times=5_000)
    assert len(queue._active) + len(queue._due) + len(queue._backing_off) < 300


async def test_popped_pod_is_in_nobody_elses_hands() -> None:
    queue = queue_of("a")
    await queue.pop()
    queue.wake(Change)
    queue.add(PodInfo.of(pod("a", priority=3)))
    assert await is_empty(queue)
