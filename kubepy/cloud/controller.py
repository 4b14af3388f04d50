"""The frame of the cloud's controllers: names of nodes in a queue, one worker a name."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import ClassVar

from kubepy.api.core.v1 import Node
from kubepy.base.clock import Clock
from kubepy.client.client import Client
from kubepy.client.events import Recorder
from kubepy.client.informer import Informer
from kubepy.client.workqueue import WorkQueue
from kubepy.cloud.node.plan import AddressError
from kubepy.cloud.provider import CloudError, Instances, UnknownInstance
from kubepy.meta import errors

WORKERS = 1  # nodes looked at at the same time; the cloud's limits are the reason for few

log = logging.getLogger(__name__)


class NodeController(ABC):
    """A key is a node's name. A subclass says what to do with one, and how often to look again."""

    name: ClassVar[str]  # as --controllers has it

    def __init__(
        self,
        client: Client,
        nodes: Informer[Node],
        instances: Instances,
        recorder: Recorder,
        clock: Clock,
        *,
        period: float,
        workers: int = WORKERS,
    ) -> None:
        self.client = client
        self.nodes = nodes
        self.instances = instances
        self.recorder = recorder
        self.clock = clock
        self.queue: WorkQueue[str] = WorkQueue(clock)
        self._period = period
        self._workers = workers
        self._unknown: dict[
            str, str
        ] = {}  # what was said last of nodes that the cloud does not know
        nodes.subscribe(self._changed)

    @abstractmethod
    def concerns(self, node: Node) -> bool:
        """Whether a change of the node is a reason to look at it at once."""

    @abstractmethod
    async def look(self, node: Node) -> None:
        """One pass over a node."""

    async def run(self) -> None:
        """Work until cancelled."""
        await self.nodes.synced()
        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers):
                group.create_task(self.queue.work(self._reconcile, self._on_error))
            group.create_task(self._look_at_all())

    def _changed(self, old: Node | None, new: Node | None) -> None:
        if new is not None and self.concerns(new):
            self.queue.add(new.metadata.name)

    async def _look_at_all(self) -> None:
        while True:
            await self.clock.sleep(self._period)
            for node in self.nodes.all():
                self.queue.add(node.metadata.name)

    async def _reconcile(self, key: str) -> None:
        node = self.nodes.get(key)
        if node is None:
            self._unknown.pop(key, None)
            return
        try:
            await self.look(node)
        except UnknownInstance as unknown:
            # the next round asks again; what keeps a node closed is worth a line, once
            news = self.concerns(node) and self._unknown.get(key) != str(unknown)
            log.log(logging.INFO if news else logging.DEBUG, "%s: %s", self.name, unknown)
            self._unknown[key] = str(unknown)
        else:
            self._unknown.pop(key, None)

    def _on_error(self, key: str, error: Exception, delay: float) -> None:
        match error:
            case errors.Conflict():
                log.debug("%s: %s: again in %.3fs: %s", self.name, key, delay, error)
            case errors.ApiError() | ConnectionError() | CloudError() | AddressError():
                log.warning("%s: %s: again in %.3fs: %s", self.name, key, delay, error)
            case _:
                log.error("%s: %s: again in %.3fs", self.name, key, delay, exc_info=error)
