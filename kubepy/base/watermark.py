"""A number that only grows, and who waits for it to get somewhere."""

from __future__ import annotations

import asyncio
import heapq


class Watermark:
    """Belongs to one event loop."""

    def __init__(self, value: int = 0) -> None:
        self.value = value
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    def raise_to(self, value: int) -> None:
        """Wake whoever waits for `value` or less. A lower one than before changes nothing."""
        self.value = max(self.value, value)
        while self._waiting and self._waiting[0][0] <= self.value:
            waiter = heapq.heappop(self._waiting)[2]
            if not waiter.done():
                waiter.set_result(None)

    async def reached(self, value: int) -> None:
        """Wait until it stands at `value` or higher."""
        if value > self.value:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry = (value, id(waiter), waiter)
            heapq.heappush(self._waiting, entry)
            try:
                await waiter
            except asyncio.CancelledError:
                if entry in self._waiting:  # who waits for what never comes must not stay for ever
                    self._waiting.remove(entry)
                    heapq.heapify(self._waiting)
                raise

    def abandon(self, error: Exception) -> None:
        """It will never get there: whoever waits gets `error`."""
        for _, _, waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(error)
        self._waiting.clear()
