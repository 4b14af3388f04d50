"""One thread writes, and commits in groups.

While one group is being synced to disk the next one gathers, so a slow disk makes larger groups,
not a longer queue. A group is one transaction: its writes are acknowledged together, after the
sync, or fail together.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct

from kubepy.storage.checkpoint import Checkpointer
from kubepy.storage.database import storage_error
from kubepy.storage.log import Transaction, head
from kubepy.storage.store import Entry, StorageError, StoreError

T = TypeVar("T")
Change = Callable[[Transaction], T]
Publish = Callable[[Sequence[Entry]], None]

GROUP = 512  # changes a commit


class Job(Struct, frozen=True):
    """A change, and who waits for it."""

    change: Change[Any]
    done: asyncio.Future[Any]


class Outcome(Struct, frozen=True):
    """What a group came to: an answer or an exception a job, and the writes to tell watches of."""

    answers: list[tuple[asyncio.Future[Any], Any]]
    entries: list[Entry]

    def deliver(self, publish: Publish) -> None:
        for done, answer in self.answers:
            if done.done():
                continue  # the caller has gone; what it wrote stays written
            if isinstance(answer, Exception):
                done.set_exception(answer)
            else:
                done.set_result(answer)
        publish(self.entries)


class Committer:
    """Turns jobs into commits, on whatever thread it is called."""

    def __init__(self, connection: sqlite3.Connection, path: str) -> None:
        self._connection = connection
        self._path = path
        self._revision = head(connection).revision

    def commit(self, jobs: Sequence[Job]) -> Outcome:
        try:
            return self._commit(jobs)
        except sqlite3.DatabaseError as error:
            self._rollback()
            failure = storage_error(self._path, error)
            return Outcome([(job.done, failure) for job in jobs], [])
        except Exception as error:
            self._rollback()
            if len(jobs) == 1:
                return Outcome([(jobs[0].done, error)], [])
        # One job is wrong in itself (a value SQLite cannot hold): its neighbours are not.
        alone = [self.commit([job]) for job in jobs]
        return Outcome([a for o in alone for a in o.answers], [e for o in alone for e in o.entries])

    def _commit(self, jobs: Sequence[Job]) -> Outcome:
        self._connection.execute("BEGIN IMMEDIATE")
        transaction = Transaction(self._connection, self._revision)
        answers: list[tuple[asyncio.Future[Any], Any]] = []
        for job in jobs:
            try:
                answers.append((job.done, job.change(transaction)))
            except StoreError as refusal:
                answers.append((job.done, refusal))
        self._connection.execute("COMMIT")
        self._revision = transaction.revision
        return Outcome(answers, transaction.entries)

    def _rollback(self) -> None:
        if self._connection.in_transaction:  # SQLite may have rolled back by itself
            self._connection.execute("ROLLBACK")


class Writer:
    """The thread. Jobs wait in a queue that their callers, who wait too, keep short."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: str,
        publish: Publish,
        checkpointer: Checkpointer,
    ) -> None:
        self._connection = connection
        self._committer = Committer(connection, path)
        self._publish = publish
        self._checkpointer = checkpointer
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._submitted: list[Job] = []  # in this turn of the loop
        self._jobs: queue.SimpleQueue[list[Job] | None] = queue.SimpleQueue()  # None: the last
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, change: Change[T]) -> asyncio.Future[T]:
        """Have `change` run in the next group; raises what it raises, or StorageError."""
        if self._closed:
            raise StorageError(f"{self._path}: closed")
        done: asyncio.Future[T] = self._loop.create_future()
        if not self._submitted:
            self._loop.call_soon(self._hand_over)
        self._submitted.append(Job(change, done))
        return done

    def _hand_over(self) -> None:
        """Waking the thread costs more than a write: it is done once for all of a turn."""
        if self._submitted:
            self._jobs.put(self._submitted)
            self._submitted = []

    def end(self) -> None:
        """Take no more."""
        self._closed = True
        self._hand_over()
        self._jobs.put(None)

    def join(self) -> None:
        """Wait, on another thread, until what was submitted is committed."""
        self._thread.join()

    def _run(self) -> None:
        while jobs := self._gather():
            outcome = self._committer.commit(jobs)
            self._loop.call_soon_threadsafe(outcome.deliver, self._publish)
            self._checkpointer.committed(self._connection)

    def _gather(self) -> list[Job]:
        """Every job that waits, up to about a group; waits for the first. Empty: closed."""
        jobs: list[Job] = []
        while (more := self._jobs.get()) is not None:
            jobs += more
            if len(jobs) >= GROUP or self._jobs.empty():
                return jobs
        if jobs:
            self._jobs.put(None)  # to be found again after this group
        return jobs
