"""mount(2) and its relatives, which Python's library does not have."""

from __future__ import annotations

import ctypes
import os

NOSUID, NODEV, NOEXEC = 2, 4, 8
REC, PRIVATE, SHARED = 0x4000, 1 << 18, 1 << 20
DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Raises OSError, which names the target."""
    done = _libc.mount(
        source.encode(), target.encode(), kind.encode() or None, ctypes.c_ulong(flags),
        data.encode() or None,
    )  # fmt: skip
    if done != 0:
        _fail(target)


def unmount(target: str, flags: int = 0) -> None:
    """Raises OSError, which names the target."""
    if _libc.umount2(target.encode(), flags) != 0:
        _fail(target)


def _fail(target: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), target)
