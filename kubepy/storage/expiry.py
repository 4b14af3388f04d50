"""Leases: what was written with a time to live is deleted by an ordinary write when it is over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial

from kubepy.base.clock import Clock
from kubepy.storage.log import Transaction
from kubepy.storage.store import StorageError
from kubepy.storage.writer import Change

CHUNK = 100  # deletes a commit
PAUSE = 1.0  # seconds between two sweeps, so that many leases share a commit
RETRY = 30.0  # seconds after the medium failed

logger = logging.getLogger(__name__)


def next_deadline(connection: sqlite3.Connection) -> float | None:
    """When the next lease is over, in unix seconds; None: there is none."""
    (deadline,) = connection.execute(
        "SELECT min(expires) FROM current WHERE expires IS NOT NULL"
    ).fetchone()
    return float(deadline) if deadline is not None else None


def expire(transaction: Transaction, now: float) -> float | None:
    """Delete a chunk of what is overdue; return the next deadline, which may be overdue too."""
    due = transaction.connection.execute(
        "SELECT key, revision FROM current WHERE expires <= ? ORDER BY expires, key LIMIT ?",
        (now, CHUNK),
    ).fetchall()
    for key, revision in due:
        transaction.append(key, None, expect=revision)
    return next_deadline(transaction.connection)


class Expirer:
    """Sleeps until the next deadline; while there is none, there is no task either."""

    def __init__(
        self,
        clock: Clock,
        change: Callable[[Change[float | None]], Awaitable[float | None]],
        deadline: float | None,
    ) -> None:
        self._clock = clock
        self._change = change
        self._deadline = deadline
        self._task: asyncio.Task[None] | None = None
        if deadline is not None:
            self._start()

    def note(self, deadline: float) -> None:
        """A lease was granted that is over at `deadline`."""
        if self._deadline is None or deadline < self._deadline:
            self._deadline = deadline
            self._start()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _start(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._run(), name="store-expiry")

    async def _run(self) -> None:
        while self._deadline is not None:
            wait = self._deadline - self._clock.now()
            if wait > 0:
                await self._clock.sleep(max(wait, PAUSE))
            try:
                self._deadline = await self._change(partial(expire, now=self._clock.now()))
            except StorageError as error:
                logger.warning("expired leases stay for now: %s", error)
                self._deadline = self._clock.now() + RETRY
