"""The Store on etcd v3. Several apiservers may share one etcd, also with Kubernetes' own.

    get(), list(), write() ──► connection ──► the server that answers, or the next one
    leases                        │
                                  ▼
    Watches ◄── tail ◄── follower: one watch of all keys

All keys, not only ours: so each revision of etcd is at least one event, and who has seen an event
of revision N knows that nothing up to N is missing. Progress notifications are not needed, which
an etcd before 3.4.25 and 3.5.8 sends too early.
"""

from __future__ import annotations

import asyncio
import logging
from random import Random
from typing import Any

from kubepy.base.clock import Clock, SystemClock
from kubepy.storage.etcd import messages
from kubepy.storage.etcd.connection import (
    Access,
    Connection,
    LeaseGone,
    Timing,
    Unreachable,
)
from kubepy.storage.etcd.follower import Follower
from kubepy.storage.etcd.leases import Leases
from kubepy.storage.etcd.messages import message
from kubepy.storage.etcd.newest import Newest
from kubepy.storage.store import (
    Compacted,
    Conflict,
    FutureRevision,
    Page,
    Stored,
)
from kubepy.storage.tail import Watch

TURN = "compact_rev_key"  # Kubernetes' name for it; its compactors take turns by it, too

logger = logging.getLogger(__name__)


async def open(
    access: Access,
    *,
    clock: Clock | None = None,
    random: Random | None = None,
    timing: Timing | None = None,
) -> EtcdStore:
    """The store in the etcd at `access`; waits until it answers, for `timing.start` seconds.

    It belongs to the running event loop. Raises StorageError.
    """
    timing = timing or Timing()
    connection = Connection(access, timing)
    try:
        revision = await _first_answer(connection, timing)
    except BaseException:
        await connection.close()
        raise
    return EtcdStore(connection, revision, clock or SystemClock(), random or Random())


async def _first_answer(connection: Connection, timing: Timing) -> int:
    logger.info("waiting for etcd at %s", connection)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timing.start
    while True:
        try:
            answer = await connection.ask(
                "Maintenance/Status", message("StatusRequest"), again=True
            )
            newest = await connection.ask("KV/Range", messages.header_request(), again=True)
        except Unreachable as problem:
            if loop.time() >= deadline:
                raise
            logger.warning("waiting for etcd: %s", problem)
            await asyncio.sleep(timing.retry)
        else:
            logger.info("etcd %s at %s", answer.version, connection)
            return int(newest.header.revision)


class EtcdStore:
    """See `store.Store`."""

    shared = True

    def __init__(self, connection: Connection, revision: int, clock: Clock, random: Random) -> None:
        self._connection = connection
        self._turn = 0  # the revision of its key
        self._newest = Newest(self._ask_revision)
        self._leases = Leases(clock, self._grant)
        self._follower = Follower(connection, revision, self._newest.ask, random)

    async def get(self, key: str, *, revision: int = 0) -> Stored | None:
        answer = await self._range(messages.get_request(key, revision))
        return messages.stored(answer.kvs[0]) if answer.kvs else None

    async def list(
        self, prefix: str, *, revision: int = 0, limit: int = 0, after: str = ""
    ) -> Page:
        answer = await self._range(messages.list_request(prefix, revision, limit, after))
        items = [messages.stored(pair) for pair in answer.kvs]
        remaining = answer.count - len(items) if answer.more else 0
        return Page(items, revision or answer.header.revision, answer.more, remaining)

    async def write(self, key: str, value: bytes | None, *, expect: int, lease: int = 0) -> int:
        if value is None and expect == 0:
            raise ValueError("deleting what is expected not to exist")
        lease_id = await self._leases.lease(lease) if lease else 0
        try:
            answer = await self._write(key, value, expect, lease_id)
        except LeaseGone:  # nothing was written; etcd counts from its own clock
            self._leases.forget(lease_id)
            answer = await self._write(key, value, expect, await self._leases.lease(lease))
        if not answer.succeeded:
            there = answer.responses[0].response_range.kvs
            raise Conflict(messages.stored(there[0]) if there else None)
        return int(answer.header.revision)

    async def _write(self, key: str, value: bytes | None, expect: int, lease_id: int) -> Any:
        request = messages.write_request(key, value, expect, lease_id)
        return await self._connection.ask("KV/Txn", request, again=False)

    def watch(self, prefix: str, *, after: int) -> Watch:
        return Watch(self._follower.tail, self._follower.read, prefix, after)

    async def request_progress(self, revision: int) -> None:
        await self._follower.reached(revision)
        self._follower.tail.request_progress()

    async def compact(self, revision: int) -> None:
        request = message("CompactionRequest", revision=revision)
        try:
            await self._connection.ask("KV/Compact", request, again=False)
        except Compacted:
            raise Compacted(revision) from None
        except FutureRevision:
            raise FutureRevision(await self.revision()) from None

    async def take_turn(self, revision: int) -> bool:
        """Who finds the key as it last saw it writes it, and the others see that."""
        try:
            self._turn = await self.write(TURN, b"%d" % revision, expect=self._turn)
        except Conflict as other:
            self._turn = other.current.revision if other.current else 0
            return False
        return True

    async def revision(self) -> int:
        return await self._newest.ask()

    async def close(self) -> None:
        await self._follower.close()
        await self._connection.close()

    async def _range(self, request: Any) -> Any:
        """Raises Compacted, FutureRevision."""
        try:
            return await self._connection.ask("KV/Range", request, again=True)
        except Compacted:
            raise Compacted(request.revision) from None
        except FutureRevision:
            raise FutureRevision(await self.revision()) from None

    async def _ask_revision(self) -> int:
        answer = await self._range(messages.header_request())
        return int(answer.header.revision)

    async def _grant(self, seconds: int) -> int:
        request = message("LeaseGrantRequest", TTL=seconds)
        answer = await self._connection.ask("Lease/LeaseGrant", request, again=True)
        return int(answer.ID)
