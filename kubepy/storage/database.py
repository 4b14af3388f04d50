"""The SQLite file: its tables, how it is opened, and what its errors mean.

    log      one row a write, in the order of revisions: the truth
    current  the live keys and the revision that holds each value: derived from the log, and
             beside it so that lists need not search history
    horizon  one row: the last revision asked to be compacted, and how far that has been done

Values stand in the log alone: a second copy in `current` doubled what a write costs and bought
nothing (list: 2.4 µs a row by the join, 1.3 to 4.4 without; write: 27 against 47 to 90 µs).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kubepy.storage.store import StorageError

MEMORY = ":memory:"
APPLICATION_ID = 0x6B756265  # "kube", so that file(1) and we can tell whose file it is
SCHEMA_VERSION = 1
BUSY_TIMEOUT_MS = 5_000  # how long a foreign lock may stall a write before it fails

_SCHEMA = """
CREATE TABLE log (
    revision INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    created INTEGER NOT NULL,
    previous INTEGER NOT NULL,  -- the key's revision before this one, 0 if it did not exist
    expires REAL,               -- unix seconds, NULL: never
    value BLOB                  -- NULL: deleted
);
CREATE INDEX log_by_key ON log (key);  -- ends with the rowid, so it is (key, revision)
CREATE TABLE current (
    key TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    expires REAL
) WITHOUT ROWID;
CREATE INDEX current_by_expiry ON current (expires) WHERE expires IS NOT NULL;
CREATE TABLE horizon (compacted INTEGER NOT NULL, swept INTEGER NOT NULL);
INSERT INTO horizon VALUES (0, 0);
"""

_MEANINGS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_BUSY": "the database is locked by another process",
    "SQLITE_LOCKED": "the database is locked",
    "SQLITE_READONLY": "the database cannot be written",
    "SQLITE_CANTOPEN": "the database cannot be opened",
    "SQLITE_IOERR": "the disk failed",
    "SQLITE_CORRUPT": "the database is damaged",
    "SQLITE_NOTADB": "the file is not a database",
}


def storage_error(path: str, error: sqlite3.Error) -> StorageError:
    """What went wrong, in words that an operator can act on."""
    name = getattr(error, "sqlite_errorname", "")
    meaning = next((text for code, text in _MEANINGS.items() if name.startswith(code)), "")
    if meaning:
        return StorageError(f"{path}: {meaning} ({name}: {error})")
    return StorageError(f"{path}: {error}")


def connect(path: str) -> sqlite3.Connection:
    """A connection any thread may use, one at a time; transactions are begun by hand."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA synchronous = FULL")  # an acknowledged write survives power loss
    connection.execute("PRAGMA wal_autocheckpoint = 0")  # checkpoint.py decides when
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Make a new file ours; refuse one that belongs to something else or to a later kubepy."""
    connection.execute("PRAGMA page_size = 8192")  # 2-4 KB values: fewest pages a write
    connection.execute("PRAGMA journal_mode = WAL")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables == 0:
        connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID};"
            f" PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )
        return
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID:
        raise StorageError(f"{path}: a database of something else than kubepy")
    if version != SCHEMA_VERSION:
        raise StorageError(f"{path}: schema version {version}, this kubepy reads {SCHEMA_VERSION}")


@contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Several reads of one state."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")


def claim(path: str) -> IO[bytes]:
    """Make this process the file's only writer, until the returned file is closed.

    The head revision lives in memory, so two writers would number their writes alike. The lock
    stands beside the database: SQLite's own locks are dropped when any descriptor of the
    database is closed, as a backup tool in the same process would.
    """
    lock = Path(f"{path}-lock").open("ab")  # noqa: SIM115 (held open for as long as we write)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise StorageError(f"{path}: in use by another kube-apiserver") from error
    return lock


def make_directory(path: str) -> None:
    """The database's directory, readable by its owner alone: Secrets are stored in it."""
    os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
