"""The Store on SQLite: a file, or memory for tests and simulations. The same code for both."""

from __future__ import annotations

import asyncio
from functools import partial

from kubepy.base.clock import Clock, SystemClock
from kubepy.storage import compaction, log
from kubepy.storage.database import MEMORY
from kubepy.storage.engine import Engine, FileEngine, InlineEngine, open_database
from kubepy.storage.expiry import Expirer, next_deadline
from kubepy.storage.log import Batch, Transaction
from kubepy.storage.store import Page, Stored
from kubepy.storage.tail import Tail, Watch


async def open(path: str = MEMORY, *, clock: Clock | None = None) -> SqliteStore:
    """The store in the file `path`, made if need be; without a path one in memory.

    It belongs to the running event loop. `clock` tells when leases are over. Raises StorageError:
    in use by another process, no database of ours, damaged, not permitted.
    """
    clock = clock or SystemClock()
    if path == MEMORY:
        connection, _, start = open_database(path)
        tail = Tail(start.revision)
        return SqliteStore(InlineEngine(connection, tail.publish), tail, clock, None)
    connection, lock, start = await asyncio.to_thread(open_database, path)
    assert lock is not None
    tail = Tail(start.revision)
    engine = FileEngine(path, lock, connection, tail.publish)
    return SqliteStore(engine, tail, clock, await engine.read(next_deadline))


class SqliteStore:
    """See `store.Store`."""

    shared = False  # the file is locked

    def __init__(self, engine: Engine, tail: Tail, clock: Clock, deadline: float | None) -> None:
        self._engine = engine
        self._tail = tail
        self._clock = clock
        self._expirer = Expirer(clock, engine.change, deadline)

    async def get(self, key: str, *, revision: int = 0) -> Stored | None:
        return await self._engine.read(partial(log.get, key=key, revision=revision))

    async def list(
        self, prefix: str, *, revision: int = 0, limit: int = 0, after: str = ""
    ) -> Page:
        query = partial(log.page, prefix=prefix, revision=revision, limit=limit, after=after)
        return await self._engine.read(query)

    async def write(self, key: str, value: bytes | None, *, expect: int, lease: int = 0) -> int:
        if value is None and expect == 0:
            raise ValueError("deleting what is expected not to exist")
        expires = self._clock.now() + lease if lease else None

        def change(transaction: Transaction) -> int:
            return transaction.append(key, value, expect=expect, expires=expires)

        revision = await self._engine.change(change)
        if expires is not None:
            self._expirer.note(expires)
        return revision

    def watch(self, prefix: str, *, after: int) -> Watch:
        return Watch(self._tail, self._read_entries, prefix, after)

    async def request_progress(self, revision: int) -> None:
        self._tail.request_progress()  # which has every revision that anybody was told of

    async def compact(self, revision: int) -> None:
        await self._engine.change(partial(compaction.mark, revision=revision))
        while await self._engine.change(compaction.sweep):
            pass

    async def take_turn(self, revision: int) -> bool:
        return True  # nobody else has the file

    async def revision(self) -> int:
        return self._tail.revision

    async def close(self) -> None:
        await self._expirer.close()
        await self._engine.close()
        self._tail.close()

    async def _read_entries(self, prefix: str, after: int, limit: int) -> Batch:
        query = partial(log.entries, prefix=prefix, after=after, limit=limit)
        return await self._engine.read(query)
