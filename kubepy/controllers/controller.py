"""The frame of a controller: keys in a queue, and workers that reconcile them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, ClassVar, TypeVar

from kubepy.client.client import Client
from kubepy.client.informer import Informer
from kubepy.client.workqueue import WorkQueue
from kubepy.controllers.context import Context
from kubepy.meta import errors

T = TypeVar("T")


def namespace_ends(error: errors.ApiError) -> bool:
    """Nothing can be made there any more, and what was to be made will not be missed."""
    return any(cause.reason == "NamespaceTerminating" for cause in error.causes)


class Controller:
    """Reconciles one key at a time, and each key by one worker at a time.

    A subclass subscribes to informers when it is made, and adds keys to `queue`; `reconcile`
    looks at the caches and acts. What it raises has the key tried again with backoff.
    """

    name: ClassVar[str]  # as --controllers has it
    workers: ClassVar[int] = 5

    def __init__(self, context: Context) -> None:
        self.client: Client = context.client
        self.clock = context.clock
        self.queue: WorkQueue[str] = WorkQueue(context.clock)
        self._context = context
        self._informers: list[Informer[Any]] = []
        self._log = logging.getLogger(f"kubepy.controllers.{self.name}")

    def watch(self, type: type[T]) -> Informer[T]:
        """The shared informer of a type; `run` waits until it is synced."""
        informer = self._context.informer(type)
        if informer not in self._informers:
            self._informers.append(informer)
        return informer

    async def reconcile(self, key: str) -> None:
        """One level-triggered pass over what `key` names; it may no longer exist."""
        raise AssertionError(f"{self.name} is not driven by keys")

    async def run(self) -> None:
        """Work until cancelled."""
        for informer in self._informers:
            await informer.synced()
        async with asyncio.TaskGroup() as group:
            for _ in range(self.workers):
                group.create_task(self.queue.work(self.reconcile, self._on_error))

    def _on_error(self, key: str, error: Exception, delay: float) -> None:
        match error:
            case errors.Conflict():
                self._log.debug("%s: again in %.3fs: %s", key, delay, error)
            case errors.ApiError() | ConnectionError():
                self._log.warning("%s: again in %.3fs: %s", key, delay, error)
            case _:
                self._log.error("%s: again in %.3fs", key, delay, exc_info=error)
