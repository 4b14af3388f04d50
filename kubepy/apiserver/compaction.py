"""Forgetting history: now and then the store drops what was overwritten a while ago."""

from __future__ import annotations

import logging

from kubepy.base.clock import Clock
from kubepy.storage.store import Compacted, StorageError, Store

log = logging.getLogger(__name__)


async def run(store: Store, clock: Clock, seconds: float) -> None:
    """Every `seconds`, forget what was history the last time; for ever.

    So a continue token or a watch that is resumed has at least that long.
    """
    done = before = await store.revision()
    while True:
        await clock.sleep(seconds)
        try:
            if before > done and await store.take_turn(before):
                await _forget(store, before)
            done, before = before, await store.revision()
        except StorageError as problem:
            log.warning("history is kept for now: %s", problem)


async def _forget(store: Store, revision: int) -> None:
    try:
        await store.compact(revision)
        log.debug("compacted the store up to revision %d", revision)
    except Compacted:
        log.debug("somebody else has compacted the store beyond revision %d", revision)
