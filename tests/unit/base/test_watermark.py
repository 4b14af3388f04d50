"""Waiting for a number to grow."""

from __future__ import annotations

import asyncio

import pytest

from kubepy.base.watermark import Watermark


async def test_who_waits_is_woken_in_time_and_not_before():
    mark = Watermark(3)
    await mark.reached(3)
    early, late = (asyncio.create_task(mark.reached(value)) for value in (5, 7))
    await asyncio.sleep(0)
    mark.raise_to(6)
    mark.raise_to(4)
    await early
    assert not late.done()
    assert mark.value == 6
    mark.raise_to(7)
    await late


async def test_who_no_longer_waits_leaves_nothing_behind():
    mark = Watermark()
    waiting = asyncio.create_task(mark.reached(10**15))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert mark._waiting == []


async def test_who_waits_in_vain_is_told():
    mark = Watermark()
    waiting = asyncio.create_task(mark.reached(1))
    await asyncio.sleep(0)
    mark.abandon(RuntimeError("never"))
    with pytest.raises(RuntimeError, match="never"):
        await waiting
