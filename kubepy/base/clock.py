"""Time, as components take it: from outside, so that a whole cluster can run on virtual time."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Where a component gets the time and waits for it to pass."""

    def now(self) -> float:
        """The wall clock: seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's time. Waiting goes by the event loop's clock, so looptime can bend it."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class LoopClock(SystemClock):
    """Wall time that follows the event loop: `start` plus what the loop's clock has gone on.

    Under a loop whose time is virtual, all three move together; under an ordinary one it is a
    wall clock that never jumps.
    """

    def __init__(self, start: float) -> None:
        self._offset = start - asyncio.get_running_loop().time()

    def now(self) -> float:
        return self._offset + asyncio.get_running_loop().time()
