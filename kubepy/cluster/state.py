"""What `up` made, written down as it is made, so that `down` can undo it after any crash."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from kubepy.base.files import write_secret
from kubepy.cluster.layout import CLUSTERS, Layout
from kubepy.cluster.processes import Process


class StateError(Exception):
    """A state file cannot be read."""


class Ports(Struct, frozen=True):
    """Of the control plane, in the machine's own network namespace."""

    https: int = 6443
    grpc: int = 6444
    grpc_token: int = 6445
    controllers: int = 10257
    scheduler: int = 10259
    egress: int = 3128


class State(Struct, frozen=True, forbid_unknown_fields=True):
    """One cluster. Fields are filled before what they name is made, never after."""

    name: str
    slot: int = 0  # decides subnet and names of links: no two clusters share one
    host: bool = False  # the node lives in the machine's own namespaces
    address: str = ""  # of the machine, if it is the node
    ports: Ports = Ports()
    containerd_socket: str = ""  # of a containerd that is not ours
    cgroup: str = ""
    link: str = ""  # the bridge in the machine's own network namespace
    routes: tuple[str, ...] = ()  # as `ip route` takes them, each with a metric of its own
    table: str = ""  # nf_tables, in the machine's own network namespace
    kubeconfig: str = ""  # the file into which the context went
    mirror_ports: tuple[int, ...] = ()  # of the machine's loopback, that the node may reach
    verbosity: int = 0  # of both processes' logs
    forwarding: bool = False  # ip_forward was off and we turned it on
    processes: dict[str, Process] = {}


HOLDER, CONTAINERD, CONTROL_PLANE, NODE = "holder", "containerd", "control-plane", "node"


def load(layout: Layout) -> State | None:
    """None if there is no such cluster. Raises StateError."""
    try:
        return msgspec.json.decode(layout.state.read_bytes(), type=State)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise StateError(f"{layout.state}: {error}") from error


def save(layout: Layout, state: State) -> State:
    # others may pass through, to what is bound into their containers, but not look around
    layout.root.mkdir(mode=0o711, parents=True, exist_ok=True)
    write_secret(layout.state, msgspec.json.format(msgspec.json.encode(state)))
    return state


def names(clusters: Path = CLUSTERS) -> list[str]:
    """Of the clusters that were started on this machine and not taken down."""
    try:
        return sorted(path.parent.name for path in clusters.glob("*/state.json"))
    except OSError:
        return []


@contextlib.contextmanager
def locked(clusters: Path = CLUSTERS) -> Iterator[None]:
    """One `up` or `down` at a time on this machine: they choose ports and subnets."""
    clusters.mkdir(parents=True, exist_ok=True)
    handle = os.open(clusters, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            clusters.rmdir()  # only if no cluster is left
