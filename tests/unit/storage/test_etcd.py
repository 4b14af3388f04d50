"""What the store on etcd decides without an etcd."""

from __future__ import annotations

import asyncio

import pytest

from kubepy.storage.etcd import messages
from kubepy.storage.etcd.connection import Access, target_of
from kubepy.storage.etcd.leases import MOST_KEYS, Lease, Leases, serves
from kubepy.storage.etcd.messages import message
from kubepy.storage.etcd.newest import Newest
from kubepy.storage.store import Compacted, Entry, StorageError


@pytest.mark.parametrize(
    ("prefix", "end"),
    [
        pytest.param(b"/registry/pods/", b"/registry/pods0", id="the next byte"),
        pytest.param(b"a\xff", b"b", id="a last byte that has no next"),
        pytest.param(b"\xff\xff", b"\0", id="nothing behind it"),
        pytest.param(b"", b"\0", id="everything"),
    ],
)
def test_prefix_end(prefix: bytes, end: bytes) -> None:
    assert messages.prefix_end(prefix) == end


@pytest.mark.parametrize(
    ("after", "key"),
    [
        pytest.param("", b"/p/", id="from the start"),
        pytest.param("/p/a", b"/p/a\0", id="behind a key"),
        pytest.param("/a", b"/p/", id="behind a key before the prefix"),
    ],
)
def test_a_list_begins(after: str, key: bytes) -> None:
    asked = messages.list_request("/p/", 7, 10, after)
    assert (asked.key, asked.range_end, asked.revision, asked.limit) == (key, b"/p0", 7, 10)


def test_keys_of_others_may_be_anything() -> None:
    assert messages.to_bytes(messages.to_text(b"\xff/\xc3\xa9")) == b"\xff/\xc3\xa9"


def put(key: str, revision: int, *, created: int = 0, before: str = "") -> object:
    pair = {
        "key": key.encode(),
        "value": b"v",
        "mod_revision": revision,
        "create_revision": created or revision,
        "version": 2 if created else 1,
    }
    previous = {"value": before.encode(), "mod_revision": 1} if before else None
    return message_event(type="PUT", kv=pair, prev_kv=previous)


def delete(key: str, revision: int, *, created: int) -> object:
    pair = {"key": key.encode(), "mod_revision": revision}
    previous = {"value": b"v", "mod_revision": created, "create_revision": created}
    return message_event(type="DELETE", kv=pair, prev_kv=previous)


def message_event(**fields: object) -> object:
    return message("WatchResponse", events=[fields]).events[0]


def test_events_become_entries() -> None:
    events = [
        put("/a", 5),  # seen before
        put("/a", 6, created=5, before="old"),
        delete("/b", 7, created=2),
        delete("/c", 7, created=3),
        put("/d", 8),
    ]
    assert messages.entries(events, 5) == [
        Entry("/a", b"v", 6, 5, b"old"),
        Entry("/b", None, 7, 2, b"v"),
        Entry("/c", None, 7, 3, b"v"),
        Entry("/d", b"v", 8, 8, None),
    ]


@pytest.mark.parametrize(
    "events",
    [
        pytest.param([put("/a", 7)], id="the first is not the next"),
        pytest.param([put("/a", 6), put("/b", 8)], id="one is missing between"),
        pytest.param([put("/a", 6, created=2)], id="what was there before is forgotten"),
    ],
)
def test_what_is_missing_is_noticed(events: list[object]) -> None:
    with pytest.raises(Compacted):
        messages.entries(events, 5)


@pytest.mark.parametrize(
    ("lease", "seconds", "now", "wanted"),
    [
        pytest.param(Lease(1, 3660), 3600, 0, True, id="just granted"),
        pytest.param(Lease(1, 3660), 3600, 59, True, id="within a minute"),
        pytest.param(Lease(1, 3660), 3600, 61, False, id="later it would end too early"),
        pytest.param(Lease(1, 3660), 600, 0, False, id="far too long"),
        pytest.param(Lease(1, 3660, MOST_KEYS), 3600, 0, False, id="full"),
        pytest.param(Lease(0, 0.0), 3600, 0, False, id="none yet"),
    ],
)
def test_a_lease_serves(lease: Lease, seconds: int, now: float, wanted: bool) -> None:
    assert serves(lease, seconds, now) is wanted


class HandClock:
    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


async def test_events_of_a_minute_share_a_lease() -> None:
    clock, granted = HandClock(), []

    async def grant(seconds: int) -> int:
        granted.append(seconds)
        return len(granted)

    leases = Leases(clock, grant)
    assert await asyncio.gather(*(leases.lease(3600) for _ in range(5))) == [1] * 5
    clock.time = 50.0
    assert await leases.lease(3600) == 1
    clock.time = 70.0
    assert await leases.lease(3600) == 2
    leases.forget(2)
    assert await leases.lease(3600) == 3
    assert await leases.lease(15) == 4
    assert await leases.lease(3600) == 3
    assert granted == [3660, 3660, 3660, 15]


@pytest.mark.parametrize(
    ("server", "access", "target"),
    [
        pytest.param("http://127.0.0.1:2379", Access(()), ("127.0.0.1:2379", False), id="plain"),
        pytest.param("https://etcd.a:2379/", Access(()), ("etcd.a:2379", True), id="TLS"),
        pytest.param("https://[fd00::1]:2379", Access(()), ("[fd00::1]:2379", True), id="IPv6"),
        pytest.param("unix:///run/e.sock", Access(()), ("unix:/run/e.sock", False), id="a socket"),
        pytest.param("10.0.0.1:2379", Access(()), ("10.0.0.1:2379", False), id="no scheme"),
        pytest.param(
            "10.0.0.1:2379", Access((), ca_file="/ca"), ("10.0.0.1:2379", True), id="but a CA"
        ),
    ],
)
def test_the_name_of_a_server(server: str, access: Access, target: tuple[str, bool]) -> None:
    assert target_of(server, access) == target


@pytest.mark.parametrize("server", ["ftp://a:1", "https://a", "http://:2379", "http://a:x", ""])
def test_what_is_no_server_is_named(server: str) -> None:
    with pytest.raises(StorageError, match="no URL of an etcd"):
        target_of(server, Access(()))


async def test_a_question_answers_only_those_who_came_before_it() -> None:
    asked: list[asyncio.Future[int]] = []

    async def question() -> int:
        asked.append(asyncio.get_running_loop().create_future())
        return await asked[-1]

    async def settle() -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    newest = Newest(question)
    first = [asyncio.create_task(newest.ask()) for _ in range(3)]
    await settle()
    later = [asyncio.create_task(newest.ask()) for _ in range(3)]
    await settle()
    assert len(asked) == 1
    asked[0].set_result(7)
    await settle()
    assert len(asked) == 2
    asked[1].set_result(9)
    assert await asyncio.gather(*first, *later) == [7, 7, 7, 9, 9, 9]


async def test_who_asks_after_a_failure_is_answered() -> None:
    answers = iter([StorageError("gone"), 5])

    async def question() -> int:
        answer = next(answers)
        if isinstance(answer, StorageError):
            raise answer
        return answer

    newest = Newest(question)
    with pytest.raises(StorageError, match="gone"):
        await newest.ask()
    assert await newest.ask() == 5
