"""The verbs of the log in SQL: append, get, page, entries. No threads, no event loop here."""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from kubepy.storage.store import Compacted, Conflict, Entry, FutureRevision, Page, Stored

FIRST_REVISION = 1  # of the empty store, as in etcd

_CURRENT = """
    SELECT log.key, log.value, log.revision, log.created
    FROM current CROSS JOIN log USING (revision)
"""
_LATEST = """
    SELECT max(revision) AS revision FROM log
    WHERE key > ? AND key >= ? AND key < ? AND revision <= ? GROUP BY key
"""


class Head(Struct, frozen=True, gc=False):
    """How far history reaches: to `revision`, from `compacted`."""

    revision: int
    compacted: int

    def check(self, revision: int) -> None:
        """Raise unless the state at `revision` can be read."""
        if revision < self.compacted:
            raise Compacted(revision)
        if revision > self.revision:
            raise FutureRevision(self.revision)


def head(connection: sqlite3.Connection) -> Head:
    (newest, compacted) = connection.execute(
        "SELECT (SELECT max(revision) FROM log), compacted FROM horizon"
    ).fetchone()
    # Compaction may have removed the newest row, when that was a delete.
    return Head(max(newest or FIRST_REVISION, compacted), compacted)


Batch = tuple[list[Entry], int]  # writes in order, and the revision up to which these are all


class Transaction:
    """The writes of one commit, numbered on from the head."""

    def __init__(self, connection: sqlite3.Connection, revision: int) -> None:
        self.connection = connection
        self.revision = revision
        self.entries: list[Entry] = []

    def append(
        self, key: str, value: bytes | None, *, expect: int, expires: float | None = None
    ) -> int:
        """Put or delete `key`; raises Conflict, having changed nothing."""
        row = self.connection.execute(f"{_CURRENT} WHERE current.key = ?", (key,)).fetchone()
        current = Stored(*row) if row else None
        if (current.revision if current else 0) != expect:
            raise Conflict(current)
        revision = self.revision + 1
        created = current.created if current else revision
        self.connection.execute(
            "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)",
            (revision, key, created, expect, expires, value),
        )
        if value is None:
            self.connection.execute("DELETE FROM current WHERE key = ?", (key,))
        else:
            self.connection.execute(
                "INSERT OR REPLACE INTO current VALUES (?, ?, ?)", (key, revision, expires)
            )
        self.revision = revision
        previous = current.value if current else None
        self.entries.append(Entry(key, value, revision, created, previous))
        return revision


def get(connection: sqlite3.Connection, key: str, revision: int) -> Stored | None:
    if revision == 0:
        row = connection.execute(f"{_CURRENT} WHERE current.key = ?", (key,)).fetchone()
        return Stored(*row) if row else None
    head(connection).check(revision)
    row = connection.execute(
        "SELECT key, value, revision, created FROM log"
        " WHERE key = ? AND revision <= ? ORDER BY revision DESC LIMIT 1",
        (key, revision),
    ).fetchone()
    return Stored(*row) if row and row[1] is not None else None


def page(
    connection: sqlite3.Connection, prefix: str, revision: int, limit: int, after: str
) -> Page:
    """A list, to be called within a `snapshot`."""
    newest = head(connection)
    if revision:
        newest.check(revision)
    revision = revision or newest.revision
    asked = limit + 1 if limit else -1
    span = (after, prefix, prefix_end(prefix))
    if revision == newest.revision:
        rows = connection.execute(
            f"{_CURRENT} WHERE current.key > ? AND current.key >= ? AND current.key < ?"
            " ORDER BY current.key LIMIT ?",
            (*span, asked),
        ).fetchall()
    else:
        rows = connection.execute(
            "SELECT log.key, log.value, log.revision, log.created"
            f" FROM ({_LATEST}) AS latest CROSS JOIN log USING (revision)"
            " WHERE log.value IS NOT NULL ORDER BY log.key LIMIT ?",
            (*span, revision, asked),
        ).fetchall()
    if not limit or len(rows) <= limit:
        return Page([Stored(*row) for row in rows], revision)
    del rows[limit:]
    rest = _count(connection, (rows[-1][0], *span[1:]), revision, newest)
    return Page([Stored(*row) for row in rows], revision, more=True, remaining=rest)


def _count(
    connection: sqlite3.Connection, span: tuple[str, str, str], revision: int, newest: Head
) -> int:
    if revision == newest.revision:
        query = "SELECT count(*) FROM current WHERE key > ? AND key >= ? AND key < ?"
        (count,) = connection.execute(query, span).fetchone()
    else:
        (count,) = connection.execute(
            f"SELECT count(value) FROM ({_LATEST}) AS latest CROSS JOIN log USING (revision)",
            (*span, revision),
        ).fetchone()
    return int(count)


def entries(connection: sqlite3.Connection, prefix: str, after: int, limit: int) -> Batch:
    """Up to `limit` writes under `prefix` later than `after`.

    To be called within a `snapshot`. Raises Compacted.
    """
    newest = head(connection)
    if after < newest.compacted:
        raise Compacted(after)
    rows = connection.execute(
        "SELECT log.key, log.value, log.revision, log.created, old.value"
        " FROM log LEFT JOIN log AS old ON old.revision = log.previous"
        " WHERE log.revision > ? AND +log.key >= ? AND +log.key < ?"  # +: walk by revision
        " ORDER BY log.revision LIMIT ?",
        (after, prefix, prefix_end(prefix), limit),
    ).fetchall()
    reached = rows[-1][2] if len(rows) == limit else max(newest.revision, after)
    return [Entry(*row) for row in rows], reached


def prefix_end(prefix: str) -> str:
    """The first key behind every key that starts with `prefix`."""
    head = prefix.rstrip(_LAST)
    if not head:
        return _LAST * (len(prefix) + 1)
    point = ord(head[-1]) + 1
    return head[:-1] + chr(_BEHIND_SURROGATES if point == _FIRST_SURROGATE else point)


_LAST = chr(0x10FFFF)
_FIRST_SURROGATE = 0xD800  # no character of its own, so none that SQLite can compare
_BEHIND_SURROGATES = 0xE000
