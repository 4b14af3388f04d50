"""What every store does, whatever it keeps its log in. Add a back end to `backend`, and pass."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest

from kubepy.storage import sqlite
from kubepy.storage.etcd import store as etcd
from kubepy.storage.etcd.connection import Connection, Timing
from kubepy.storage.etcd.messages import message
from kubepy.storage.store import (
    Compacted,
    Conflict,
    Entry,
    FutureRevision,
    Progress,
    StorageError,
    Store,
    Stored,
)
from tests.etcd_server import etcd_server, needs_etcd

A, B, C = "/registry/pods/default/a", "/registry/pods/default/b", "/registry/pods/default/c"
PODS = "/registry/pods/"


class HandClock:
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self._now = 1_000_000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        wake = asyncio.get_running_loop().create_future()
        self._sleepers.append((self._now + seconds, wake))
        await wake

    def advance(self, seconds: float) -> None:
        self._now += seconds
        for when, wake in self._sleepers:
            if when <= self._now and not wake.done():
                wake.set_result(None)


class Backend(Protocol):
    """Makes a store of one kind, and lets time pass for it."""

    def store(self, directory: Path, clock: HandClock) -> AbstractAsyncContextManager[Store]: ...

    async def pass_time(self, seconds: float) -> None: ...


class Sqlite:
    """It goes by the clock that it is given."""

    def __init__(self, file: str) -> None:
        self._file = file

    @asynccontextmanager
    async def store(self, directory: Path, clock: HandClock) -> AsyncIterator[Store]:
        self._clock = clock
        path = str(directory / self._file) if self._file else sqlite.MEMORY
        store = await sqlite.open(path, clock=clock)
        yield store
        await store.close()

    async def pass_time(self, seconds: float) -> None:
        self._clock.advance(seconds)


class Etcd:
    """It has a clock of its own; what it does when a lease is over is to revoke it."""

    def __init__(self) -> None:
        self._now = 0.0

    @asynccontextmanager
    async def store(self, directory: Path, clock: HandClock) -> AsyncIterator[Store]:
        with etcd_server(directory) as server:
            self._access = server.access
            store = await etcd.open(server.access, clock=clock)
            yield store
            await store.close()

    async def pass_time(self, seconds: float) -> None:
        self._now += seconds
        connection = Connection(self._access, Timing())
        found = await connection.ask("Lease/LeaseLeases", message("LeaseLeasesRequest"), again=True)
        for lease in found.leases:
            asked = message("LeaseTimeToLiveRequest", ID=lease.ID)
            told = await connection.ask("Lease/LeaseTimeToLive", asked, again=True)
            if told.grantedTTL <= self._now:
                over = message("LeaseRevokeRequest", ID=lease.ID)
                await connection.ask("Lease/LeaseRevoke", over, again=False)
        await connection.close()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(
    params=[
        pytest.param(lambda: Sqlite(""), id="sqlite in memory"),
        pytest.param(lambda: Sqlite("state.db"), id="sqlite file"),
        pytest.param(Etcd, id="etcd", marks=needs_etcd),
    ]
)
def backend(request: pytest.FixtureRequest) -> Backend:
    made: Backend = request.param()
    return made


@pytest.fixture
async def store(backend: Backend, tmp_path: Path, clock: HandClock) -> AsyncIterator[Store]:
    async with backend.store(tmp_path, clock) as store:
        yield store


def next_of(watch: AsyncIterator[Entry | Progress]) -> asyncio.Task[Entry | Progress | None]:
    """Wait for the watch in the background; None: it ended."""

    async def wait() -> Entry | Progress | None:
        return await anext(watch, None)

    return asyncio.create_task(wait())


async def caught_up(store: Store, prefix: str, after: int) -> list[Entry]:
    """What a watch delivers until it has read all there is."""
    entries: list[Entry] = []
    async for item in store.watch(prefix, after=after):
        if isinstance(item, Progress):
            return entries
        entries.append(item)
    raise AssertionError("the watch ended")


# --- writing


async def test_first_write_of_an_empty_store_is_revision_2(store: Store) -> None:
    assert await store.revision() == 1
    assert await store.write(A, b"x", expect=0) == 2
    assert await store.revision() == 2


async def test_revisions_are_global_and_created_outlives_updates(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    await store.write(B, b"y", expect=0)
    await store.write(A, b"z", expect=2)
    assert await store.get(A) == Stored(A, b"z", revision=4, created=2)
    assert await store.get(B) == Stored(B, b"y", revision=3, created=3)


async def test_deleted_key_is_absent_and_is_created_anew(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    assert await store.write(A, None, expect=2) == 3
    assert await store.get(A) is None
    assert await store.write(A, b"y", expect=0) == 4
    assert await store.get(A) == Stored(A, b"y", revision=4, created=4)


@pytest.mark.parametrize(
    ("value", "expect", "current"),
    [
        pytest.param(b"y", 0, Stored(A, b"x", 2, 2), id="create what exists"),
        pytest.param(b"y", 1, Stored(A, b"x", 2, 2), id="update from an older revision"),
        pytest.param(b"y", 9, Stored(A, b"x", 2, 2), id="update from a revision to come"),
        pytest.param(None, 1, Stored(A, b"x", 2, 2), id="delete from an older revision"),
    ],
)
async def test_conflict_tells_what_is_there_and_writes_nothing(
    store: Store, value: bytes | None, expect: int, current: Stored
) -> None:
    await store.write(A, b"x", expect=0)
    with pytest.raises(Conflict) as raised:
        await store.write(A, value, expect=expect)
    assert raised.value.current == current
    assert await store.revision() == 2
    assert await store.get(A) == current


@pytest.mark.parametrize("value", [b"x", None], ids=["update", "delete"])
async def test_conflict_on_what_is_absent(store: Store, value: bytes | None) -> None:
    with pytest.raises(Conflict) as raised:
        await store.write(A, value, expect=2)
    assert raised.value.current is None


async def test_one_of_many_rivals_wins(store: Store) -> None:
    answers = await asyncio.gather(
        *(store.write(A, b"%d" % n, expect=0) for n in range(20)), return_exceptions=True
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 19
    winner = answers.index(2)
    assert await store.get(A) == Stored(A, b"%d" % winner, 2, 2)


async def test_concurrent_writes_get_a_revision_each(store: Store) -> None:
    revisions = await asyncio.gather(
        *(store.write(f"{PODS}default/{n}", b"x", expect=0) for n in range(1_000))
    )
    assert sorted(revisions) == list(range(2, 1_002))


# --- reading


async def test_any_bytes_and_any_size(store: Store) -> None:
    value = bytes(range(256)) * 4_000
    await store.write(A, value, expect=0)
    await store.write(B, b"", expect=0)
    assert (await store.list(PODS)).items == [Stored(A, value, 2, 2), Stored(B, b"", 3, 3)]


async def test_get_at_each_revision(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    await store.write(B, b"-", expect=0)
    await store.write(A, b"y", expect=2)
    await store.write(A, None, expect=4)
    values = [await store.get(A, revision=r) for r in range(1, 6)]
    x = Stored(A, b"x", 2, 2)
    assert values == [None, x, x, Stored(A, b"y", 4, 2), None]


async def test_list_is_ordered_and_keeps_to_the_prefix(store: Store) -> None:
    keys = ["/registry/pods/b/1", "/registry/pods/a/2", "/registry/pods", "/registry/podsx/a"]
    keys += ["/registry/pods/a/é", "/registry/pods/a/10"]
    for key in keys:
        await store.write(key, b"x", expect=0)
    page = await store.list(PODS)
    assert [item.key for item in page.items] == [
        "/registry/pods/a/10",
        "/registry/pods/a/2",
        "/registry/pods/a/é",
        "/registry/pods/b/1",
    ]
    assert (page.revision, page.more, page.remaining) == (7, False, 0)


async def test_pages_show_one_revision_whatever_is_written_meanwhile(store: Store) -> None:
    keys = [f"{PODS}{n:02}" for n in range(10)]
    for key in keys:
        await store.write(key, b"old", expect=0)
    page = await store.list(PODS, limit=4)
    assert (page.revision, page.more, page.remaining) == (11, True, 6)
    seen = list(page.items)
    await store.write(keys[5], b"new", expect=7)
    await store.write(keys[6], None, expect=8)
    await store.write(f"{PODS}055", b"new", expect=0)
    while page.more:
        page = await store.list(PODS, revision=page.revision, limit=4, after=page.items[-1].key)
        assert page.revision == 11
        seen += page.items
        assert page.remaining == 10 - len(seen)
    assert seen == [Stored(key, b"old", n, n) for n, key in enumerate(keys, 2)]


async def test_a_page_that_takes_all_says_so(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    await store.write(B, b"x", expect=0)
    page = await store.list(PODS, limit=2)
    assert (len(page.items), page.more, page.remaining) == (2, False, 0)


async def test_the_future_cannot_be_read(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    with pytest.raises(FutureRevision) as raised:
        await store.get(A, revision=3)
    assert raised.value.revision == 2
    with pytest.raises(FutureRevision):
        await store.list(PODS, revision=3)


# --- watching


async def test_watch_delivers_history_then_what_comes(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    await store.write(A, b"y", expect=2)
    watch = store.watch(PODS, after=2)
    assert await anext(watch) == Entry(A, b"y", 3, created=2, previous=b"x")
    assert await anext(watch) == Progress(3)
    waiting = next_of(watch)
    await store.write("/registry/nodes/a", b"-", expect=0)
    await store.write(A, None, expect=3)
    assert await waiting == Entry(A, None, 5, created=2, previous=b"y")


async def test_every_watch_gets_every_write_once_in_order(store: Store) -> None:
    async def follow(after: int) -> list[int]:
        revisions = []
        async for item in store.watch(PODS, after=after):
            if isinstance(item, Entry):
                revisions.append(item.revision)
                if item.revision % 7 == 0:
                    await asyncio.sleep(0)  # fall behind a little
                if item.revision == 3_001:
                    return revisions
        raise AssertionError("the watch ended")

    async def write(first: int) -> None:
        for n in range(first, 3_000, 30):
            await store.write(f"{PODS}{n}", b"x", expect=0)

    watches = [asyncio.create_task(follow(after)) for after in (1, 1, 1)]
    await asyncio.gather(*(write(n) for n in range(30)))
    late = [asyncio.create_task(follow(after)) for after in (1, 2_500)]
    everything = list(range(2, 3_002))
    assert await asyncio.gather(*watches) == [everything] * 3
    assert await asyncio.gather(*late) == [everything, everything[2_499:]]


async def test_progress_on_request_covers_writes_elsewhere(store: Store) -> None:
    watch = store.watch(PODS, after=1)
    assert await anext(watch) == Progress(1)
    waiting = next_of(watch)
    await store.write("/registry/nodes/a", b"x", expect=0)
    await store.request_progress(2)
    assert await waiting == Progress(2)


async def test_watch_survives_a_cancelled_wait(store: Store) -> None:
    watch = store.watch(PODS, after=1)
    assert await anext(watch) == Progress(1)
    for _ in range(3):
        waiting = next_of(watch)
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await store.write(A, b"x", expect=0)
    assert await anext(watch) == Entry(A, b"x", 2, created=2)


async def test_close_ends_watches_and_refuses_the_rest(store: Store) -> None:
    watch = store.watch(PODS, after=1)
    assert await anext(watch) == Progress(1)
    waiting = next_of(watch)
    await asyncio.sleep(0)
    await store.close()
    assert await waiting is None
    with pytest.raises(StorageError, match="closed"):
        await store.get(A)
    with pytest.raises(StorageError, match="closed"):
        await store.write(A, b"x", expect=0)


# --- compacting


async def test_compaction_keeps_its_own_revision_and_what_is_later(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    await store.write(A, b"y", expect=2)
    await store.write(B, b"z", expect=0)
    await store.write(A, b"w", expect=3)
    await store.compact(3)
    assert await store.get(A, revision=3) == Stored(A, b"y", 3, 2)
    assert (await store.list(PODS, revision=4)).items == [
        Stored(A, b"y", 3, 2),
        Stored(B, b"z", 4, 4),
    ]
    assert await caught_up(store, PODS, 3) == [
        Entry(B, b"z", 4, created=4),
        Entry(A, b"w", 5, created=2, previous=b"y"),
    ]


async def test_what_was_compacted_is_refused(store: Store) -> None:
    for expect in (0, 2, 3, 4):
        await store.write(A, b"x", expect=expect)
    await store.compact(5)
    with pytest.raises(Compacted, match="revision 4 has been compacted"):
        await store.get(A, revision=4)
    with pytest.raises(Compacted):
        await store.list(PODS, revision=4)
    with pytest.raises(Compacted):
        await anext(store.watch(PODS, after=2))
    with pytest.raises(Compacted):
        await store.compact(5)


async def test_compacting_the_future_is_refused(store: Store) -> None:
    with pytest.raises(FutureRevision):
        await store.compact(2)


async def test_compacting_a_delete_at_the_head_does_not_reuse_its_revision(store: Store) -> None:
    await store.write(A, b"x", expect=0)
    await store.write(A, None, expect=2)
    await store.compact(3)
    assert (await store.list(PODS)).revision == 3
    assert await store.write(A, b"y", expect=0) == 4


async def test_writes_go_on_while_much_is_compacted(store: Store) -> None:
    revision = 0
    for _ in range(1_000):
        revision = await store.write(A, b"x", expect=revision)
    compaction = asyncio.create_task(store.compact(revision - 1))
    for _ in range(50):
        revision = await store.write(A, b"y", expect=revision)
    await compaction
    assert await store.get(A) == Stored(A, b"y", revision, 2)
    assert len(await caught_up(store, PODS, 1_000)) == 51


async def test_who_is_alone_compacts_at_every_turn(store: Store) -> None:
    for expect in (0, 2, 3):
        await store.write(A, b"x", expect=expect)
    assert [await store.take_turn(revision) for revision in (2, 3, 4)] == [True] * 3


# --- leases


async def test_lease_deletes_by_an_ordinary_write(store: Store, backend: Backend) -> None:
    await store.write(A, b"x", expect=0, lease=60)
    await store.write(B, b"y", expect=0)
    watch = store.watch(PODS, after=3)
    assert await anext(watch) == Progress(3)
    waiting = next_of(watch)
    await backend.pass_time(70)
    assert await waiting == Entry(A, None, 4, created=2, previous=b"x")
    assert [item.key for item in (await store.list(PODS)).items] == [B]


async def test_a_later_write_renews_or_removes_the_lease(store: Store, backend: Backend) -> None:
    for key in (A, B, C):
        await store.write(key, b"x", expect=0, lease=60)
    watch = store.watch(PODS, after=6)
    await store.write(A, b"y", expect=2, lease=600)
    await store.write(B, b"y", expect=3)
    assert await anext(watch) == Progress(6)
    waiting = next_of(watch)
    await backend.pass_time(70)
    assert await waiting == Entry(C, None, 7, created=4, previous=b"x")
    waiting = next_of(watch)
    await backend.pass_time(700)
    assert await waiting == Entry(A, None, 8, created=2, previous=b"y")


async def test_a_shorter_lease_overtakes_a_longer_one(store: Store, backend: Backend) -> None:
    await store.write(A, b"x", expect=0, lease=3_600)
    await store.write(B, b"x", expect=0, lease=15)
    watch = store.watch(PODS, after=3)
    assert await anext(watch) == Progress(3)
    waiting = next_of(watch)
    await backend.pass_time(20)
    assert await waiting == Entry(B, None, 4, created=3, previous=b"x")
