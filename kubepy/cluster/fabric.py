"""The network between this machine and its local nodes.

    machine's own namespace                      node's namespace
    ┌──────────────────────────────────┐        ┌────────────────────────────────┐
    │ apiserver  172.30.S.1 ── bridge ─┼─ veth ─┼─ eth0 172.30.S.11 ── cni0 ── pods│
    │ 10.96/16, 10.244/16: unreachable │        │ 10.96/16 via 172.30.S.1         │
    └──────────────────────────────────┘        └────────────────────────────────┘

S is the cluster's slot. Service and pod addresses exist inside nodes only. In the machine's own
namespace they would leave through the default route, so while a cluster runs they are unreachable
there; each cluster adds the route with a metric of its own. Nodes have no default route: what is
not ours is told so at once. Nothing is forwarded, no rule of the machine's own is touched.

The apiserver carries requests to pods and Services all the same: it makes such sockets in the
node's namespace (`--backend-network-namespace`), so that no packet for them starts out here.

With the node in the machine's own namespaces (`--host`) the bridge is empty and has the services'
route: kube-proxy rewrites such packets before they leave, and what it does not gets no answer.
"""

from __future__ import annotations

import ipaddress
import json
import shlex
import socket
import subprocess
from collections.abc import Iterable, Sequence

from msgspec import Struct

from kubepy.cluster.state import Ports

SERVICES = "10.96.0.0/16"
KUBERNETES_SERVICE = "10.96.0.1"
PODS = "10.244.0.0/16"
SLOTS = range(200)
METRIC = 30000
PORT_STEP = 10  # between the ports of one slot and the next


class FabricError(Exception):
    """The network of a node cannot be made."""


class NoRoom(FabricError):
    """There is no free subnet or port for one more cluster."""


class Fabric(Struct, frozen=True):
    """The names and addresses of one cluster's network."""

    slot: int

    @property
    def link(self) -> str:
        return f"kubepy{self.slot}"

    @property
    def port(self) -> str:
        """The machine's end of the node's cable."""
        return f"kubepy{self.slot}n1"

    @property
    def subnet(self) -> str:
        return f"172.30.{self.slot}.0/24"

    @property
    def gateway(self) -> str:
        return f"172.30.{self.slot}.1"

    @property
    def node(self) -> str:
        return f"172.30.{self.slot}.11"

    def routes(self, *, host: bool) -> tuple[str, ...]:
        metric = f"metric {METRIC + self.slot}"
        services = f"{SERVICES} dev {self.link}" if host else f"unreachable {SERVICES}"
        return (f"{services} {metric}", f"unreachable {PODS} {metric}")


def choose_slot(taken: Iterable[int], routes: Sequence[str]) -> int:
    """The first slot that no cluster has and whose subnet this machine has no route to.

    `routes` are the destinations of the machine's routes. Raises NoRoom.
    """
    networks = [ipaddress.ip_network(route, strict=False) for route in routes if route != "default"]
    used = set(taken)
    for slot in SLOTS:
        subnet = ipaddress.ip_network(Fabric(slot).subnet)
        if slot not in used and not any(subnet.overlaps(network) for network in networks):
            return slot
    raise NoRoom("no free subnet is left in 172.30.0.0/16 for one more cluster")


def choose_ports(slot: int, taken: Iterable[int], https: int = 0) -> Ports:
    """Ports that nobody listens on, the slot's own if they are free. Raises NoRoom."""
    used = set(taken)
    default = Ports()
    if https and not is_free(https):
        raise NoRoom(f"port {https} is in use by another program")
    names = Ports.__struct_fields__
    for attempt in (slot, *SLOTS):
        ports = {name: getattr(default, name) + PORT_STEP * attempt for name in names}
        if https:
            ports["https"] = https
        numbers = set(ports.values())
        fresh = len(numbers) == len(names) and not numbers & used
        if fresh and all(is_free(number) for number in numbers):
            return Ports(**ports)
    raise NoRoom("no free ports are left for one more cluster")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


def destinations(ip: str) -> list[str]:
    """Where this machine has routes to, in any table but the local one."""
    text = _run(ip, "-json", "-4", "route", "show", "table", "all")
    return [r["dst"] for r in json.loads(text or "[]") if r.get("table") != "local"]


def primary_address(ip: str) -> str:
    """The address that this machine is known by: that of its default route, or of loopback."""
    text = _run(ip, "-json", "-4", "route", "show", "default")
    for route in json.loads(text or "[]"):
        if address := route.get("prefsrc"):
            return str(address)
        links = json.loads(_run(ip, "-json", "-4", "addr", "show", "dev", route["dev"]))
        for entry in (entry for link in links for entry in link["addr_info"]):
            if entry["scope"] == "global":
                return str(entry["local"])
    return "127.0.0.1"


def raise_bridge(ip: str, fabric: Fabric) -> None:
    """The machine's side; what is there already is taken."""
    if not _exists(ip, fabric.link):
        _run(ip, "link", "add", fabric.link, "type", "bridge")
    _run(ip, "addr", "replace", f"{fabric.gateway}/24", "dev", fabric.link)
    _run(ip, "link", "set", fabric.link, "up")
    add_routes(ip, fabric.routes(host=False))


def raise_empty_bridge(ip: str, fabric: Fabric) -> None:
    """For a node in the machine's own namespaces."""
    if not _exists(ip, fabric.link):
        _run(ip, "link", "add", fabric.link, "type", "bridge")
    _run(ip, "link", "set", fabric.link, "up")
    add_routes(ip, fabric.routes(host=True))


def connect(ip: str, fabric: Fabric, holder: int) -> None:
    """A cable from the bridge into the network namespace of process `holder`."""
    if _exists(ip, fabric.port):  # of a node that was killed: its other end is gone or dying
        _run(ip, "link", "del", fabric.port)
    peer = ("peer", "name", "eth0", "netns", str(holder))
    _run(ip, "link", "add", fabric.port, "type", "veth", *peer)
    _run(ip, "link", "set", fabric.port, "master", fabric.link, "up")


def inside(fabric: Fabric) -> str:
    """What `ip -batch` is to do inside the node, once it is connected."""
    return (
        f"addr replace {fabric.node}/24 dev eth0\n"
        "link set eth0 up\n"
        f"route replace {SERVICES} via {fabric.gateway}\n"
    )


def masquerade(table: str, out: str) -> str:
    """Rules for nft: pods that speak to who is no pod do it under their node's address.

    `out` matches the interfaces through which that happens. Run twice it makes them once.
    """
    return (
        f"table ip {table} {{}}\n"
        f"delete table ip {table}\n"
        f"table ip {table} {{\n"
        "  chain leaving {\n"
        "    type nat hook postrouting priority srcnat + 10; policy accept;\n"
        f"    ip saddr {PODS} ip daddr != {PODS} oifname {out} masquerade\n"
        "  }\n"
        "}\n"
    )


def load_rules(nft: str, rules: str) -> None:
    done = subprocess.run(
        [nft, "-f", "-"], input=rules, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise FabricError(f"nft: {' '.join(done.stderr.split())}")


def add_routes(ip: str, routes: Sequence[str]) -> None:
    for route in routes:
        _run(ip, "route", "replace", *route.split())


def drop(ip: str, link: str, port: str, routes: Sequence[str]) -> None:
    """Take away what was made in the machine's own namespace; what is gone already is no error."""
    for route in routes:
        _attempt(ip, "route", "del", *route.split())
    for name in filter(None, (port, link)):
        _attempt(ip, "link", "del", name)


def drop_table(nft: str, table: str) -> None:
    _attempt(nft, "delete", "table", "ip", table)


HOST_PORT_CHAINS = ("CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-MASQ", "CNI-HOSTPORT-SETMARK")


def drop_host_port_chains(iptables: str) -> None:
    """Take away what the portmap plugin leaves on a machine, unless somebody's ports are in it."""
    rules = [shlex.split(line) for line in _output(iptables, "-t", "nat", "-S").splitlines()]
    for rule in removal(rules):
        _attempt(iptables, "-t", "nat", *rule)


def removal(rules: Sequence[Sequence[str]]) -> list[list[str]]:
    """The iptables commands that take portmap's chains out of `rules`, as -S lists them."""
    of_ports = [r for r in rules if r[:2] == ["-A", HOST_PORT_CHAINS[0]]]
    chains = [r[1] for r in rules if r[0] == "-N" and r[1] in HOST_PORT_CHAINS]
    if of_ports or not chains:
        return []
    jumps = [["-D", *r[1:]] for r in rules if r[0] == "-A" and r[-1] in HOST_PORT_CHAINS]
    return [*jumps, *(["-F", chain] for chain in chains), *(["-X", chain] for chain in chains)]


def _exists(ip: str, link: str) -> bool:
    return _attempt(ip, "link", "show", "dev", link)


def _attempt(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise FabricError(f"{' '.join(command)}: {' '.join(done.stderr.split())}")
    return done.stdout
