"""`kubepy up`: from nothing, or from what is left of a cluster, to a node that is ready.

Every step makes sure of one thing and leaves alone what is there already, so `up` also mends a
cluster of which a process died. What a step is about to make is in the state file before it is
made; `down` believes the state file and the node's cgroup, and needs nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from kubepy.base.files import replace_link, write_file
from kubepy.cluster import (
    cgroups,
    components,
    containerd,
    fabric,
    kubeconfig,
    namespaces,
    pki,
    processes,
    resolver,
    state,
)  # fmt: skip
from kubepy.cluster import machine as machines
from kubepy.cluster.components import LOOPBACK, Place
from kubepy.cluster.containerd import Mirror
from kubepy.cluster.fabric import Fabric
from kubepy.cluster.holder import Plan
from kubepy.cluster.images import archives, oci, pause
from kubepy.cluster.layout import Layout
from kubepy.cluster.machine import Machine
from kubepy.cluster.namespaces import Inside
from kubepy.cluster.probe import Probe, condition, is_ready
from kubepy.cluster.processes import Process
from kubepy.cluster.show import Progress
from kubepy.cluster.state import CONTAINERD, CONTROL_PLANE, HOLDER, NODE, State

CONTAINERD_PATIENCE = 30.0  # seconds
POLL = 0.05  # seconds between two questions to the apiserver

MODULES = ("overlay", "br_netfilter", "nf_tables")


class UpError(Exception):
    """The cluster does not come up; the message says what to do or where to look."""


class Options(Struct, frozen=True):
    layout: Layout
    host: bool = False
    containerd_socket: str = ""
    mirrors: tuple[Mirror, ...] = ()
    port: int = 0  # 0: one that is free
    verbosity: int = 0
    patience: float = 120.0  # seconds until the node must be ready


def is_running(found: State | None) -> bool:
    """Whether every process of the cluster is alive."""
    return found is not None and all(
        processes.is_alive(found.processes.get(name)) for name in wanted_processes(found)
    )


def wanted_processes(found: State) -> list[str]:
    names = [] if found.host else [HOLDER]
    names += [] if found.containerd_socket else [CONTAINERD]
    return [*names, CONTROL_PLANE, NODE]


def up(options: Options, show: Progress) -> State:
    """Raises one of the package's errors, with the cluster as far as it got."""
    return Ascent(options, show).run()


class Ascent:
    """One `up` on its way; `state` is always what the state file says."""

    def __init__(self, options: Options, show: Progress) -> None:
        self._options = options
        self._layout = options.layout
        self._show = show
        self._machine: Machine
        self._node_started = 0.0  # unix seconds; 0: it was running
        self.state: State

    def run(self) -> State:
        step = self._show.step
        with step("Look at this machine"):
            self._prepare()
        with step("Certificates and kubeconfigs"):
            place = self._credentials()
        with step(f"Network {self._network_title()}"):
            self._network()
        with step(f"Control plane at https://{place.address}:{self.state.ports.https}"):
            self._control_plane()
        if not self.state.host:
            with step(f"Namespaces of node {self._layout.node_name}"):
                self._holder(place)
        if not self.state.containerd_socket:
            with step(self._containerd_title()):
                self._containerd(place)
            with step("Images"):
                self._images()
        with step("kubelet and kube-proxy"):
            self._node()
        with step("Apiserver answers"):
            probe = self._wait_for_apiserver()
        with step(f"kubectl context {self._layout.context}"):
            self._context()
        with step(f"Node {self._layout.node_name} is ready"):
            self._wait_for_node(probe)
        return self.state

    # What is kept over all steps.

    def _save(self, **changes: object) -> None:
        self.state = state.save(self._layout, replace(self.state, **changes))

    def _started(self, name: str, process: Process) -> None:
        self._save(processes={**self.state.processes, name: process})

    def _alive(self, name: str) -> bool:
        return processes.is_alive(self.state.processes.get(name))

    @property
    def _inside(self) -> Inside:
        return Inside(self.state.processes[HOLDER], self._machine, self.state.cgroup)

    # The steps.

    def _prepare(self) -> None:
        if os.geteuid() != 0:
            raise UpError("a node needs root: run this as root, for example with sudo")
        options, layout = self._options, self._layout
        if options.containerd_socket and not options.host:
            raise UpError("--containerd-socket needs --host: that containerd runs on this machine")
        self._machine = machines.look(layout.root, private_containerd=not options.containerd_socket)
        if modprobe := machines.which("modprobe"):  # else all is built in, or missed later
            subprocess.run([modprobe, "-a", "-q", *MODULES], capture_output=True, check=False)
        found = state.load(layout)
        if found is None:
            found = self._found()
        ports = containerd.loopback_ports(options.mirrors) or found.mirror_ports
        found = replace(found, mirror_ports=ports, verbosity=options.verbosity)
        self.state = state.save(layout, found)

    def _found(self) -> State:
        """A state for a new cluster: a slot and ports that nobody has."""
        options, layout, ip = self._options, self._layout, self._machine.ip
        others = [
            s for n in state.names(layout.clusters)
            if (s := state.load(Layout(n, layout.clusters))) is not None
        ]  # fmt: skip
        slot = fabric.choose_slot([s.slot for s in others], fabric.destinations(ip))
        if options.host and any(s.host for s in others):
            raise UpError("another cluster uses this machine as its node: one is all it can be")
        taken = [p for s in others for p in _numbers(s.ports)]
        cgroup = f"kubepy-{layout.name}"
        return State(
            name=layout.name,
            slot=slot,
            host=options.host,
            address=fabric.primary_address(ip) if options.host else "",
            ports=fabric.choose_ports(slot, taken, options.port),
            containerd_socket=options.containerd_socket,
            cgroup=cgroup,
            link=Fabric(slot).link,
            routes=Fabric(slot).routes(host=options.host),
            table=cgroup if options.host else "",
        )

    def _credentials(self) -> Place:
        layout, now = self._layout, time.time()
        place = components.place(layout, self.state)
        leaves = pki.leaves(layout.node_name, place.node_address, (place.address,))
        made = pki.ensure(layout.pki, leaves, now=now)
        authority = pki.authority(layout.pki)
        for subject in pki.subjects(layout.node_name):
            path = layout.kubeconfig(subject.file)
            if "ca" in made or not path.exists() or pki.ends_soon(path, now):
                far = subject.file in ("kubelet", "kube-proxy")
                server = components.server_url(place, place.address if far else LOOPBACK)
                pki.write_kubeconfig(path, subject, authority, layout.name, server, now=now)
        for name, content in components.files(place).items():
            write_file(layout.root / name, content)
        (layout.root / "manifests").mkdir(exist_ok=True)
        write_file(layout.resolv_conf, resolver.of_machine().encode())
        return place

    def _network_title(self) -> str:
        return self.state.address if self.state.host else Fabric(self.state.slot).subnet

    def _network(self) -> None:
        ip, one = self._machine.ip, Fabric(self.state.slot)
        if not self.state.host:
            fabric.raise_bridge(ip, one)
            return
        fabric.raise_empty_bridge(ip, one)
        forward = Path("/proc/sys/net/ipv4/ip_forward")
        if forward.read_text().strip() != "1":
            self._save(forwarding=True)
            forward.write_text("1")
        rules = fabric.masquerade(self.state.table, f'!= "{self._bridge()}"')
        fabric.load_rules(self._machine.nft, rules)

    def _bridge(self) -> str:
        """What pods hang on: in namespaces of its own the name is free, on the machine ours."""
        return f"{self.state.link}p" if self.state.host else components.BRIDGE

    def _control_plane(self) -> None:
        if self._alive(CONTROL_PLANE):
            return
        self._spawn(CONTROL_PLANE, "kubepy.cluster.controlplane", control_cgroup(self.state))

    def _holder(self, place: Place) -> None:
        if not self._alive(HOLDER):
            self._lay_to_rest()
            self._new_holder(place)
        holder = self.state.processes[HOLDER]
        replace_link(self._layout.node_network, f"/proc/{holder.pid}/ns/net")

    def _new_holder(self, place: Place) -> None:
        layout = self._layout
        program = layout.root / "pause"
        write_file(program, pause.executable(oci.architecture()), mode=0o755)
        plan = Plan(
            hostname=layout.node_name,
            run=str(layout.run),
            pause=str(program),
            ip=self._machine.ip,
            report=-1,
            hybrid=not self._machine.runtime.endswith("crun"),
        )
        log = layout.logs / "holder.log"
        holder = namespaces.start(plan, self._machine, self.state.cgroup, log)
        self._started(HOLDER, holder)
        fabric.connect(self._machine.ip, place.fabric, holder.pid)
        inside = self._inside
        inside.run([self._machine.ip, "-batch", "-"], fabric.inside(place.fabric))
        inside.run([self._machine.nft, "-f", "-"], fabric.masquerade("kubepy", '"eth0"'))

    def _lay_to_rest(self) -> None:
        """What the holder of a node that died, or of the boot before this one, left behind."""
        every = cgroups.here()
        cgroups.kill(self.state.cgroup, every)
        gone = {HOLDER, CONTAINERD, NODE}
        self._save(processes={n: p for n, p in self.state.processes.items() if n not in gone})

    def _containerd_title(self) -> str:
        version = ".".join(map(str, self._machine.containerd_version))
        return f"containerd {version} with {Path(self._machine.runtime).name}"

    def _containerd(self, place: Place) -> None:
        layout, options = self._layout, self._options
        if self._alive(CONTAINERD):
            return
        containerd.write_config(layout, self._machine, options.mirrors, inside=not self.state.host)
        conflist = containerd.bridge_conflist(self._bridge(), layout.root / "ipam", _first_pods())
        write_file(layout.cni / "10-kubepy.conflist", conflist)
        if self.state.host:
            self._started(CONTAINERD, run_containerd(layout, self.state, self._machine.containerd))
        else:
            egress = f"http://{place.address}:{self.state.ports.egress}"
            environment = {"HTTP_PROXY": egress, "HTTPS_PROXY": egress,
                           "NO_PROXY": components.no_proxy(place)}  # fmt: skip
            words = containerd.command(layout, self._machine.containerd)
            log = layout.logs / f"{CONTAINERD}.log"
            self._started(CONTAINERD, self._inside.spawn(words, log, environment))
        process, client = self.state.processes[CONTAINERD], self.ctr()
        processes.wait_until(
            lambda: client.ready() or not processes.is_alive(process),
            CONTAINERD_PATIENCE,
            f"containerd (see {layout.logs})",
        )
        if not processes.is_alive(process):
            raise UpError(self._dead(CONTAINERD))

    def ctr(self) -> containerd.Client:
        return client_of(self._layout, self.state, self._machine)

    def _images(self) -> None:
        client = self.ctr()
        present = client.images()
        for archive in archives.ensure(self._layout.images, self._machine.busybox):
            if not present.issuperset(archive.names):
                client.load(archive.path)

    def _node(self) -> None:
        if self._alive(NODE):
            return
        module = "kubepy.cluster.node"
        self._node_started = time.time()
        if self.state.host:
            self._spawn(NODE, module, self.state.cgroup)
            return
        words = [sys.executable, "-m", module, self._layout.name, str(self._layout.clusters)]
        log = self._layout.logs / f"{NODE}.log"
        self._started(NODE, self._inside.spawn(words, log, namespaces.environment()))

    def _spawn(self, name: str, module: str, cgroup: str) -> None:
        """Start one of our own processes on the machine itself."""
        layout = self._layout
        words = [sys.executable, "-m", module, layout.name, str(layout.clusters)]
        log = layout.logs / f"{name}.log"
        self._started(name, spawn_on_machine(words, log, cgroup, namespaces.environment()))

    def _context(self) -> None:
        content = self._layout.kubeconfig("admin").read_bytes()
        target = kubeconfig.file_to_write(kubeconfig.files(os.environ))
        self._save(kubeconfig=str(target))
        kubeconfig.merge_into(target, kubeconfig.renamed(content, self._layout.context))

    def _wait_for_apiserver(self) -> Probe:
        from kubepy.client import kubeconfig as client_kubeconfig

        probe = Probe(client_kubeconfig.load(self._layout.kubeconfig("admin")))
        self._wait(probe.ready, lambda: "the apiserver does not become ready")
        return probe

    def _wait_for_node(self, probe: Probe) -> None:
        name = self._layout.node_name
        self._wait(
            # a kubelet that died leaves the node ready behind it for a while
            lambda: is_ready(probe.node(name)) and probe.heartbeat(name) >= self._node_started,
            lambda: f"node {name} does not become ready: {self._reason(probe)}",
        )

    def _reason(self, probe: Probe) -> str:
        node = probe.node(self._layout.node_name)
        if node is None and not self.state.host:
            subnet = Fabric(self.state.slot).subnet
            return f"it does not reach the apiserver; a firewall here must let {subnet} in"
        return condition(node)[1]

    def _wait(self, holds: Callable[[], bool], complaint: Callable[[], str]) -> None:
        deadline = time.monotonic() + self._options.patience
        while not holds():
            for name in wanted_processes(self.state):
                if not self._alive(name):
                    raise UpError(self._dead(name))
            if time.monotonic() > deadline:
                raise UpError(f"{complaint()} (see {self._layout.logs})")
            time.sleep(POLL)

    def _dead(self, name: str) -> str:
        log = self._layout.logs / f"{name}.log"
        return f"{name} died: {processes.last_words(log) or 'it said nothing'} (see {log})"


def run_containerd(layout: Layout, found: State, program: str) -> Process:
    """Start containerd on the machine itself. Raises UpError if it does not even start."""
    layout.run.mkdir(parents=True, exist_ok=True)
    log = layout.logs / f"{CONTAINERD}.log"
    return spawn_on_machine(containerd.command(layout, program), log, found.cgroup, {})


def spawn_on_machine(
    words: Sequence[str], log: Path, cgroup: str, environment: Mapping[str, str]
) -> Process:
    """Start a program in a cgroup of the machine's. Raises UpError if it does not even start."""
    every = cgroups.here()
    cgroups.make(cgroup, every)
    cgroups.settle(cgroup, every)
    command = [*cgroups.joining(cgroup, every), *words]
    started = processes.spawn(command, log, environment=environment)
    process = processes.identify(started.pid)
    if process is None:
        raise UpError(f"{words[0]} died: {processes.last_words(log)} (see {log})")
    return process


def control_cgroup(found: State) -> str:
    """No cluster's name holds a dot, so this is nobody's node."""
    return f"{found.cgroup}.control"


def client_of(layout: Layout, found: State, machine: Machine) -> containerd.Client:
    """`ctr` on the cluster's containerd, from outside the node."""
    if found.containerd_socket:
        return containerd.Client(machine.ctr, Path(found.containerd_socket))
    if found.host:
        return containerd.Client(machine.ctr, layout.containerd_socket)
    inside = Inside(found.processes[HOLDER], machine, found.cgroup)
    return containerd.Client(machine.ctr, inside.root / str(layout.containerd_socket).lstrip("/"))


def _numbers(ports: state.Ports) -> list[int]:
    return [getattr(ports, name) for name in ports.__struct_fields__]


def _first_pods() -> str:
    """The first node's part of the pods' addresses, as the controller will hand it out."""
    return fabric.PODS.replace(".0.0/16", ".0.0/24")
