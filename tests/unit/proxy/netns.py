"""Network namespaces that a test makes for itself: nothing leaves them, and they end with it."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

T = TypeVar("T")

CLONE_NEWNET = 0x40000000
_OWN = "/proc/thread-self/ns/net"
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


class Namespace:
    """An open namespace; it lives as long as somebody is in it or this is open."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.fd = _in_thread(_unshare)
        self.run("ip link set lo up")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread is inside: so is every socket, thread and process that it starts."""
        before = os.open(_OWN, os.O_RDONLY)
        _checked(_libc.setns(self.fd, CLONE_NEWNET))
        try:
            yield
        finally:
            _checked(_libc.setns(before, CLONE_NEWNET))
            os.close(before)

    def run(self, *commands: str) -> str:
        """What the last command said."""
        said = ""
        with self.entered():
            for command in commands:
                done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
                assert done.returncode == 0, f"{self.name}: {command}: {done.stderr}"
                said = done.stdout
        return said

    def write(self, path: str, text: str) -> None:
        """A setting below /proc/sys/net, which shows the namespace of who opens it."""

        def work() -> None:
            with self.entered(), open(path, "w", encoding="ascii") as file:
                file.write(text)

        _in_thread(work)

    def socket(self, family: int, kind: int) -> socket.socket:
        with self.entered():
            return socket.socket(family, kind)

    def close(self) -> None:
        with suppress(OSError):
            os.close(self.fd)


def _unshare() -> int:
    _checked(_libc.unshare(CLONE_NEWNET))
    return os.open(_OWN, os.O_RDONLY)


def _in_thread(work: Callable[[], T]) -> T:
    found: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            found.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return found[0]
