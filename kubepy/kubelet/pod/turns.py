"""A few at a time: twenty sandboxes at once take longer than four at a time, five times over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

PATIENCE = 5.0  # seconds that anybody waits, so that what hangs holds nobody up for long


class Turns:
    """At most `limit` go on at a time, and whoever has waited `patience` seconds besides."""

    def __init__(self, limit: int, patience: float = PATIENCE) -> None:
        self._free = asyncio.Semaphore(limit)
        self._patience = patience

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        mine = False
        try:
            async with asyncio.timeout(self._patience):
                mine = await self._free.acquire()
        except TimeoutError:
            pass
        try:
            yield
        finally:
            if mine:
                self._free.release()
