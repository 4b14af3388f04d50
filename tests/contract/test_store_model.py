"""The store against a model: a plain list of writes, asked the same questions."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from kubepy.storage import sqlite
from kubepy.storage.etcd import store as etcd
from kubepy.storage.store import (
    Compacted,
    Conflict,
    Entry,
    FutureRevision,
    Progress,
    Store,
    Stored,
)
from tests.etcd_server import etcd_server, needs_etcd

Open = Callable[[], Awaitable[Store]]

PREFIX = "/registry/"
KEYS = ["/registry/a", "/registry/a/b", "/registry/b", "/registry/é", "/other"]


class Write(Struct, frozen=True):
    """`stale`: how far off the expected revision is; `value` None deletes."""

    key: str
    value: bytes | None
    stale: int


class Compact(Struct, frozen=True):
    """As a part of the revisions written so far, which may have been compacted already."""

    part: float


class Reopen(Struct, frozen=True):
    """Close the store and open it again."""


KEY = st.sampled_from(KEYS)
OPERATIONS = st.lists(
    st.one_of(
        st.builds(
            Write,
            key=KEY,
            value=st.none() | st.binary(max_size=3),
            stale=st.sampled_from([0, 0, 0, 0, 1, -1]),
        ),
        st.builds(Compact, part=st.sampled_from([0.25, 0.5, 0.75, 1.0])),
        st.builds(Reopen),
    ),
    min_size=8,
    max_size=40,
)


class Model:
    """History as a list; the entry at index i has revision i + 2."""

    def __init__(self) -> None:
        self.log: list[Entry] = []
        self.compacted = 0

    @property
    def revision(self) -> int:
        return len(self.log) + 1

    def state(self, revision: int) -> dict[str, Stored]:
        state: dict[str, Stored] = {}
        for entry in self.log[: revision - 1]:
            state.pop(entry.key, None)
            if entry.value is not None:
                state[entry.key] = Stored(entry.key, entry.value, entry.revision, entry.created)
        return state

    def write(self, key: str, value: bytes | None) -> None:
        current = self.state(self.revision).get(key)
        revision = self.revision + 1
        created = current.created if current else revision
        previous = current.value if current else None
        self.log.append(Entry(key, value, revision, created, previous))


async def check_write(store: Store, model: Model, write: Write) -> None:
    current = model.state(model.revision).get(write.key)
    expect = max((current.revision if current else 0) + write.stale, 0)
    if write.value is None and expect == 0:
        return
    if expect == (current.revision if current else 0):
        assert await store.write(write.key, write.value, expect=expect) == model.revision + 1
        model.write(write.key, write.value)
    else:
        with pytest.raises(Conflict) as raised:
            await store.write(write.key, write.value, expect=expect)
        assert raised.value.current == current


async def check_compact(store: Store, model: Model, revision: int) -> None:
    if revision <= model.compacted:
        with pytest.raises(Compacted):
            await store.compact(revision)
    else:
        await store.compact(revision)
        model.compacted = revision


async def check_reads(store: Store, model: Model) -> None:
    """Every question whose answer the model knows, at every revision."""
    assert await store.revision() == model.revision
    for revision in range(1, model.revision + 2):
        state = model.state(revision)
        if revision < model.compacted or revision > model.revision:
            with pytest.raises((Compacted, FutureRevision)):
                await store.list(PREFIX, revision=revision)
            continue
        for key in KEYS:
            assert await store.get(key, revision=revision) == state.get(key)
        expected = [state[key] for key in sorted(state) if key.startswith(PREFIX)]
        assert await pages(store, revision, limit=0) == expected
        assert await pages(store, revision, limit=2) == expected


async def pages(store: Store, revision: int, limit: int) -> list[Stored]:
    page = await store.list(PREFIX, revision=revision, limit=limit)
    items = list(page.items)
    while page.more:
        left = page.remaining
        page = await store.list(PREFIX, revision=revision, limit=limit, after=items[-1].key)
        assert left == len(page.items) + page.remaining
        items += page.items
    return items


async def check_watches(store: Store, model: Model) -> None:
    for after in range(1, model.revision + 1):
        watch = store.watch(PREFIX, after=after)
        if after < model.compacted:
            with pytest.raises(Compacted):
                await anext(watch)
            continue
        for entry in model.log[after - 1 :]:
            if entry.key.startswith(PREFIX):
                assert await anext(watch) == entry
        assert await anext(watch) == Progress(model.revision)


async def run(operations: list[Write | Compact | Reopen], opened: Open, *, lasts: bool) -> None:
    """`lasts`: what is written is still there when the store is opened again."""
    store, model = await opened(), Model()
    for operation in operations:
        match operation:
            case Write():
                await check_write(store, model, operation)
            case Compact(part):
                await check_compact(store, model, max(round(part * model.revision), 1))
            case Reopen() if lasts:
                await store.close()
                store = await opened()
    await check_reads(store, model)
    await check_watches(store, model)
    await store.close()


@settings(max_examples=300)
@given(OPERATIONS)
def test_memory_does_as_the_model(operations: list[Write | Compact | Reopen]) -> None:
    asyncio.run(run(operations, sqlite.open, lasts=False))


@settings(max_examples=25)
@given(OPERATIONS)
def test_file_does_as_the_model(operations: list[Write | Compact | Reopen]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = str(Path(directory) / "state.db")
        asyncio.run(run(operations, partial(sqlite.open, path), lasts=True))


@needs_etcd
@settings(max_examples=15)
@given(OPERATIONS)
def test_etcd_does_as_the_model(operations: list[Write | Compact | Reopen]) -> None:
    with tempfile.TemporaryDirectory() as directory, etcd_server(Path(directory)) as server:
        asyncio.run(run(operations, partial(etcd.open, server.access), lasts=True))
