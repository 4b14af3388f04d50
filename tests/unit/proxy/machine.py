"""A machine for kube-proxy: a node with pods on a bridge, and a client outside.

outside 172.31.0.9 ── 172.31.0.2 node 10.244.0.1 ──┬── 10.244.0.11 pod a
         fd31::9      fd31::2         fd44::1      └── 10.244.0.12 pod b, ...
"""

from __future__ import annotations

import select
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from tests.unit.proxy.netns import Namespace

NODE, OUTSIDE = "172.31.0.2", "172.31.0.9"
NODE6, OUTSIDE6 = "fd31::2", "fd31::9"
POD_RANGE, POD_RANGE6 = "10.244.0.0/16", "fd44::/64"
REFUSED, DROPPED = "refused", "dropped"
PATIENCE = 5.0  # seconds for an answer that is expected
SILENCE = 0.3  # seconds without one mean dropped


class Answer(Struct, frozen=True):
    """Who answered, and whom it saw as its client."""

    who: str
    client: str


class Machine:
    def __init__(self, pods: Iterable[str] = "abc") -> None:
        self.node = Namespace("node")
        self.outside = Namespace("outside")
        self.pods = {name: Namespace(name) for name in pods}
        self.addresses = {name: f"10.244.0.{11 + i}" for i, name in enumerate(self.pods)}
        self.addresses6 = {name: f"fd44::{11 + i}" for i, name in enumerate(self.pods)}
        self._servers: list[socket.socket] = []
        self._stop, self._stopped = socket.socketpair()
        self._thread: threading.Thread | None = None
        self._sockets: dict[int, tuple[socket.socket, str]] = {}
        self._connect_all()

    def _connect_all(self) -> None:
        node = self.node
        node.run("ip link add cni0 type bridge", "ip link set cni0 up")
        node.run("ip addr add 10.244.0.1/24 dev cni0", "ip addr add fd44::1/64 dev cni0 nodad")
        for name, pod in self.pods.items():
            self._cable(pod, f"veth-{name}")
            node.run(f"ip link set veth-{name} master cni0")
            node.run(f"bridge link set dev veth-{name} hairpin on")
            pod.run(
                f"ip addr add {self.addresses[name]}/24 dev eth0",
                f"ip addr add {self.addresses6[name]}/64 dev eth0 nodad",
                "ip route add default via 10.244.0.1",
                "ip -6 route add default via fd44::1",
            )
        self._cable(self.outside, "eth0")
        node.run(f"ip addr add {NODE}/24 dev eth0", f"ip addr add {NODE6}/64 dev eth0 nodad")
        self.outside.run(
            f"ip addr add {OUTSIDE}/24 dev eth0",
            f"ip addr add {OUTSIDE6}/64 dev eth0 nodad",
            f"ip route add default via {NODE}",
            f"ip -6 route add default via {NODE6}",
        )
        node.write("/proc/sys/net/ipv4/ip_forward", "1")
        node.write("/proc/sys/net/ipv6/conf/all/forwarding", "1")
        # What the node itself sends to a cluster IP needs some route before it is translated.
        node.run("ip link add uplink type bridge", "ip link set uplink up")
        node.run(f"ip route add default dev uplink src {NODE}")
        node.run(f"ip -6 route add default dev uplink src {NODE6}")

    def _cable(self, other: Namespace, here: str) -> None:
        path = f"/proc/self/fd/{other.fd}"
        with self.node.entered():
            subprocess.run(
                ["ip", "link", "add", here, "type", "veth", "peer", "name", "eth0", "netns", path],
                check=True,
                pass_fds=(other.fd,),
            )
        self.node.run(f"ip link set {here} up")
        other.run("ip link set eth0 up")

    def add_node_address(self, address: str) -> None:
        self.node.run(f"ip addr add {address} dev eth0")

    # --- servers ---

    def serve(self, pod: str, port: int, *, protocol: str = "TCP", v6: bool = False) -> None:
        """Have the pod (or `node`) answer at a port with its name and the client's address."""
        place = self.node if pod == "node" else self.pods[pod]
        family = socket.AF_INET6 if v6 else socket.AF_INET
        kind = socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM
        server = place.socket(family, kind)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if v6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.bind(("::" if v6 else "0.0.0.0", port))
        if protocol == "TCP":
            server.listen(64)
        self._sockets[server.fileno()] = (server, pod)
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, daemon=True)
            self._thread.start()
        else:
            self._stop.send(b"+")

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._stopped.fileno(), *self._sockets], [], [])
            if self._stopped.fileno() in ready and self._stopped.recv(1) != b"+":
                return
            for number in ready:
                if number in self._sockets:
                    _answer(*self._sockets[number])

    # --- clients ---

    def ask(
        self,
        place: str,
        address: str,
        port: int,
        *,
        protocol: str = "TCP",
        source_port: int = 0,
        patience: float = PATIENCE,
    ) -> Answer | str:
        """One connection from `node`, `outside` or a pod: who answered, REFUSED or DROPPED."""
        here = {"node": self.node, "outside": self.outside, **self.pods}[place]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        kind = socket.SOCK_STREAM if protocol == "TCP" else socket.SOCK_DGRAM
        with here.socket(family, kind) as client:
            client.settimeout(patience)
            if source_port:
                client.bind(("::" if ":" in address else "0.0.0.0", source_port))
            try:
                client.connect((address, port))
                if protocol == "UDP":
                    client.send(b"?")
                who, seen = client.recv(200).decode().split()
            except (ConnectionRefusedError, ConnectionResetError):
                return REFUSED
            except TimeoutError:
                return DROPPED
            return Answer(who, seen)

    def ask_often(self, place: str, address: str, port: int, times: int = 24) -> Counter[str]:
        """How often who answered."""
        found: Counter[str] = Counter()
        for _ in range(times):
            answer = self.ask(place, address, port)
            found[answer.who if isinstance(answer, Answer) else answer] += 1
        return found

    def close(self) -> None:
        self._stop.close()
        if self._thread is not None:
            self._thread.join()
        for server, _ in self._sockets.values():
            server.close()
        self._stopped.close()
        for space in (self.node, self.outside, *self.pods.values()):
            space.close()


def _answer(server: socket.socket, who: str) -> None:
    if server.type == socket.SOCK_DGRAM:
        _, client = server.recvfrom(100)
        server.sendto(f"{who} {client[0]}".encode(), client)
        return
    connection, client = server.accept()
    with connection:
        connection.sendall(f"{who} {client[0]}".encode())
