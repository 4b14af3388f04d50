"""The life of a binary: read the command line, run until told to stop, end with a status.

`main` owns the event loop and the signals: SIGTERM and SIGINT cancel the binary's one root task,
and cancellation is how everything below it stops. No traceback reaches a user unless the mistake
is ours: what is expected to go wrong is a `Failure`, printed in one line.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NoReturn, TypeVar

from kubepy.base import flags, logging
from kubepy.base.tls import TLSError

C = TypeVar("C")

EXIT_FAILED = 1
CLOSED = "; the handler is closed"  # how uvloop ends its words about a closed connection


class Failure(Exception):
    """The binary cannot go on, and whoever runs it can do something about it: one line."""


def main(
    program: flags.Program[C],
    run: Callable[[C], Awaitable[None]],
    arguments: Sequence[str] | None = None,
) -> NoReturn:
    """Run a binary and exit: 0 after a stop that was asked for, 1 after a failure."""
    try:
        invocation = program.parse(sys.argv[1:] if arguments is None else arguments)
    except flags.Answer as answer:
        print(answer)
        sys.exit(0)
    except flags.UsageError as error:
        _say(program.name, f"error: {error}")
        sys.exit(EXIT_FAILED)
    for warning in invocation.warnings:
        _say(program.name, f"warning: {warning}")
    logging.configure(invocation.verbosity, invocation.log_format)
    sys.exit(run_until_signal(program.name, lambda: run(invocation.config)))


def run_until_signal(name: str, start: Callable[[], Awaitable[None]]) -> int:
    """Run `start()` on a fresh loop until it ends or a signal stops it; the exit status."""
    import uvloop

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_supervise(start))
    except KeyboardInterrupt:
        return 0
    except BaseExceptionGroup as group:
        failures = [error for error in _leaves(group) if isinstance(error, EXPECTED)]
        if not failures:
            raise
        for failure in failures:
            _say(name, f"error: {describe(failure)}")
        return EXIT_FAILED
    except EXPECTED as failure:
        _say(name, f"error: {describe(failure)}")
        return EXIT_FAILED
    return 0


EXPECTED = (Failure, flags.UsageError, TLSError, OSError)


def describe(error: BaseException) -> str:
    """One line: what happened, and to which file."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return " ".join(str(error).split()) or type(error).__name__


async def _supervise(start: Callable[[], Awaitable[None]]) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(start())
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if stopping:  # told twice: whoever does that wants out now
            os._exit(EXIT_FAILED)
        stopping = True
        task.cancel()

    loop.set_exception_handler(complain)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not stopping:
            raise


def complain(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """The loop's exception handler: what nobody waited for is a mistake of ours, but for one thing.

    uvloop's TLS goes on with what it has read after its connection was closed, cannot write the
    answer, and calls that fatal; it is over anyway.
    """
    error = context.get("exception")
    if isinstance(error, RuntimeError) and str(error).endswith(CLOSED):
        return
    loop.default_exception_handler(context)


def _leaves(group: BaseExceptionGroup) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def _say(name: str, line: str) -> None:
    print(f"{name}: {line}", file=sys.stderr, flush=True)
