"""Writes as fast as it can to the store in argv[1], and tells on stdout what was acknowledged.

A line an acknowledged write: key, revision, count. It runs until it is killed. The parent reads
the lines, so what it has read was acknowledged before the kill.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys

from kubepy.storage import sqlite
from kubepy.storage.store import Store

WRITERS = 24
KEEP = 2_000  # revisions behind the head that compaction leaves


async def write_for_ever(store: Store, key: str, chance: random.Random) -> None:
    current = await store.get(key)
    revision, count = (current.revision, int(current.value.split()[0])) if current else (0, 0)
    while True:
        count += 1
        padding = b"x" * chance.choice([10, 1_000, 5_000, 40_000])
        revision = await store.write(key, b"%d %s" % (count, padding), expect=revision)
        os.write(1, f"{key} {revision} {count}\n".encode())


async def compact_for_ever(store: Store, chance: random.Random) -> None:
    done = 0
    while True:
        await asyncio.sleep(chance.random() / 10)
        wanted = await store.revision() - KEEP
        if wanted > done:
            await store.compact(wanted)
            done = wanted


async def main(path: str, seed: int) -> None:
    store = await sqlite.open(path)
    async with asyncio.TaskGroup() as group:
        for n in range(WRITERS):
            chance = random.Random(seed * WRITERS + n)
            group.create_task(write_for_ever(store, f"/registry/{n:02}", chance))
        group.create_task(compact_for_ever(store, random.Random(seed)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
