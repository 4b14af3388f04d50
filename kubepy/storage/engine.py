"""Where SQL runs: on threads beside the event loop for a file, on the loop itself in memory."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Protocol, TypeVar

from kubepy.storage.checkpoint import Checkpointer
from kubepy.storage.database import (
    MEMORY,
    claim,
    connect,
    make_directory,
    prepare,
    snapshot,
    storage_error,
)
from kubepy.storage.log import Head, head
from kubepy.storage.store import StorageError
from kubepy.storage.writer import Change, Committer, Job, Publish, Writer

T = TypeVar("T")
Query = Callable[[sqlite3.Connection], T]

READERS = 2  # threads; more would only fight for the interpreter


class Engine(Protocol):
    """Runs queries on a state that does not change meanwhile, and changes in commits."""

    def read(self, query: Query[T]) -> Awaitable[T]: ...

    def change(self, change: Change[T]) -> Awaitable[T]: ...

    async def close(self) -> None: ...


class InlineEngine:
    """A database in memory, used on the caller's thread: nothing to wait for, no chance in it."""

    def __init__(self, connection: sqlite3.Connection, publish: Publish) -> None:
        self._connection = connection
        self._committer = Committer(connection, MEMORY)
        self._publish = publish
        self._closed = False

    async def read(self, query: Query[T]) -> T:
        self._check_open()
        return _query(self._connection, MEMORY, query)

    async def change(self, change: Change[T]) -> T:
        self._check_open()
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._committer.commit([Job(change, done)]).deliver(self._publish)
        return await done

    async def close(self) -> None:
        self._closed = True
        self._connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError(f"{MEMORY}: closed")


class FileEngine:
    """A database in a file: one thread writes, a few read, one checkpoints."""

    def __init__(
        self, path: str, lock: IO[bytes], connection: sqlite3.Connection, publish: Publish
    ) -> None:
        self._path = path
        self._lock = lock
        self._connection = connection
        self._checkpointer = Checkpointer(path)
        self._writer = Writer(connection, path, publish, self._checkpointer)
        self._thread = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._readers = ThreadPoolExecutor(READERS, "store-reader", self._start_reader)
        self._closed = False

    async def read(self, query: Query[T]) -> T:
        if self._closed:
            raise StorageError(f"{self._path}: closed")
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, self._read_here, query
        )

    def change(self, change: Change[T]) -> Awaitable[T]:
        return self._writer.submit(change)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._writer.end()
            await asyncio.to_thread(self._close)

    def _start_reader(self) -> None:
        self._thread.connection = connect(self._path)
        self._opened.append(self._thread.connection)

    def _read_here(self, query: Query[T]) -> T:
        return _query(self._thread.connection, self._path, query)

    def _close(self) -> None:
        self._writer.join()
        self._readers.shutdown()
        self._checkpointer.close()
        for connection in self._opened:
            connection.close()
        self._connection.close()  # the last one out checkpoints and removes the WAL
        self._lock.close()


def _query(connection: sqlite3.Connection, path: str, query: Query[T]) -> T:
    try:
        with snapshot(connection):
            return query(connection)
    except sqlite3.Error as error:
        raise storage_error(path, error) from error


def open_database(path: str) -> tuple[sqlite3.Connection, IO[bytes] | None, Head]:
    """The writer's connection, the claim on the file, and where the log stands. Blocks."""
    lock = None
    try:
        if path != MEMORY:
            make_directory(path)
            lock = claim(path)
        connection = connect(path)
        prepare(connection, path)
        return connection, lock, head(connection)
    except (sqlite3.Error, OSError) as error:
        if lock is not None:
            lock.close()
        if isinstance(error, sqlite3.Error):
            raise storage_error(path, error) from error
        raise StorageError(f"{path}: {error.strerror or error}") from error
