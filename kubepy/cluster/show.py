"""What the user sees of the steps: each as it starts, how long it took, how it ended."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Protocol, TextIO


class Progress(Protocol):
    """Steps are shown one after the other; what a step yields to is not shown."""

    def step(self, title: str) -> contextlib.AbstractContextManager[None]: ...

    def say(self, text: str) -> None: ...


class Plain:
    """For pipes and logs: a line a step, once it has ended."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.say(f" ✗ {title}")
            raise
        self.say(f" ✓ {title} {_took(started)}")

    def say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


class Lively:
    """For terminals: a spinner while a step lasts, and then the line that stays."""

    def __init__(self) -> None:
        from rich.console import Console  # late: only a terminal needs it

        self._console = Console(highlight=False)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        started = time.monotonic()
        with self._console.status(f"{title} …", spinner="dots"):
            try:
                yield
            except BaseException:
                self._console.print(f" [red]✗[/] {title}")
                raise
        self._console.print(f" [green]✓[/] {title} [dim]{_took(started)}[/]")

    def say(self, text: str) -> None:
        self._console.print(text, markup=False)


def progress() -> Progress:
    return Lively() if sys.stdout.isatty() else Plain()


def _took(started: float) -> str:
    seconds = time.monotonic() - started
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
