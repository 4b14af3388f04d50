"""What controllers share: a client, the time, one informer a type, and recorders of events."""

from __future__ import annotations

import asyncio
import random
from typing import Any, TypeVar

from kubepy.base.clock import Clock
from kubepy.client.client import Client
from kubepy.client.events import Recorder
from kubepy.client.informer import Informer

T = TypeVar("T")


class Context:
    """The surroundings of controllers. `run` keeps them current; it must be somebody's task."""

    def __init__(self, client: Client, clock: Clock, rng: random.Random) -> None:
        self.client = client
        self.clock = clock
        self.rng = rng
        self._informers: dict[type[Any], Informer[Any]] = {}
        self._recorders: dict[str, Recorder] = {}
        self._tasks: dict[Any, asyncio.Task[None]] = {}
        self._group: asyncio.TaskGroup | None = None

    def informer(self, type: type[T]) -> Informer[T]:
        """The one informer of a type; made, and started, when first asked for."""
        if type not in self._informers:
            informer = Informer(self.client, type, clock=self.clock, rng=self.rng)
            self._informers[type] = informer
            self._start(informer)
        return self._informers[type]

    def drop(self, type: type[Any]) -> None:
        """Nobody follows a type any more: its informer ends."""
        informer = self._informers.pop(type, None)
        task = self._tasks.pop(informer, None)
        if task is not None:
            task.cancel()

    def recorder(self, component: str) -> Recorder:
        """The recorder of events that come from `component`."""
        if component not in self._recorders:
            recorder = Recorder(self.client, component, clock=self.clock)
            self._recorders[component] = recorder
            self._start(recorder)
        return self._recorders[component]

    @property
    def synced(self) -> bool:
        """Every informer has its first list."""
        return all(informer.is_synced for informer in self._informers.values())

    async def run(self) -> None:
        """Run the informers and recorders, also those that are asked for later."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for informer in self._informers.values():
                self._start(informer)
            for recorder in self._recorders.values():
                self._start(recorder)
            await asyncio.Event().wait()

    def _start(self, part: Informer[Any] | Recorder) -> None:
        if self._group is not None:
            self._tasks[part] = self._group.create_task(part.run())
