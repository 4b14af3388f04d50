"""Waiting for a directory to change, by Linux' inotify."""

from __future__ import annotations

import asyncio
import ctypes
import os
from contextlib import suppress
from types import TracebackType

_CLOEXEC_NONBLOCK = os.O_CLOEXEC | os.O_NONBLOCK
_EVENTS = 0x2 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200  # modify, close after write, move, create, delete
_READ = 64 << 10  # bytes at a time; what they say does not matter

_libc = ctypes.CDLL(None, use_errno=True)


class Inotify:
    """Changes in one directory, or of one file. Without inotify only time passes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._fd = -1
        self._changed = asyncio.Event()

    def __enter__(self) -> Inotify:
        self._fd = _libc.inotify_init1(_CLOEXEC_NONBLOCK)
        if self._fd >= 0:
            asyncio.get_running_loop().add_reader(self._fd, self._readable)
            self._add()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)

    async def wait(self, timeout: float) -> None:
        """Until something changed, or `timeout` seconds have passed."""
        self._add()  # the directory may have come into being, or been replaced
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._changed.wait()
        self._changed.clear()

    def _add(self) -> None:
        if self._fd >= 0:
            _libc.inotify_add_watch(self._fd, self._path.encode(), _EVENTS)

    def _readable(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._fd, _READ)
        self._changed.set()
