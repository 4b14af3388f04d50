"""A queue of keys that still have to be reconciled.

Worked example: `add("a")` and `get() -> "a"`; while a worker is busy with "a", `add("a")` twice:
nobody gets "a". `done("a")`: it is handed out exactly once more. That is how a key is never worked
on by two at a time, and how no change is missed.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from kubepy.base.clock import Clock

K = TypeVar("K")

BASE_DELAY = 0.005  # seconds after the first failure of a key; doubled by each further one
MAX_DELAY = 1000.0  # seconds


class Closed(Exception):
    """The queue was shut and has nothing left to hand out."""


class WorkQueue(Generic[K]):
    """Keys in the order of their first `add`, each at most once, none while it is worked on."""

    def __init__(
        self, clock: Clock, *, base_delay: float = BASE_DELAY, max_delay: float = MAX_DELAY
    ) -> None:
        self._clock = clock
        self._base_delay = base_delay
        self._max_delay = max_delay
        # Keys to hand out, in order. Exactly the keys of _dirty that are not in _busy.
        self._ready: deque[K] = deque()
        # Keys that somebody wants reconciled since they were last handed out.
        self._dirty: set[K] = set()
        # Keys handed out and not yet done. A key in _dirty and _busy is queued by `done`.
        self._busy: set[K] = set()
        # Failures of a key since it was last forgotten.
        self._failures: dict[K, int] = {}
        # (when, order, key): a heap of what to add later; _due holds the earliest moment of a key,
        # an entry that differs from it is stale and dropped when it comes up.
        self._later: list[tuple[float, int, K]] = []
        self._due: dict[K, float] = {}
        self._order = itertools.count()
        self._wakeup = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self.adds = 0  # keys queued, ever
        self.retries = 0  # of them after a failure

    def __len__(self) -> int:
        """How many keys wait to be handed out now."""
        return len(self._ready)

    @property
    def idle(self) -> bool:
        """Nothing waits and nobody works; keys for later do not count."""
        return not self._dirty and not self._busy

    def add(self, key: K) -> None:
        """Have `key` reconciled, once more if it is being worked on."""
        if self._closed or key in self._dirty:
            return
        self._dirty.add(key)
        self.adds += 1
        if key not in self._busy:
            self._ready.append(key)
            self._wakeup.set()

    def add_after(self, key: K, seconds: float) -> None:
        """`add` in so many seconds; of several such moments the earliest counts."""
        if self._closed:
            return
        if seconds <= 0:
            self.add(key)
            return
        when = self._clock.monotonic() + seconds
        if self._due.get(key, when) < when:
            return
        self._due[key] = when
        heapq.heappush(self._later, (when, next(self._order), key))
        self._arm()

    def retry(self, key: K) -> float:
        """`add` after the key's backoff, which this call doubles; return the delay in seconds."""
        self.retries += 1
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay = min(self._base_delay * 2.0 ** min(failures, 60), self._max_delay)
        self.add_after(key, delay)
        return delay

    def failures(self, key: K) -> int:
        """How often the key was retried since it was last forgotten."""
        return self._failures.get(key, 0)

    def forget(self, key: K) -> None:
        """The key succeeded: its backoff starts over."""
        self._failures.pop(key, None)

    async def get(self) -> K:
        """The next key; the caller owes a `done`. Raises Closed after `close`."""
        while not self._ready:
            if self._closed:
                raise Closed
            self._wakeup.clear()
            await self._wakeup.wait()
        key = self._ready.popleft()
        self._dirty.discard(key)
        self._busy.add(key)
        if not self._ready and not self._closed:
            self._wakeup.clear()
        return key

    def done(self, key: K) -> None:
        """The work that `get` began has ended, well or not."""
        self._busy.discard(key)
        if key in self._dirty:
            self._ready.append(key)
            self._wakeup.set()

    def close(self) -> None:
        """Take nothing more; what is queued is still handed out."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        self._wakeup.set()

    async def work(self, reconcile: Callable[[K], Awaitable[None]], on_error: OnError[K]) -> None:
        """A worker: hand keys to `reconcile` until the queue is closed.

        What it raises goes to `on_error` and the key is retried with backoff. This is the one
        broad `except` of a controller.
        """
        while True:
            try:
                key = await self.get()
            except Closed:
                return
            try:
                await reconcile(key)
            except Exception as error:
                delay = self.retry(key)
                on_error(key, error, delay)
            else:
                self.forget(key)
            finally:
                self.done(key)

    def _arm(self) -> None:
        """One timer, for the earliest moment."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._later and not self._closed:
            wait = max(0.0, self._later[0][0] - self._clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(wait, self._add_due)

    def _add_due(self) -> None:
        now = self._clock.monotonic()
        while self._later and self._later[0][0] <= now:
            when, _, key = heapq.heappop(self._later)
            if self._due.get(key) == when:
                del self._due[key]
                self.add(key)
        self._timer = None
        self._arm()


OnError = Callable[[K, Exception, float], None]
