"""How far etcd is, asked once for all who want to know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

HURRY_SECONDS = 0.5  # that a question waits for the one before it, which may have got stuck


class Newest:
    """Asks etcd for its newest revision, once for all who wait at a time.

    An answer counts only for those who came before its question was sent: a later one might have
    heard of a write that the answer does not know.
    """

    def __init__(self, question: Callable[[], Awaitable[int]]) -> None:
        self._question = question
        self._asking: asyncio.Task[int] | None = None
        self._next: asyncio.Task[int] | None = None

    async def ask(self) -> int:
        """Raises StorageError."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._asking))
            self._next.add_done_callback(_look_at)
        return await asyncio.shield(self._next)

    async def _after(self, earlier: asyncio.Task[int] | None) -> int:
        if earlier is not None:
            await asyncio.wait([earlier], timeout=HURRY_SECONDS)
        self._asking, self._next = self._next, None
        return await self._question()


def _look_at(asked: asyncio.Task[int]) -> None:
    """Nobody may be waiting any more who would see the exception."""
    if not asked.cancelled():
        asked.exception()
