"""The queue: what is handed out, when, and to how many."""

from __future__ import annotations

import asyncio

import pytest

from kubepy.base.clock import SystemClock
from kubepy.client.workqueue import Closed, WorkQueue

pytestmark = pytest.mark.looptime


@pytest.fixture
def queue() -> WorkQueue[str]:
    return WorkQueue(SystemClock(), base_delay=1.0, max_delay=10.0)


async def test_keys_come_in_order_and_once(queue: WorkQueue[str]) -> None:
    for key in ("a", "b", "a"):
        queue.add(key)
    assert [await queue.get(), await queue.get()] == ["a", "b"]
    assert len(queue) == 0


async def test_a_key_being_worked_on_waits_until_it_is_done(queue: WorkQueue[str]) -> None:
    queue.add("a")
    await queue.get()
    queue.add("a")
    queue.add("a")
    assert len(queue) == 0
    queue.done("a")
    assert await queue.get() == "a"
    queue.done("a")
    assert queue.idle


async def test_get_waits_for_a_key(queue: WorkQueue[str]) -> None:
    getting = asyncio.ensure_future(queue.get())
    await asyncio.sleep(5)
    assert not getting.done()
    queue.add("a")
    assert await getting == "a"


async def test_of_several_delays_the_earliest_counts(queue: WorkQueue[str]) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    queue.add_after("a", 30)
    queue.add_after("a", 10)
    queue.add_after("a", 20)
    await queue.get()
    assert loop.time() - started == pytest.approx(10, abs=0.01)
    queue.done("a")
    await asyncio.sleep(60)
    assert queue.idle  # the later ones have become void


async def test_backoff_doubles_up_to_its_limit_and_starts_over(queue: WorkQueue[str]) -> None:
    assert [queue.retry("a") for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    assert queue.failures("a") == 6
    queue.forget("a")
    assert queue.retry("a") == 1


async def test_closing_hands_out_the_rest_and_then_ends_the_workers(queue: WorkQueue[str]) -> None:
    queue.add("a")
    queue.close()
    queue.add("b")
    assert await queue.get() == "a"
    with pytest.raises(Closed):
        await queue.get()


async def test_workers_never_share_a_key_and_retry_what_failed(queue: WorkQueue[str]) -> None:
    busy: set[str] = set()
    done: list[str] = []
    errors: list[tuple[str, str]] = []

    async def reconcile(key: str) -> None:
        assert key not in busy
        busy.add(key)
        await asyncio.sleep(1)
        busy.remove(key)
        if key == "bad" and not errors:
            raise RuntimeError("once")
        done.append(key)

    def on_error(key: str, error: Exception, delay: float) -> None:
        errors.append((key, str(error)))

    workers = [asyncio.ensure_future(queue.work(reconcile, on_error)) for _ in range(3)]
    for key in ("a", "bad", "b"):
        queue.add(key)
    await asyncio.sleep(0.5)
    queue.add("a")
    await asyncio.sleep(60)
    queue.close()
    await asyncio.gather(*workers)
    assert sorted(done) == ["a", "a", "b", "bad"]
    assert errors == [("bad", "once")]


async def test_a_cancelled_worker_leaves_its_key_for_the_next(queue: WorkQueue[str]) -> None:
    async def forever(key: str) -> None:
        await asyncio.sleep(3600)

    worker = asyncio.ensure_future(queue.work(forever, lambda *_: None))
    queue.add("a")
    await asyncio.sleep(1)
    queue.add("a")
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    assert await queue.get() == "a"
