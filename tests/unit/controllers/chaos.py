"""A transport that makes trouble, by seed: late and lost events, failing requests, lost answers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

from kubepy.client.transport import Event, Listing, Transport
from kubepy.meta import errors
from kubepy.meta.calls import Call

T = TypeVar("T")

WRITES = ("create", "update", "patch", "delete")


class Troubled:
    """Chances are per request or event."""

    def __init__(
        self,
        inner: Transport,
        rng: random.Random,
        *,
        late: float = 0.5,
        broken: float = 0.05,
        expired: float = 0.02,
        failing: float = 0.1,
        unanswered: float = 0.0,
    ) -> None:
        self._inner = inner
        self._rng = rng
        self._late = late
        self._broken = broken
        self._expired = expired
        self._failing = failing
        self._unanswered = unanswered
        self.calm = False  # True: no more trouble

    def _happens(self, chance: float) -> bool:
        return not self.calm and self._rng.random() < chance

    async def _lag(self) -> None:
        if self._happens(self._late):
            await asyncio.sleep(self._rng.uniform(0, 3))

    async def send(self, call: Call, answer: type[T]) -> T:
        if self._happens(self._failing):
            raise ConnectionError("the request was lost")
        result = await self._inner.send(call, answer)
        if call.verb in WRITES and self._happens(self._unanswered):
            raise ConnectionError("the answer was lost")
        return result

    async def list(self, call: Call) -> Listing[Any]:
        if self._happens(self._failing):
            raise ConnectionError("the request was lost")
        listing = await self._inner.list(call)
        await self._lag()
        return listing

    async def watch(self, call: Call) -> AsyncGenerator[Event[Any], None]:
        async with aclosing(self._inner.watch(call)) as events:
            async for event in events:
                await self._lag()
                if self._happens(self._broken):
                    raise ConnectionError("the watch broke")
                if self._happens(self._expired):
                    raise errors.Expired.of("too old resource version")
                yield event

    async def close(self) -> None:
        await self._inner.close()
