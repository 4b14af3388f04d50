"""Names to look at, each once and by one worker at a time; again after a while where it failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from kubepy.base.backoff import Backoff
from kubepy.meta.errors import ApiError
from kubepy.storage.store import Conflict, StorageError

log = logging.getLogger(__name__)

BACKOFF = Backoff(0.005, 30.0)  # Kubernetes': it depends on networks that nobody can watch


class Queue:
    """`do` is called with each name that is added, until `run` is cancelled."""

    def __init__(self, title: str, do: Callable[[str], Awaitable[None]]) -> None:
        self._title = title
        self._do = do
        self._waiting: dict[str, None] = {}  # in order
        self._busy: set[str] = set()
        self._again: set[str] = set()  # came while somebody was busy with it
        self._failures: dict[str, int] = {}  # in a row
        self._wake = asyncio.Event()

    def add(self, name: str) -> None:
        if name in self._busy:
            self._again.add(name)
            return
        self._waiting[name] = None
        self._wake.set()

    async def run(self, workers: int = 1) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            name = next(iter(self._waiting))
            del self._waiting[name]
            self._busy.add(name)
            try:
                await self._do(name)
            except (Conflict, ApiError, StorageError) as problem:
                self._retry(name, problem)
            else:
                self._failures.pop(name, None)
            finally:
                self._busy.discard(name)
            if name in self._again:
                self._again.discard(name)
                self.add(name)

    def _retry(self, name: str, problem: Exception) -> None:
        failures = self._failures[name] = self._failures.get(name, 0) + 1
        log.info("%s: %s: %s; trying again", self._title, name, problem)
        asyncio.get_running_loop().call_later(BACKOFF.delay(failures), self.add, name)
