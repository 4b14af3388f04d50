"""How long to wait after a failure: exponential, bounded, jittered; a value, not a timer."""

from __future__ import annotations

from random import Random

from msgspec import Struct


class Backoff(Struct, frozen=True):
    """`initial`, then `factor` times longer after each failure, never over `maximum` (seconds).

    `jitter` stretches a delay by up to that part of itself, so that many who failed together do
    not come back together. Example: Backoff(1, 8) waits 1, 2, 4, 8, 8, …
    """

    initial: float
    maximum: float
    factor: float = 2.0
    jitter: float = 0.0

    def delay(self, failures: int, random: Random | None = None) -> float:
        """The wait after the `failures`-th failure in a row, counted from 1."""
        if failures <= 0:
            return 0.0
        delay, steps = self.initial, failures - 1
        while steps and delay < self.maximum:  # no power: it overflows after a day of failures
            delay *= self.factor
            steps -= 1
        delay = min(delay, self.maximum)
        if self.jitter and random is not None:
            delay *= 1 + self.jitter * random.random()
        return delay
