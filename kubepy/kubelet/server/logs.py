"""Container logs as the runtime writes them, and as `kubectl logs` wants them.

2026-01-02T03:04:05.678901234Z stdout F a whole line
2026-01-02T03:04:05.678901234Z stderr P a piece of a long lin
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from msgspec import Struct

from kubepy.base.clock import Clock

BLOCK = 64 * 1024  # bytes a read
FOLLOW_SECONDS = 0.1  # between looks at a file that somebody follows


class LogOptions(Struct, frozen=True, kw_only=True):
    """What of the log is wanted; `since` is an RFC 3339 moment, -1 means no limit."""

    follow: bool = False
    timestamps: bool = False
    tail_lines: int = -1
    limit_bytes: int = -1
    since: str = ""
    stream: str = "All"  # All, Stdout or Stderr


def render(line: bytes, options: LogOptions) -> bytes:
    """One line of the file as the reader gets it; empty if it is not wanted."""
    stamp, _, rest = line.partition(b" ")
    stream, _, rest = rest.partition(b" ")
    tag, _, text = rest.partition(b" ")
    if options.stream != "All" and stream != options.stream.lower().encode():
        return b""
    if options.since and _instant(stamp) < _instant(options.since.encode()):
        return b""
    if not tag.startswith(b"P"):
        text += b"\n"
    return stamp + b" " + text if options.timestamps else text


def _instant(stamp: bytes) -> tuple[bytes, bytes]:
    """A key that orders RFC 3339 moments in UTC with any number of digits."""
    seconds, _, fraction = stamp.rstrip(b"Z").partition(b".")
    return seconds, fraction.ljust(9, b"0")


def tail_offset(path: Path, lines: int) -> int:
    """Where the last `lines` lines begin. Reads from the end, as little as that takes."""
    with path.open("rb") as file:
        size = position = file.seek(0, os.SEEK_END)
        if lines <= 0:
            return size
        found = 0
        while position > 0:
            start = max(0, position - BLOCK)
            file.seek(start)
            block = file.read(position - start)
            at = len(block)
            while (at := block.rfind(b"\n", 0, at)) >= 0:
                if start + at != size - 1:  # the last line's own end does not count
                    found += 1
                    if found == lines:
                        return start + at + 1
            position = start
    return 0


async def read(
    path: Path, options: LogOptions, clock: Clock, running: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """The log in pieces. Following goes on over rotation, and ends when nothing runs any more."""
    left = options.limit_bytes if options.limit_bytes >= 0 else None
    position = tail_offset(path, options.tail_lines) if options.tail_lines >= 0 else 0
    file = path.open("rb")
    rest = b""
    try:
        file.seek(position)
        while True:
            alive = running()  # asked before reading: what was written until then is not missed
            block = file.read(BLOCK)
            if block:
                whole, newline, rest = (rest + block).rpartition(b"\n")
                out = b"".join(_lines(whole, options)) if newline else b""
                if left is not None:
                    out, left = out[:left], left - len(out)
                if out:
                    yield out
                if left is not None and left <= 0:
                    return
                continue
            if not options.follow:
                return
            if _rotated(path, file.fileno()):
                file.close()
                file = path.open("rb")
                continue
            if not alive:
                return
            await clock.sleep(FOLLOW_SECONDS)
    finally:
        file.close()


def _lines(whole: bytes, options: LogOptions) -> Iterator[bytes]:
    for line in whole.split(b"\n"):
        if line:
            yield render(line, options)


def _rotated(path: Path, descriptor: int) -> bool:
    """Whether a new file stands under the name."""
    try:
        return path.stat().st_ino != os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False  # between the rename and the new file
