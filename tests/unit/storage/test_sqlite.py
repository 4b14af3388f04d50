"""The SQLite back end's own: the file, its locks, its errors, its write-ahead log."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kubepy.storage import checkpoint, database, sqlite
from kubepy.storage.store import Entry, StorageError, Stored

KEY = "/registry/pods/default/a"


async def test_a_copied_file_is_a_fork(tmp_path: Path) -> None:
    path, copy = tmp_path / "state.db", tmp_path / "copy.db"
    store = await sqlite.open(str(path))
    await store.write(KEY, b"x", expect=0)
    await store.write(KEY, b"y", expect=2)
    await store.close()
    assert sorted(os.listdir(tmp_path)) == ["state.db", "state.db-lock"]
    shutil.copy(path, copy)
    store, fork = await sqlite.open(str(path)), await sqlite.open(str(copy))
    await store.write(KEY, b"here", expect=3)
    await fork.write(KEY, b"there", expect=3)
    assert await store.get(KEY) == Stored(KEY, b"here", 4, 2)
    assert await fork.get(KEY) == Stored(KEY, b"there", 4, 2)
    assert await fork.get(KEY, revision=2) == Stored(KEY, b"x", 2, 2)
    await store.close()
    await fork.close()


async def test_compaction_is_finished_after_a_restart(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    store = await sqlite.open(path)
    revision = 0
    for _ in range(10):
        revision = await store.write(KEY, b"x", expect=revision)
    await store.close()
    with sqlite3.connect(path) as connection:  # as if killed between mark and sweep
        connection.execute("UPDATE horizon SET compacted = 6")
    store = await sqlite.open(path)
    await store.compact(9)
    await store.close()
    kept = sqlite3.connect(path).execute("SELECT revision FROM log").fetchall()
    assert kept == [(9,), (10,), (11,)]


async def test_second_opening_is_refused_while_the_first_lasts(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    store = await sqlite.open(path)
    with pytest.raises(StorageError, match="in use by another kube-apiserver"):
        await sqlite.open(path)
    await store.close()
    await (await sqlite.open(path)).close()


async def test_foreign_lock_is_an_error_that_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 20)
    path = str(tmp_path / "state.db")
    store = await sqlite.open(path)
    await store.write(KEY, b"x", expect=0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match=r"state\.db: the database is locked by another process"):
        await store.write(KEY, b"y", expect=2)
    assert await store.get(KEY) == Stored(KEY, b"x", 2, 2)
    other.execute("ROLLBACK")
    assert await store.write(KEY, b"y", expect=2) == 3
    await store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk to fill needs root to mount")
def test_full_disk_is_an_error_that_says_so_and_loses_nothing(tmp_path: Path) -> None:
    child = Path(__file__).with_name("full_disk_child.py")
    command = ["unshare", "--mount", sys.executable, str(child), str(tmp_path)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    error, kept, after = output.splitlines()
    assert "state.db: the disk is full" in error
    assert (kept, after) == ("kept", "goes on")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"no database" * 100, "the file is not a database", id="not a database"),
        pytest.param(None, "a database of something else", id="somebody else's database"),
    ],
)
async def test_foreign_files_are_refused(tmp_path: Path, content: bytes | None, words: str) -> None:
    path = tmp_path / "state.db"
    if content is None:
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE theirs (x)")
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(StorageError, match=words):
        await sqlite.open(str(path))
    assert path.read_bytes()[100:] == before[100:]


async def test_later_schema_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    await (await sqlite.open(path)).close()
    sqlite3.connect(path).execute("PRAGMA user_version = 99")
    with pytest.raises(StorageError, match="schema version 99"):
        await sqlite.open(path)


async def test_a_change_that_is_wrong_in_itself_fails_alone(tmp_path: Path) -> None:
    store = await sqlite.open(str(tmp_path / "state.db"))
    answers = await asyncio.gather(
        store.write("/a", b"x", expect=0),
        store.write("/\ud800", b"x", expect=0),
        store.write("/b", b"x", expect=0),
        return_exceptions=True,
    )
    assert isinstance(answers[1], UnicodeEncodeError)
    assert {answers[0], answers[2]} == {2, 3}
    await store.close()


async def test_the_wal_is_started_anew_under_steady_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "WAL_PAGES", 50)
    path = tmp_path / "state.db"
    store = await sqlite.open(str(path))

    def restarts() -> int:
        """The WAL header counts them; see SQLite's file format, section 4.1."""
        return int.from_bytes(Path(f"{path}-wal").read_bytes()[12:16])

    await store.write(KEY, b"x", expect=0)
    first, revision = restarts(), 2

    async def write_steadily(key: str) -> None:
        revision = 0
        while restarts() < first + 2:
            revision = await store.write(key, bytes(2_000), expect=revision)

    async with asyncio.TaskGroup() as group:
        for n in range(4):
            group.create_task(write_steadily(f"/registry/{n}"))
    assert await store.get(KEY) == Stored(KEY, b"x", revision, 2)
    await store.close()


async def test_leases_outlive_the_process(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    store = await sqlite.open(path)
    await store.write(KEY, b"x", expect=0, lease=60)
    await store.close()
    with sqlite3.connect(path) as connection:  # an hour later
        connection.execute("UPDATE current SET expires = expires - 3600")
    store = await sqlite.open(path)
    async for item in store.watch("/", after=2):
        if isinstance(item, Entry):
            assert (item.key, item.value) == (KEY, None)
            break
    await store.close()
