"""The kernel's nf_tables, reached through one netlink socket on a thread of its own.

A transaction is one send(): the kernel works through it before send() returns and its answers lie
in the receive buffer then, so there is never anything to wait for, and a large one stalls this
thread instead of the event loop.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from msgspec import Struct

from kubepy.proxy import nftables
from kubepy.proxy.backend import BackendError, Unsupported
from kubepy.proxy.nftables import Message
from kubepy.proxy.ruleset import Family

T = TypeVar("T")

SEND_BUFFER = 64 << 20  # bytes: the largest transaction
RECEIVE_BUFFER = 4 << 20  # bytes: of answers and dumps
RECEIVE_CHUNK = 1 << 17  # bytes: the kernel's largest datagram of a dump is 32 KiB
ANSWER_SECONDS = 30.0  # for an answer that should be there already

_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33
_SOL_NETLINK, _NETLINK_CAP_ACK, _NETLINK_EXT_ACK = 270, 10, 11


class NetfilterError(BackendError):
    """nf_tables could not be read or changed."""


class Refused(NetfilterError):
    """A transaction was refused as a whole; `failures` says which of its messages and why."""

    def __init__(self, failures: list[Rejection]) -> None:
        self.failures = failures
        shown = "; ".join(str(failure) for failure in failures[:3])
        more = f" and {len(failures) - 3} more" if len(failures) > 3 else ""
        super().__init__(f"nf_tables refused the transaction: {shown}{more}")

    @property
    def is_forbidden(self) -> bool:
        """Not because it was wrong, but because we may not."""
        return any(failure.code in (errno.EPERM, errno.EACCES) for failure in self.failures)


class Rejection(Struct, frozen=True):
    """What was asked, the kernel's errno and its own words if it had any."""

    about: str
    code: int
    words: str = ""

    def __str__(self) -> str:
        words = f" ({self.words})" if self.words else ""
        return f"{self.about}: {os.strerror(self.code)}{words}"


class TableState(Struct, frozen=True):
    """A table as the kernel counts it: `handle` is never used twice, `use` its chains and maps."""

    handle: int
    use: int


class Netfilter:
    """Transactions and questions, one at a time. The socket keeps the network namespace in which
    it was opened."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="netfilter")
        self._socket: Any = None

    async def apply(self, messages: Iterable[Message]) -> None:
        """Do all of it, at one moment, or raise Refused and do nothing."""
        await self._run(lambda: self._apply(list(messages), commit=True))

    async def check(self, messages: Iterable[Message]) -> None:
        """Raise Refused if `apply` would; change nothing in any case."""
        await self._run(lambda: self._apply(list(messages), commit=False))

    async def table(self, family: Family, name: str) -> TableState | None:
        return await self._run(lambda: self._table(family, name))

    async def elements(self, family: Family, table: str, name: str) -> list[nftables.Kept]:
        """What a map holds that the packet path filled; nothing if there is no such map."""
        return await self._run(lambda: self._elements(family, table, name))

    async def close(self) -> None:
        if self._socket is not None:
            await self._run(self._socket.close)
        self._thread.shutdown()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    # --- on the thread ---

    def _open(self) -> Any:
        if self._socket is None:
            # Imported here, beside the first list from the apiserver: it takes 130 ms.
            from pyroute2.netlink import NETLINK_NETFILTER
            from pyroute2.netlink.nlsocket import NetlinkSocket

            try:
                opened = NetlinkSocket(family=NETLINK_NETFILTER)
            except OSError as error:
                raise Unsupported(f"no netfilter socket: {error.strerror}") from error
            opened.bind()
            _set_buffer(opened, _SO_SNDBUFFORCE, socket.SO_SNDBUF, SEND_BUFFER)
            _set_buffer(opened, _SO_RCVBUFFORCE, socket.SO_RCVBUF, RECEIVE_BUFFER)
            opened.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
            opened.setsockopt(_SOL_NETLINK, _NETLINK_EXT_ACK, 1)
            self._socket = opened
        return self._socket

    def _send(self, data: bytes) -> None:
        link = self._open()
        link.asyncore.socket.settimeout(ANSWER_SECONDS)
        try:
            link.send(data)
        except OSError as error:
            raise NetfilterError(f"nf_tables: {error.strerror}, {len(data)} bytes") from error

    def _receive(self) -> bytes:
        try:
            received: bytes = self._socket.recv(RECEIVE_CHUNK)
            return received
        except TimeoutError:
            raise NetfilterError("nf_tables: the kernel did not answer") from None
        except OSError as error:
            raise NetfilterError(f"nf_tables: {error.strerror}") from error

    def _apply(self, messages: list[Message], *, commit: bool) -> None:
        if not messages:
            return
        self._send(nftables.batch(messages, commit=commit))
        failures: list[Rejection] = []
        answered = False
        while not answered:
            for answer in nftables.answers(self._receive()):
                if answer.code:
                    about = "the batch"
                    if 0 < answer.sequence <= len(messages):
                        about = messages[answer.sequence - 1].about
                    failures.append(Rejection(about, answer.code, answer.words))
                answered = answered or answer.sequence in (0, len(messages))
        if failures:
            raise Refused(failures)

    def _table(self, family: Family, name: str) -> TableState | None:
        self._send(nftables.get_table(family, name))
        state: TableState | None = None
        answered = False
        while not answered:
            for answer in nftables.answers(self._receive()):
                if answer.code not in (0, errno.ENOENT):
                    raise NetfilterError(str(Rejection(f"table {name}", answer.code, answer.words)))
                if answer.body:
                    state = TableState(*nftables.table_state(answer.body))
                else:
                    answered = True
        return state

    def _elements(self, family: Family, table: str, name: str) -> list[nftables.Kept]:
        self._send(nftables.get_elements(family, table, name))
        kept: list[nftables.Kept] = []
        answered = False
        while not answered:
            for answer in nftables.answers(self._receive()):
                if answer.code not in (0, errno.ENOENT):
                    raise NetfilterError(str(Rejection(f"map {name}", answer.code, answer.words)))
                if answer.body:
                    kept += nftables.kept_elements(answer.body)
                else:
                    answered = True
        return kept


def _set_buffer(link: Any, forced: int, ordinary: int, size: int) -> None:
    """Beyond the machine's limit where CAP_NET_ADMIN allows it, up to it elsewhere."""
    try:
        link.setsockopt(socket.SOL_SOCKET, forced, size)
    except PermissionError:
        link.setsockopt(socket.SOL_SOCKET, ordinary, size)
