"""What all rules of one object may cost together, and where they are evaluated.

Most objects cost so little that the loop itself asks their rules. Who finds that an object costs
more gives up with `Lengthy`, and begins again in a thread of its own, with all of the budget: there
the interpreter lets the loop have its turns.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

ALL_RULES = 10_000_000  # what the rules of one object may cost
IN_PLACE = 20_000  # what they may cost in the loop: about 10 ms

# One: of two that count, each would only have half of the time, and the loop a third.
_aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rules")
_hurried: ContextVar[bool] = ContextVar("hurried", default=False)


class Lengthy(Exception):
    """The rules of an object cost more than the loop has time for."""


async def asked(rules: Callable[..., None], *args: Any) -> None:
    """Ask an object's rules, a function without effects until it returns."""
    try:
        with _in_place():
            rules(*args)
    except Lengthy:
        await asyncio.get_running_loop().run_in_executor(_aside, rules, *args)


@contextmanager
def _in_place() -> Iterator[None]:
    """Inside, evaluations raise Lengthy when they have cost IN_PLACE."""
    token = _hurried.set(True)
    try:
        yield
    finally:
        _hurried.reset(token)


class Budget:
    """What is left for the rules of one object."""

    def __init__(self) -> None:
        self._hurried = _hurried.get()
        self.left = ALL_RULES

    @property
    def allowance(self) -> int:
        """What may be spent before somebody has to look."""
        return IN_PLACE - self.spent if self._hurried else self.left

    @property
    def spent(self) -> int:
        return ALL_RULES - self.left

    def pay(self, cost: int) -> bool:
        """Whether there was enough. Raises Lengthy."""
        if self._hurried and self.spent + cost > IN_PLACE:
            raise Lengthy
        affordable = cost <= self.left
        self.left = self.left - cost if affordable else -1
        return affordable
