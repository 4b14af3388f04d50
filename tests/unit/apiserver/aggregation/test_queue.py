"""The queue of names: each once, one at a time, again after a failure."""

from __future__ import annotations

import asyncio

import pytest

from kubepy.apiserver.aggregation.queue import Queue
from kubepy.meta import errors

pytestmark = pytest.mark.looptime


async def work_on(queue, seconds, workers=1):
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await queue.run(workers)


async def test_a_name_waits_once():
    seen = []

    async def do(name):
        seen.append(name)

    queue = Queue("test", do)
    for name in ("a", "b", "a"):
        queue.add(name)
    await work_on(queue, 1)
    assert seen == ["a", "b"]


async def test_one_worker_a_name():
    now, most, seen = 0, 0, []

    async def do(name):
        nonlocal now, most
        now += 1
        most = max(most, now)
        if len(seen) < 2:
            queue.add(name)
        await asyncio.sleep(1)
        now -= 1
        seen.append(name)

    queue = Queue("test", do)
    queue.add("a")
    await work_on(queue, 10, workers=3)
    assert (most, seen) == (1, ["a", "a", "a"])


async def test_failures_come_again_ever_later():
    times = []

    async def do(name):
        times.append(asyncio.get_running_loop().time())
        if len(times) < 5:
            raise errors.ServiceUnavailable.of("not yet")

    queue = Queue("test", do)
    queue.add("a")
    await work_on(queue, 10)
    waits = [round(after - before, 3) for before, after in zip(times, times[1:], strict=False)]
    assert waits == [0.005, 0.01, 0.02, 0.04]
