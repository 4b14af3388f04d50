"""The node ports that are taken, as Kubernetes keeps them: one bitmap for the whole range.

Several servers that share a store agree by it: each changes it by compare-and-swap, before a
Service that has the port is written, and after it is deleted. A server with a store of its own
needs none: it knows all Services.

    /registry/ranges/servicenodeports   {"kind":"RangeAllocation",...,"range":"30000-32767",
                                         "data":"AgE="}   ports 30000 and 30009
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from kubepy.api.core.v1 import RangeAllocation
from kubepy.apiserver.registry.core.pools import Bitmap, Taken
from kubepy.apiserver.watchcache import Encoding
from kubepy.storage.store import Conflict, StorageError, Store

log = logging.getLogger(__name__)

LEAKED_AFTER = 3  # repairs in a row that find a port taken which no Service has


class PortBook:
    def __init__(self, store: Store, registry: str, ports: tuple[int, int]) -> None:
        self._store = store
        self._key = f"{registry}/ranges/servicenodeports"
        self._first = ports[0]
        self._range = f"{ports[0]}-{ports[1]}"
        self._encoding = Encoding(RangeAllocation, lambda _: {})
        self._turn = asyncio.Lock()  # so that requests of one server do not race each other
        self._unused: dict[int, int] = {}  # how often a repair has found it so

    async def read(self) -> Bitmap:
        """Raises StorageError."""
        return (await self._current())[0]

    async def _current(self) -> tuple[Bitmap, str, int]:
        """What is taken, of which range, and the key's revision."""
        stored = await self._store.get(self._key)
        if stored is None:
            return Bitmap(self._first), self._range, 0
        try:
            book: RangeAllocation = self._encoding.foreign(stored.value)
        except ValueError as problem:
            raise StorageError(f"{self._key} cannot be read: {problem}") from problem
        start = book.range.partition("-")[0]
        first = int(start) if start.isdigit() else self._first
        return Bitmap.read(first, book.data), book.range, stored.revision

    async def enter(self, numbers: Iterable[int]) -> None:
        """Raises Taken if one of them is somebody's, StorageError."""
        async with self._turn:
            while True:
                taken, range_, revision = await self._current()
                if any(number in taken for number in numbers):
                    raise Taken
                if await self._write(taken.added(numbers), range_, revision):
                    return

    async def strike(self, numbers: Iterable[int]) -> None:
        """Nobody has them any more. Raises StorageError."""
        async with self._turn:
            while True:
                taken, range_, revision = await self._current()
                if await self._write(taken.without(numbers), range_, revision):
                    return

    async def _write(self, taken: Bitmap, range_: str, revision: int) -> bool:
        """False: another server was quicker, so it is to be tried again on what that one left."""
        book = RangeAllocation(range=range_, data=taken.data)
        try:
            await self._store.write(self._key, self._encoding.stored(book), expect=revision)
        except Conflict:
            return False
        return True

    async def repair(self, used: Callable[[], Awaitable[frozenset[int]]]) -> None:
        """Enter what Services have, and strike out what has been nobody's for a while: a server may
        have stopped between the book and the Service. Raises StorageError, Timeout.

        `used` reads the ports of all Services, which must be done after the book is read.
        """
        async with self._turn:
            taken, range_, revision = await self._current()
            had = await used()
            again = {number: self._unused.get(number, 0) + 1 for number in taken.numbers() - had}
            kept = {number for number, times in again.items() if times <= LEAKED_AFTER}
            for number in again.keys() - kept:
                log.warning("the node port %d appears to have leaked: cleaning up", number)
            wanted = Bitmap(self._first).added(had | kept)
            if not revision or (wanted.data, self._range) != (taken.data, range_):
                if not await self._write(wanted, self._range, revision):
                    return  # another server writes: the next repair will do
            self._unused = {number: again[number] for number in kept}
