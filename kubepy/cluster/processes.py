"""Processes that outlive the command which started them, and are found again later.

A PID alone is no name: the kernel gives it to somebody else once the process is gone. Together
with the moment of its start and the machine's boot it is, so nobody else's process is ever killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

POLL = 0.005  # seconds between two looks at a process that ends


class Process(Struct, frozen=True):
    """`started` is in clock ticks since boot, as /proc/<pid>/stat has it."""

    pid: int
    started: int
    boot: str


class Timeout(Exception):
    """A process did not do in time what it was to do."""


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def identify(pid: int) -> Process | None:
    """The process that has this PID now; None if there is none, or only what is left of one."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    if fields[0] in "ZX":
        return None
    return Process(pid, int(fields[19]), boot_id())


def is_alive(process: Process | None) -> bool:
    return process is not None and identify(process.pid) == process


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    keep: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a process of its own session that goes on when this one ends; output goes to `log`.

    `keep` are file descriptors that it inherits.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            pass_fds=keep,
        )


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Look until `condition` holds. Raises Timeout."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Timeout(f"{what}: nothing after {seconds:.0f} s")
        time.sleep(POLL)


def stop(process: Process | None, *, grace: float) -> None:
    """End a process: SIGTERM, then SIGKILL after `grace` seconds. Ends when it is gone."""
    if process is None or not is_alive(process):
        return
    if grace > 0:
        _signal(process, signal.SIGTERM)
        try:
            wait_until(lambda: not is_alive(process), grace, "SIGTERM")
            return
        except Timeout:
            pass
    _signal(process, signal.SIGKILL)
    wait_until(lambda: not is_alive(process), 30, f"SIGKILL of process {process.pid}")


def _signal(process: Process, number: signal.Signals) -> None:
    try:
        handle = os.pidfd_open(process.pid)  # from here on the PID cannot change hands
    except ProcessLookupError:
        return
    try:
        if is_alive(process):
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)


def last_words(log: Path, *, since: int = 0, lines: int = 3) -> str:
    """The end of a log, from byte `since` on, as one line: why a process ended."""
    try:
        text = log.read_bytes()[since:].decode(errors="replace").strip()
    except OSError:
        return ""
    return " | ".join(text.splitlines()[-lines:])
