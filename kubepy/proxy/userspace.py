"""This process forwards: for machines whose kernel has no nf_tables.

The Services' addresses are put on a device of our own, so that packets to them end at this
machine; a listener at each accepts what comes and carries it to an endpoint. That costs a copy of
every byte, and endpoints see this node as their client; so it is what one has if nothing else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import random
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kubepy.base.clock import Clock
from kubepy.proxy.backend import BackendError, Unsupported, Wanted
from kubepy.proxy.doors import NAMES, Behind, Door, doors, is_outsider
from kubepy.proxy.ledger import Ledger
from kubepy.proxy.relays import Chooser, DatagramDoor, StreamDoor
from kubepy.proxy.rules import Settings
from kubepy.proxy.services import Forwarding, Target

DEVICE = "kubepy-proxy"
KINDS = ("dummy", "bridge")  # of a device that carries nothing; not every kernel has both

log = logging.getLogger(__name__)

Listener = StreamDoor | DatagramDoor


class Userspace:
    """Listeners for the Services of this node."""

    mode = "userspace"

    def __init__(self, clock: Clock, rng: random.Random) -> None:
        self._clock = clock
        self._rng = rng
        self._settings = Settings()
        self._device = Device()
        self._own: frozenset[bytes] = frozenset()  # this machine's addresses
        self._doors: Ledger[Door, Behind] = Ledger()
        self._claimed: dict[str, dict[Door, Behind]] = {}
        self._listeners: dict[Door, Listener] = {}

    async def open(self) -> None:
        await self._device.ensure()

    async def replace(self, settings: Settings, wanted: Wanted) -> None:
        """Listeners that stay keep their connections."""
        self._settings = settings
        await self._device.ensure()
        gone = dict.fromkeys(self._claimed.keys() - wanted.keys(), ())
        await self.change({**gone, **wanted})

    async def change(self, wanted: Wanted) -> None:
        for service, forwardings in wanted.items():
            self._claim(service, forwardings)
        self._doors.take()  # what listens is compared with what should, whatever changed
        await self._device.hold({door.address for door in self._doors.items if door.address})
        self._own = await self._device.machine_addresses()
        failed: list[str] = []
        for door in self._listeners.keys() - self._doors.items.keys():
            self._listeners.pop(door).close()
        for door in self._doors.items.keys() - self._listeners.keys():
            try:
                self._listeners[door] = await self._listen(door)
            except OSError as error:
                failed.append(f"{_name(door)}: {error.strerror}")
        if failed:
            raise BackendError(f"cannot listen at {'; '.join(failed[:3])}")

    async def is_intact(self) -> bool:
        return await self._device.exists()

    async def close(self) -> None:
        """Without this process nobody forwards, so nothing of it is left."""
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()
        await self.remove()
        self._device.close()

    async def remove(self) -> None:
        await self._device.remove()

    def _claim(self, service: str, forwardings: Any) -> None:
        found: dict[Door, Behind] = {}
        for one in forwardings:
            assert isinstance(one, Forwarding)
            if NAMES[one.protocol] == "SCTP":
                log.info("%s: SCTP is not forwarded by this process", one.name)
                continue
            found |= doors(one, self._settings)
        self._doors.claim(service, self._claimed.pop(service, {}), found)
        if found:
            self._claimed[service] = found

    async def _listen(self, door: Door) -> Listener:
        chooser = Chooser(self._clock, self._rng, self._behind(door))
        if NAMES[door.protocol] == "UDP":
            return await DatagramDoor.open(door, chooser, self._clock)
        return await StreamDoor.open(door, chooser)

    def _behind(self, door: Door) -> Callable[[bytes], tuple[Behind, tuple[Target, ...]] | None]:
        """Who may answer a client, as it is when the client comes; None turns it away."""

        def ask(source: bytes) -> tuple[Behind, tuple[Target, ...]] | None:
            behind = self._doors.items.get(door)
            if behind is None:
                return None
            pods = self._settings.local_traffic.networks
            if not is_outsider(source, self._own, pods):
                return behind, behind.targets
            return behind, behind.outside

        return ask


def _name(door: Door) -> str:
    address = socket.inet_ntop(_family(door), door.address) if door.address else "*"
    return f"{address} port {door.port} ({NAMES[door.protocol]})"


def _family(door: Door) -> int:
    return socket.AF_INET6 if door.is_v6 else socket.AF_INET


class Device:
    """A network device of our own that holds the Services' addresses. Everything of this proxy
    hangs on it, and goes with it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="device")

    async def ensure(self) -> None:
        """Raises Unsupported."""
        await self._run(_ensure)

    async def exists(self) -> bool:
        return bool(await self._run(lambda link: link.link_lookup(ifname=DEVICE)))

    async def remove(self) -> None:
        await self._run(_remove)

    async def hold(self, wanted: set[bytes]) -> None:
        """Have exactly these addresses, besides those that other devices have already."""
        await self._run(lambda link: _hold(link, wanted))

    async def machine_addresses(self) -> frozenset[bytes]:
        return frozenset(await self._run(lambda link: {a for a, _ in _addresses(link)}))

    def close(self) -> None:
        self._thread.shutdown()

    async def _run(self, work: Callable[[Any], Any]) -> Any:
        def connected() -> Any:
            from pyroute2 import IPRoute
            from pyroute2.netlink.exceptions import NetlinkError

            try:
                with IPRoute() as link:
                    return work(link)
            except NetlinkError as error:
                raise BackendError(f"device {DEVICE}: {error}") from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, connected)


def _ensure(link: Any) -> None:
    from pyroute2.netlink.exceptions import NetlinkError

    if not link.link_lookup(ifname=DEVICE):
        problems = []
        for kind in KINDS:
            try:
                link.link("add", ifname=DEVICE, kind=kind)
                break
            except NetlinkError as error:
                problems.append(f"{kind}: {error}")
        else:
            raise Unsupported(f"cannot make device {DEVICE}: {'; '.join(problems)}")
    link.link("set", index=link.link_lookup(ifname=DEVICE)[0], state="up")


def _remove(link: Any) -> None:
    for index in link.link_lookup(ifname=DEVICE):
        link.link("del", index=index)


def _hold(link: Any, wanted: set[bytes]) -> None:
    index = link.link_lookup(ifname=DEVICE)[0]
    held = {address for address, where in _addresses(link) if where == index}
    elsewhere = {address for address, where in _addresses(link) if where != index}
    for address in held - wanted:
        if not ipaddress.ip_address(address).is_link_local:
            link.addr("del", index=index, **_prefix(address))
    for address in wanted - held - elsewhere:
        extra = {} if len(address) == 4 else {"flags": 2}  # IFA_F_NODAD: usable at once
        link.addr("add", index=index, **_prefix(address), **extra)


def _prefix(address: bytes) -> dict[str, Any]:
    return {"address": str(ipaddress.ip_address(address)), "prefixlen": len(address) * 8}


def _addresses(link: Any) -> list[tuple[bytes, int]]:
    """Every address of this machine, and the device that has it."""
    found = []
    for one in link.get_addr():
        text = one.get_attr("IFA_LOCAL") or one.get_attr("IFA_ADDRESS")
        if text:
            found.append((ipaddress.ip_address(text).packed, one["index"]))
    return found
