"""etcd's messages and the Store's values, each as the other. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kubepy import pb
from kubepy.storage.store import Compacted, Entry, Stored

EVERYTHING = b"\0"  # as key and end of a range: all keys there are


def message(name: str, **fields: Any) -> Any:
    return pb.message(f"etcdserverpb.{name}")(**fields)


def to_bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogateescape")


def to_text(key: bytes) -> str:
    """Keys of ours are UTF-8; those of others may be anything, and come back as they were."""
    return key.decode("utf-8", "surrogateescape")


def prefix_end(prefix: bytes) -> bytes:
    """The first key behind every key that starts with `prefix`."""
    head = prefix.rstrip(b"\xff")
    return head[:-1] + bytes((head[-1] + 1,)) if head else EVERYTHING


def header_request(revision: int = 0) -> Any:
    """Ask for nothing but the header, which says how far etcd is; and whether `revision`, if one
    is given, can be read.
    """
    return message("RangeRequest", key=EVERYTHING, revision=revision, count_only=True)


def get_request(key: str, revision: int) -> Any:
    return message("RangeRequest", key=to_bytes(key), revision=revision)


def list_request(prefix: str, revision: int, limit: int, after: str) -> Any:
    start = to_bytes(prefix)
    return message(
        "RangeRequest",
        key=max(to_bytes(after) + b"\0", start) if after else start or EVERYTHING,
        range_end=prefix_end(start),
        revision=revision,
        limit=limit,
    )


def write_request(key: str, value: bytes | None, expect: int, lease: int) -> Any:
    """Put or delete if the key is at the revision `expect`; otherwise tell what is there."""
    name = to_bytes(key)
    condition = message("Compare", target="MOD", key=name, mod_revision=expect)
    if value is None:
        write = message("RequestOp", request_delete_range={"key": name})
    else:
        put = message("PutRequest", key=name, value=value, lease=lease)
        write = message("RequestOp", request_put=put)
    read = message("RequestOp", request_range={"key": name})
    return message("TxnRequest", compare=[condition], success=[write], failure=[read])


def watch_request(after: int) -> Any:
    """Every write to any key that is later than `after`."""
    create = message(
        "WatchCreateRequest",
        key=EVERYTHING,
        range_end=EVERYTHING,
        start_revision=after + 1,
        prev_kv=True,
    )
    return message("WatchRequest", create_request=create)


def stored(pair: Any) -> Stored:
    return Stored(to_text(pair.key), pair.value, pair.mod_revision, pair.create_revision)


def entry(event: Any) -> Entry:
    """Raises Compacted if etcd no longer knows what was there before."""
    pair, before = event.kv, event.prev_kv
    revision = pair.mod_revision
    deleted = event.type  # PUT is 0
    if not before.mod_revision and (deleted or pair.version > 1):
        raise Compacted(revision)
    return Entry(
        to_text(pair.key),
        None if deleted else pair.value,
        revision,
        before.create_revision if deleted else pair.create_revision,
        before.value if before.mod_revision else None,
    )


def entries(events: Iterable[Any], after: int) -> list[Entry]:
    """The entries later than `after`.

    Every revision of an etcd is at least one event of a watch on all keys, so a gap tells that
    events have been lost (etcd before 3.5.15 could, or a restored backup that begins higher):
    raises Compacted, as if history were gone.
    """
    found: list[Entry] = []
    for event in events:
        revision = event.kv.mod_revision
        if revision <= after:
            continue
        if revision > (found[-1].revision if found else after) + 1:
            raise Compacted(after)
        found.append(entry(event))
    return found
