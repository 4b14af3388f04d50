"""Records, changes and the log of a cache."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kubepy.api.core.v1 import ConfigMap
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.apiserver.watchcache import Cache, Change, Encoding, Log, Record, at
from kubepy.storage.store import Entry, Stored

PREFIX = "/registry/configmaps/"
ENCODING = Encoding(ConfigMap, lambda _: {})


def value(name: str, namespace: str = "n", **labels: str) -> bytes:
    meta = ObjectMeta(name=name, namespace=namespace, labels=labels)
    return ENCODING.stored(ConfigMap(metadata=meta))


def record(name: str = "a", revision: int = 1, **labels: str) -> Record:
    return ENCODING.record(value(name, **labels), revision)


def put(name: str, revision: int, namespace: str = "n") -> Entry:
    return Entry(f"{PREFIX}{namespace}/{name}", value(name, namespace), revision, revision)


def garbage(name: str, revision: int) -> Entry:
    return Entry(f"{PREFIX}n/{name}", b"\xff{", revision, revision)


def gone(name: str, revision: int) -> Entry:
    return Entry(f"{PREFIX}n/{name}", None, revision, revision)


def cache(*names: str) -> Cache:
    made = Cache(ENCODING, PREFIX)
    items = [Stored(f"{PREFIX}n/{name}", value(name), 1, 1) for name in names]
    made.fill(iter(items), 1)
    return made


def test_a_record_bears_its_revision_and_no_kind() -> None:
    made = record("a", 7, x="1")
    assert made.raw.startswith(b'{"metadata":{"resourceVersion":"7","name":"a"')
    assert made.json().startswith(b'{"kind":"ConfigMap","apiVersion":"v1","metadata":')
    assert (made.key, made.labels, made.object.metadata.resourceVersion) == ("n/a", {"x": "1"}, "7")


def test_a_record_at_another_revision() -> None:
    assert at(record("a", 7).raw, 12345) == record("a", 12345).raw


def test_what_differs_in_the_revision_alone_is_the_same() -> None:
    assert ENCODING.same(value("a"), record("a", 7).raw)
    assert not ENCODING.same(value("a", x="1"), record("a", 7).raw)


def test_values_of_another_apiserver_are_read() -> None:
    spaced = b'{ "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"} }'
    assert ENCODING.record(spaced, 3).name == "a"


def test_objects_come_in_the_order_of_the_store() -> None:
    made = cache("b", "a")
    made.apply(put("c", 2, namespace="n-x"))
    made.apply(put("0", 3))
    keys = [found.key for found in made.select()]
    assert keys == sorted(keys) == ["n-x/c", "n/0", "n/a", "n/b"]
    assert [found.name for found in made.select("n", after="n/0")] == ["a", "b"]


def test_a_delete_of_what_is_not_there_is_nothing() -> None:
    made = cache("a")
    made.apply(gone("b", 2))
    assert (len(made), made.log.end) == (1, 0)


def has_x(found: Record) -> bool:
    return "x" in found.labels


@pytest.mark.parametrize(
    ("old", "new", "selects", "seen"),
    [
        pytest.param(None, record(x="1"), has_x, "ADDED", id="comes"),
        pytest.param(record(), record(x="1"), has_x, "ADDED", id="enters"),
        pytest.param(record(x="1"), record(x="2"), has_x, "MODIFIED", id="stays"),
        pytest.param(record(x="1"), record(), has_x, "DELETED", id="leaves"),
        pytest.param(record(x="1"), None, has_x, "DELETED", id="goes"),
        pytest.param(record(), record(), has_x, None, id="passes by"),
        pytest.param(record(), None, has_x, None, id="goes unseen"),
    ],
)
def test_what_a_watcher_sees(
    old: Record | None, new: Record | None, selects: Callable[[Record], bool], seen: str | None
) -> None:
    event = Change(9, new, old).seen_by(selects)
    assert (event and event.type) == seen
    if seen == "DELETED":
        assert event is not None
        assert event.object.metadata.resourceVersion == "9"
        assert event.object.metadata.labels == {"x": "1"}


def test_the_log_keeps_the_newest_and_their_numbers() -> None:
    log = Log(0, size=2)
    for revision in (10, 20, 30, 40):
        log.append(Change(revision, record("a", revision), None))
    assert (log.first, log.end, log.since) == (2, 4, 20)
    assert [change.revision for change in log.after(2)] == [30, 40]
    assert [log.behind(revision) for revision in (20, 29, 30, 40, 99)] == [2, 2, 3, 4, 4]


def test_what_cannot_be_read_is_as_if_it_were_not_there() -> None:
    found = Cache(ENCODING, PREFIX)
    texts = {"a": b"{", "b": b"k8s\0\xff", "c": value("c")}
    found.fill((Stored(f"{PREFIX}n/{name}", text, 1, 1) for name, text in texts.items()), 1)
    assert list(found.records) == ["n/c"]
    found.apply(garbage("a", 2))
    found.apply(garbage("c", 3))
    assert [(c.revision, c.event().type) for c in found.log.after(0)] == [(3, "DELETED")]
    assert found.replayed(garbage("a", 2)) is None


def test_one_revision_is_never_torn_apart() -> None:
    log = Log(0, size=2)
    for revision in (1, 2, 2, 2):
        log.append(Change(revision, record(), None))
    assert (log.since, log.first, log.end) == (2, 4, 4)
