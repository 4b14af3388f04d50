"""The end of the log in memory, where one revision may be several entries."""

from __future__ import annotations

import pytest

from kubepy.storage.store import Entry
from kubepy.storage.tail import KEEP_ENTRIES, Tail


def entry(revision: int, key: str = "/a") -> Entry:
    return Entry(key, b"x", revision, revision)


@pytest.mark.parametrize(
    ("position", "revisions"),
    [
        pytest.param(4, None, id="older than what is kept"),
        pytest.param(5, [6, 6, 9], id="where it begins"),
        pytest.param(6, [9], id="behind all entries of a revision"),
        pytest.param(7, [9], id="between two"),
        pytest.param(9, [], id="the end"),
        pytest.param(12, [], id="the future"),
    ],
)
def test_since(position: int, revisions: list[int] | None) -> None:
    tail = Tail(5)
    tail.publish([entry(6, "/a"), entry(6, "/b")])
    tail.publish([entry(9)])
    found = tail.since(position)
    assert (None if found is None else [e.revision for e in found]) == revisions


def test_a_revision_is_dropped_whole() -> None:
    tail = Tail(1)
    tail.publish([entry(2) for _ in range(KEEP_ENTRIES)])
    tail.publish([entry(3)])
    assert tail.since(1) is None
    found = tail.since(2)
    assert found is not None and [e.revision for e in found] == [3]


def test_what_was_skipped_has_to_be_read_elsewhere() -> None:
    tail = Tail(1)
    tail.publish([entry(2)])
    tail.skip_to(10)
    assert tail.revision == 10
    assert tail.since(2) is None
    assert tail.since(10) == []
