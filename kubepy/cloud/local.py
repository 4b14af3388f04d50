"""The provider `local`: the machine that this process runs on, and the nodes that live on it.

It says what can be known without a cloud, and claims nothing else. A node belongs to this machine
if its kubelet reports this machine's id, or, where no id was ever given to it (as in a container),
this boot of it; several may, each in namespaces of its own. Of any other node it says that it does
not know it, so nothing happens to that node.

    providerID                        local://<machine id, or else host name>/<node>
    node.kubernetes.io/instance-type  the product name of the hardware, or `local`
    topology.kubernetes.io/zone       the machine's host name: all its nodes fail together
    topology.kubernetes.io/region     local
    kubepy.io/machine-id              the machine's id, or else its host name
"""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

from msgspec import Struct

from kubepy.api.core.v1 import Node, NodeAddress
from kubepy.cloud.provider import Instance, Provider, UnknownInstance

NAME = "local"
MACHINE_LABEL = "kubepy.io/machine-id"
MACHINE_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")
PRODUCT_FILE = Path("/sys/class/dmi/id/product_name")
LABEL_LENGTH = 63  # characters of a label's value


class Machine(Struct, frozen=True):
    """What the machine says of itself."""

    id: str
    host: str
    boot: str = ""
    product: str = ""
    addresses: tuple[str, ...] = ()


def read_machine() -> Machine:
    host = os.uname().nodename
    return Machine(
        id=_first_text(MACHINE_ID_FILES) or host,
        host=host,
        boot=_first_text((BOOT_ID_FILE,)),
        product=_first_text((PRODUCT_FILE,)),
        addresses=_own_addresses(),
    )


def _first_text(files: tuple[Path, ...]) -> str:
    for file in files:
        try:
            if text := file.read_text(encoding="utf-8", errors="replace").strip():
                return text
        except OSError:
            continue
    return ""


def _own_addresses() -> tuple[str, ...]:
    """The address of each family from which this machine would speak to the world.

    Connecting a datagram socket asks the routing table and sends nothing.
    """
    found = []
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((far, 9))
                found.append(probe.getsockname()[0])
        except OSError:
            continue
    return tuple(found)


class LocalInstances:
    """The nodes of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def exists(self, node: Node) -> bool:
        """It does: we run on it. What became of the node's own processes is not ours to say."""
        self._own(node)
        return True

    async def is_shut_down(self, node: Node) -> bool:
        self._own(node)
        return False

    async def describe(self, node: Node) -> Instance:
        self._own(node)
        machine = self._machine
        return Instance(
            provider_id=f"{NAME}://{machine.id}/{node.metadata.name}",
            type=label_value(machine.product) or NAME,
            addresses=addresses_of(node, machine),
            zone=label_value(machine.host),
            region=NAME,
            labels={MACHINE_LABEL: label_value(machine.id)},
        )

    def _own(self, node: Node) -> None:
        """Raises UnknownInstance for a node of another machine."""
        name, machine = node.metadata.name, self._machine
        given = node.spec.providerID
        reported = node.status.nodeInfo.machineID or node.status.nodeInfo.bootID
        if given and given != f"{NAME}://{machine.id}/{name}":
            raise UnknownInstance(f"node {name} is {given}, which is not of this machine")
        if given or (reported and reported in (machine.id, machine.boot)):
            return
        if reported:
            raise UnknownInstance(f"node {name} runs on machine {reported}, not on this one")
        if name != machine.host.lower():
            raise UnknownInstance(f"node {name} has not said yet on which machine it runs")


def addresses_of(node: Node, machine: Machine) -> tuple[NodeAddress, ...]:
    """What the kubelet found; the machine's own addresses if it found none and bears its name."""
    known = node.status.addresses
    if any(one.type == "InternalIP" for one in known):
        return known
    if node.metadata.name != machine.host.lower():
        return known
    own = tuple(NodeAddress(type="InternalIP", address=text) for text in machine.addresses)
    host = NodeAddress(type="Hostname", address=node.metadata.name)
    return (*own, *(known or (host,)))


def label_value(text: str) -> str:
    """The text with what no label may hold replaced by dashes."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text)[:LABEL_LENGTH].strip("-_.")


def provider(config: Path | None) -> Provider:
    """It needs no configuration."""
    return Provider(name=NAME, instances=LocalInstances(read_machine()))
