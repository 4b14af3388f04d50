"""Forgetting UDP flows whose endpoint is gone.

A UDP flow has no end: while packets keep coming, the kernel goes on translating them to the
endpoint that it chose first. So when a Service loses an endpoint, or gets its first one, the
flows that go elsewhere have to be deleted; the next packet is then forwarded anew.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Any

from msgspec import Struct

from kubepy.proxy.ruleset import Family
from kubepy.proxy.services import PROTOCOLS, Forwarding, Target, pack

UDP = PROTOCOLS["UDP"]
_AF = {Family.IPV4: AF_INET, Family.IPV6: AF_INET6}

log = logging.getLogger(__name__)


class Way(Struct, frozen=True, gc=False):
    """A way into a Service over UDP, and who may answer. `address` is empty for a node port."""

    family: Family
    address: bytes
    port: int
    targets: frozenset[Target]


class Flow(Struct, frozen=True, gc=False):
    """A flow as the client sees it (source, destination), and who answers."""

    source: Target
    destination: Target
    answerer: Target


def ways(forwardings: Iterable[Forwarding]) -> set[Way]:
    """All ways of these Services that UDP takes."""
    found = set()
    for one in forwardings:
        if one.protocol != UDP:
            continue
        found.add(Way(one.family, one.cluster_ip, one.port, frozenset(one.internal)))
        outside = frozenset((*one.cluster, *one.local))
        for address in (*one.external_ips, *one.load_balancer_ips):
            found.add(Way(one.family, address, one.port, outside))
        if one.node_port:
            found.add(Way(one.family, b"", one.node_port, outside))
    return found


def suspects(old: Sequence[Forwarding], new: Sequence[Forwarding]) -> set[Way]:
    """The ways whose flows have to be looked at after a change, with who may answer now."""
    before, after = ways(old), ways(new)
    open_still = {(way.family, way.address, way.port) for way in after}
    closed = {
        Way(way.family, way.address, way.port, frozenset())
        for way in before - after
        if (way.family, way.address, way.port) not in open_still
    }
    return (after - before) | closed


def is_stale(flow: Flow, way: Way) -> bool:
    """Whether the flow came this way and goes where it should not go any more."""
    came = flow.destination.port == way.port and way.address in (b"", flow.destination.address)
    if not came or flow.answerer in way.targets:
        return False
    translated = flow.answerer != flow.destination
    # A flow that was never translated came before there was an endpoint. Of node ports it may
    # as well be one to another machine, so those end by themselves.
    return translated or bool(way.address and way.targets)


class Conntrack:
    """The kernel's flows, read and deleted on a thread of its own."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="conntrack")

    async def forget(self, suspected: Iterable[Way]) -> int:
        """Delete the stale flows of these ways; how many there were. Raises OSError."""
        todo = list(suspected)
        if not todo:
            return 0
        return await asyncio.get_running_loop().run_in_executor(self._thread, _forget, todo)

    def close(self) -> None:
        self._thread.shutdown()


def _forget(todo: list[Way]) -> int:
    # Imported here: only who has UDP services needs it, and it takes 100 ms.
    from pyroute2.netlink.nfnetlink.nfctsocket import NFCTAttrTuple, NFCTSocket

    deleted = 0
    for family in {way.family for way in todo}:
        with NFCTSocket(nfgen_family=_AF[family]) as link:
            for way in (way for way in todo if way.family is family):
                address = inet_ntop(_AF[family], way.address) if way.address else None
                asked = NFCTAttrTuple(_AF[family], daddr=address, proto=UDP, dport=way.port)
                flows = [_flow(message) for message in tuple(link.dump(tuple_orig=asked))]
                for flow in flows:
                    if flow is not None and is_stale(flow, way):
                        deleted += _delete(link, _AF[family], flow)
    return deleted


def _flow(message: Any) -> Flow | None:
    """None for anything but UDP: old kernels do not filter."""
    original, reply = message.get_attr("CTA_TUPLE_ORIG"), message.get_attr("CTA_TUPLE_REPLY")
    if original is None or reply is None:
        return None
    if original.get_attr("CTA_TUPLE_PROTO").get_attr("CTA_PROTO_NUM") != UDP:
        return None
    return Flow(_end(original, "SRC"), _end(original, "DST"), _end(reply, "SRC"))


def _end(tuple_: Any, side: str) -> Target:
    addresses = tuple_.get_attr("CTA_TUPLE_IP")
    text = addresses.get_attr(f"CTA_IP_V4_{side}") or addresses.get_attr(f"CTA_IP_V6_{side}")
    port = tuple_.get_attr("CTA_TUPLE_PROTO").get_attr(f"CTA_PROTO_{side}_PORT")
    return Target(pack(text), port)


def _delete(link: Any, family: int, flow: Flow) -> int:
    from pyroute2.netlink.exceptions import NetlinkError
    from pyroute2.netlink.nfnetlink.nfctsocket import NFCTAttrTuple

    original = NFCTAttrTuple(
        family,
        saddr=inet_ntop(family, flow.source.address),
        daddr=inet_ntop(family, flow.destination.address),
        proto=UDP,
        sport=flow.source.port,
        dport=flow.destination.port,
    )
    try:
        link.entry("del", tuple_orig=original)
    except NetlinkError as error:
        if error.code != errno.ENOENT:  # it may have ended meanwhile
            raise
        return 0
    return 1
