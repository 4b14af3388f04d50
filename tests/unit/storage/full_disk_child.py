"""Fills a disk of its own through the store; prints what happened. Run under `unshare --mount`."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from kubepy.storage import sqlite
from kubepy.storage.store import StorageError


async def main(disk: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=True)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(1 << 20))
    store = await sqlite.open(str(disk / "state.db"))
    acknowledged: list[tuple[str, int]] = []
    try:
        while True:
            key = f"/registry/{len(acknowledged)}"
            acknowledged.append((key, await store.write(key, bytes(10_000), expect=0)))
    except StorageError as error:
        print(error)
    ballast.unlink()
    found = {item.key: item.revision for item in (await store.list("/registry/")).items}
    print("kept" if found == dict(acknowledged) and acknowledged else "lost")
    revision = await store.write("/registry/after", b"x", expect=0)
    print("goes on" if revision == acknowledged[-1][1] + 1 else f"revision {revision}")
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
