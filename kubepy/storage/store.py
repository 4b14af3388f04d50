"""The store: one ordered log of writes to keys, as etcd keeps it.

Every write, a put or a delete, gets the next revision; the revision is global to the store. An
empty store is at revision 1, so the first write gets 2. (What is written by others than this
Protocol, or when a lease is over, may be several keys at one revision.) The log is the history:
each kept revision can be read. Five writes, as an example:

    revision  key                  value
    2         /registry/pods/a     x
    3         /registry/pods/b     y
    4         /registry/pods/a     z         previous: revision 2, value x; created: 2
    5         /registry/pods/b     None      deleted; previous: revision 3, value y
    6         /registry/pods/b     w         created anew: created 6

    list("/registry/pods/")               -> a=z (4), b=w (6)       at revision 6
    list("/registry/pods/", revision=3)   -> a=x (2), b=y (3)       at revision 3
    watch("/registry/pods/", after=4)     -> Entry(5, b, None), Entry(6, b, w), Progress(6), ...

    compact(5) forgets what was overwritten or deleted up to there: revisions 2, 3 and 5.
    get(a, revision=5) still answers z; get(a, revision=4) raises Compacted.

Errors:

    StoreError
    ├── Conflict         somebody else wrote the key first
    ├── Compacted        the revision asked for is no longer kept
    ├── FutureRevision   the revision asked for does not exist yet
    └── StorageError     the medium failed: locked, full, broken, out of reach, closed
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from msgspec import Struct


class Stored(Struct, frozen=True, gc=False):
    """A key's value as some revision left it."""

    key: str
    value: bytes
    revision: int  # of the write that put this value
    created: int  # of the write that created the key; outlives updates, not a delete


class Entry(Struct, frozen=True, gc=False):
    """One write, as the log holds it. `value` None: the key was deleted.

    `created` equals `revision` when this write created the key. `previous` is the value before
    this write, None if there was none.
    """

    key: str
    value: bytes | None
    revision: int
    created: int
    previous: bytes | None = None


class Progress(Struct, frozen=True, gc=False):
    """A watch has delivered everything up to this revision."""

    revision: int


class Page(Struct, frozen=True, gc=False):
    """A part of a list, in the order of keys, as of `revision`.

    `more`: keys follow; list again with `revision` and `after` = the last key of this page.
    `remaining`: how many follow, 0 when none or when no limit was given.
    """

    items: list[Stored]
    revision: int
    more: bool = False
    remaining: int = 0


class StoreError(Exception):
    """The store could not do as asked."""


class Conflict(StoreError):
    """The key is not at the revision that the writer expected. Nothing was written."""

    def __init__(self, current: Stored | None) -> None:
        super().__init__(f"the key is at revision {current.revision}" if current else "no such key")
        self.current = current


class Compacted(StoreError):
    """The history asked for is gone."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"revision {revision} has been compacted")


class FutureRevision(StoreError):
    """Nobody has written the revision asked for yet; `revision` is the store's newest."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"the store has only reached revision {revision}")
        self.revision = revision


class StorageError(StoreError):
    """The medium failed, and says how: locked, full, unreadable, out of reach, closed.

    A write that fails so was not acknowledged; whether it happened can be read afterwards.
    """


class Store(Protocol):
    """What every back end is; `tests/contract/test_store.py` is the contract, run over all."""

    shared: bool
    """Whether other processes may write, too."""

    async def get(self, key: str, *, revision: int = 0) -> Stored | None:
        """The key's value, now (0) or at a revision; None: it did not exist.

        Raises Compacted, FutureRevision.
        """

    async def list(
        self, prefix: str, *, revision: int = 0, limit: int = 0, after: str = ""
    ) -> Page:
        """The keys under `prefix`, in order, at most `limit` (0: all), from behind `after`.

        Raises Compacted, FutureRevision.
        """

    async def write(self, key: str, value: bytes | None, *, expect: int, lease: int = 0) -> int:
        """Put `key`, or delete it (None); return the new revision.

        `expect` is the key's current revision, 0 for absent; otherwise Conflict. With a `lease`
        the store itself deletes the key that many seconds later, or up to 5 % more, by an
        ordinary write to the log, unless another write came first. Once this returns, the write
        survives a crash. If the caller is cancelled while it waits, the write may still happen.
        """

    def watch(self, prefix: str, *, after: int) -> AsyncIterator[Entry | Progress]:
        """Each later write under `prefix`, once, in order, until the store is closed.

        The log is the buffer: a slow watcher lags, and raises Compacted when compaction
        overtakes it. It never skips. A Progress comes when the watch has caught up for the
        first time, and whenever `request_progress` asks. Entries of one revision come together:
        between them it never waits. Reading the past may raise StorageError; another watch
        can go on from there.
        """

    async def request_progress(self, revision: int) -> None:
        """Let every watch tell, by a Progress, when it has delivered everything up to
        `revision`, which somebody has got from this store.
        """

    async def compact(self, revision: int) -> None:
        """Forget what was overwritten or deleted up to `revision`, which stays readable.

        Returns when it is done. Raises Compacted if it was done before, FutureRevision.
        """

    async def take_turn(self, revision: int) -> bool:
        """Whether it is for this process to compact up to `revision`, now that it would be time.

        Of several that share the store, and ask at the same intervals, one does.
        """

    async def revision(self) -> int:
        """The newest revision: of the last acknowledged write, or a later one."""

    async def close(self) -> None:
        """Finish what was accepted, end every watch, let go of the medium."""
