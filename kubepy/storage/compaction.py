"""Forgetting old history, a few revisions at a time.

A write that is no later than the horizon has made the write before it unreachable: so each log
row up to there removes the row that its `previous` names, and itself if it is a delete. What the
sweep has not reached yet is invisible, since reads check the horizon first.
"""

from __future__ import annotations

from kubepy.storage.log import Transaction, head
from kubepy.storage.store import Compacted

CHUNK = 200  # revisions; one transaction for 500 would stall writers for 60 ms


def mark(transaction: Transaction, revision: int) -> None:
    """Move the horizon to `revision`: from now on nothing older can be read."""
    known = head(transaction.connection)
    known.check(revision)
    if revision == known.compacted:
        raise Compacted(revision)
    transaction.connection.execute("UPDATE horizon SET compacted = ?", (revision,))


def sweep(transaction: Transaction) -> bool:
    """Remove the next chunk of what the horizon has passed; True: there is more to do.

    It can stop anywhere and be taken up by another process.
    """
    connection = transaction.connection
    compacted, swept = connection.execute("SELECT compacted, swept FROM horizon").fetchone()
    if swept >= compacted:
        return False
    span = (swept + 1, min(swept + CHUNK, compacted))
    connection.execute(
        "DELETE FROM log WHERE revision IN"
        " (SELECT previous FROM log WHERE revision BETWEEN ? AND ?)",
        span,
    )
    connection.execute("DELETE FROM log WHERE revision BETWEEN ? AND ? AND value IS NULL", span)
    connection.execute("UPDATE horizon SET swept = ?", span[1:])
    return bool(span[1] < compacted)
