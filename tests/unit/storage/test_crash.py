"""A process killed in the middle of its writes loses none that it acknowledged.

SIGKILL shows what survives the process, not what survives power: that rests on synchronous=FULL.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import Struct

from kubepy.storage import sqlite
from kubepy.storage.store import Compacted, Progress, Store

CHILD = Path(__file__).with_name("crash_child.py")
ROUNDS = 4  # kills of one store, a seed


class Acknowledged(Struct, frozen=True):
    key: str
    revision: int
    count: int


def run_and_kill(path: Path, seed: int) -> list[Acknowledged]:
    """Start the child, kill it after some of its writes, return all it acknowledged."""
    wanted = random.Random(seed).randint(1, 3_000)
    command = [sys.executable, str(CHILD), str(path), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline() for _ in range(wanted)]
        child.kill()
        lines += child.stdout.readlines()  # told before the kill reached it
    whole = [line.split() for line in lines if line.endswith(b"\n")]
    assert len(whole) >= wanted, "the child ended by itself"
    return [Acknowledged(key.decode(), int(rev), int(count)) for key, rev, count in whole]


async def check(store: Store, writes: list[Acknowledged]) -> None:
    for write in writes:
        now = await store.get(write.key)
        assert now is not None
        assert now.revision >= write.revision
        assert int(now.value.split()[0]) >= write.count
        try:
            then = await store.get(write.key, revision=write.revision)
        except Compacted:
            continue
        assert then is not None
        assert then.revision == write.revision
        assert then.value.startswith(b"%d " % write.count)


async def check_no_gaps(store: Store) -> None:
    """History is whole: each kept revision is there, once."""
    head = await store.revision()
    first = max(head - 500, 1)
    expected = first + 1
    async for item in store.watch("/", after=first):
        if isinstance(item, Progress):
            break
        assert item.revision == expected
        expected += 1
    assert expected == head + 1


@pytest.mark.parametrize("seed", range(4))
async def test_no_acknowledged_write_is_lost(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "state.db"
    for round_ in range(ROUNDS):
        writes = run_and_kill(path, seed * ROUNDS + round_)
        store = await sqlite.open(str(path))
        await check(store, writes)
        await check_no_gaps(store)
        await store.close()
    (verdict,) = sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone()
    assert verdict == "ok"
