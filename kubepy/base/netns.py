"""Sockets of another network namespace.

A socket belongs to the namespace of the thread that made it, whoever uses it later. So a thread of
its own goes there, makes the socket and ends: no other thread of the process ever moves, and no
thread that stays keeps the namespace alive.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)  # os.setns exists from Python 3.12 on

AddressInfo = Sequence[Any]  # as getaddrinfo has it: family, type, protocol, …
Maker = Callable[[AddressInfo], socket.socket]


def maker(path: str) -> Maker:
    """Makes sockets in the namespace that `path` names; empty: our own.

    The path, such as /proc/1/ns/net, is looked at for each socket anew: what is behind it may
    change. Makers raise OSError; that the network is unreachable if nothing is there.
    """
    if not path:
        return _make
    return lambda info: _make_in(path, info)


def _make(info: AddressInfo) -> socket.socket:
    family, kind, protocol = info[:3]
    return socket.socket(family, kind, protocol)


def _make_in(path: str, info: AddressInfo) -> socket.socket:
    try:
        namespace = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError as problem:
        number = errno.ENETUNREACH
        raise OSError(number, os.strerror(number), path) from problem
    try:
        with ThreadPoolExecutor(max_workers=1) as thread:
            return thread.submit(_enter_and_make, namespace, info).result()
    finally:
        os.close(namespace)


def _enter_and_make(namespace: int, info: AddressInfo) -> socket.socket:
    """Only for a thread that does nothing else afterwards."""
    if _libc.setns(namespace, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return _make(info)
