"""Copying the write-ahead log into the database, so that it stays short.

A passive checkpoint every 100 ms disturbs nobody, but can never start the WAL anew while writes
keep coming: it would grow for ever. So past a size the writer itself does the rest, between two
commits. That is little work, because the passive one has just been there.
"""

from __future__ import annotations

import logging
import sqlite3
import threading

from kubepy.storage.database import BUSY_TIMEOUT_MS, connect

INTERVAL = 0.1  # seconds
WAL_PAGES = 8_000  # 64 MiB: from here on the writer stops to start the WAL anew
PATIENCE_MS = 100  # how long the writer waits there for readers of the old WAL

logger = logging.getLogger(__name__)


class Checkpointer:
    """A thread that sleeps while nothing is written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._dirty = threading.Event()
        self._stopping = threading.Event()
        self._overdue = False
        self._thread = threading.Thread(target=self._run, name="store-checkpoint", daemon=True)
        self._thread.start()

    def committed(self, writer: sqlite3.Connection) -> None:
        """The writer's call after each commit, with its own connection."""
        if self._overdue:
            self._overdue = False  # readers may prevent it; the next passive one asks again
            _restart(writer)
        if not self._dirty.is_set():
            self._dirty.set()

    def close(self) -> None:
        self._stopping.set()
        self._dirty.set()
        self._thread.join()

    def _run(self) -> None:
        connection = connect(self._path)
        while not self._stopping.is_set():
            self._dirty.wait()
            if self._stopping.wait(INTERVAL):
                break
            self._dirty.clear()
            self._overdue = _passive(connection) > WAL_PAGES
        connection.close()


def _passive(connection: sqlite3.Connection) -> int:
    """Copy what can be copied without disturbing anybody; return the WAL's length in pages."""
    try:
        _, pages, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.Error as error:  # a full disk: the WAL holds everything, try again later
        logger.warning("checkpoint failed: %s", error)
        return 0
    return int(pages)


def _restart(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
    try:
        connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    except sqlite3.Error as error:
        logger.warning("checkpoint failed: %s", error)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
