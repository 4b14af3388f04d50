"""Who may go on when many want to."""

from __future__ import annotations

import asyncio

from kubepy.kubelet.pod.turns import Turns


async def together(turns: Turns, count: int, enough: int) -> int:
    """How many of `count` were under way at the same time, once `enough` were."""
    under_way = most = 0
    reached = asyncio.Event()

    async def work() -> None:
        nonlocal under_way, most
        async with turns.one():
            under_way += 1
            most = max(most, under_way)
            if under_way == enough:
                reached.set()
            await reached.wait()
            under_way -= 1

    await asyncio.gather(*(work() for _ in range(count)))
    return most


async def test_no_more_than_the_limit_at_a_time():
    assert await together(Turns(3), 10, enough=3) == 3


async def test_what_hangs_holds_nobody_up():
    assert await together(Turns(1, patience=0), 3, enough=3) == 3


async def test_a_failure_gives_the_turn_back():
    turns = Turns(1)
    for _ in range(2):
        try:
            async with turns.one():
                raise RuntimeError
        except RuntimeError:
            pass
    assert await together(turns, 2, enough=1) == 1
