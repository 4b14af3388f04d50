"""Where a local cluster keeps its things: one folder a cluster, and one for its sockets.

    /var/lib/kubepy/<name>/
        state.json                    what runs and what was made, for `down`
        pki/  admin.conf  …           as kubeadm names them
        store.db                      the cluster's objects
        containerd/  kubelet/  cni/   the node's
        node.netns                    a link to its network, for the apiserver
        logs/
    /run/kubepy/<name>/               sockets: their paths must stay under 108 bytes

In a node's own mount namespace /run is the node's own, too; from outside its sockets are reached
through the holder's root, `/proc/<pid>/root/run/kubepy/<name>/…`.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

CLUSTERS = Path("/var/lib/kubepy")
RUN = Path("/run/kubepy")

DEFAULT_NAME = "kubepy"
MAX_NAME = 30  # sockets' paths hold it


class BadName(ValueError):
    """A cluster cannot be called so."""


class Layout(Struct, frozen=True):
    name: str
    clusters: Path = CLUSTERS

    @property
    def root(self) -> Path:
        return self.clusters / self.name

    @property
    def run(self) -> Path:
        return RUN / self.name

    @property
    def state(self) -> Path:
        return self.root / "state.json"

    @property
    def pki(self) -> Path:
        return self.root / "pki"

    @property
    def store(self) -> Path:
        return self.root / "store.db"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def images(self) -> Path:
        return self.root / "images"

    @property
    def containerd(self) -> Path:
        return self.root / "containerd"

    @property
    def kubelet(self) -> Path:
        return self.root / "kubelet"

    @property
    def cni(self) -> Path:
        return self.root / "cni"

    @property
    def resolv_conf(self) -> Path:
        return self.root / "resolv.conf"

    @property
    def node_network(self) -> Path:
        """Leads to the network namespace of the node that runs now."""
        return self.root / "node.netns"

    @property
    def containerd_socket(self) -> Path:
        return self.run / "containerd.sock"

    def kubeconfig(self, who: str) -> Path:
        """`admin`, `kubelet`, … : kubeadm's file names."""
        return self.root / f"{who}.conf"

    @property
    def node_name(self) -> str:
        """The one node's name: also its host name, as kind has it."""
        return f"{self.name}-control-plane"

    @property
    def context(self) -> str:
        """What kubectl calls the cluster."""
        return context_of(self.name)


def context_of(name: str) -> str:
    return name if name == DEFAULT_NAME else f"{DEFAULT_NAME}-{name}"


def checked_name(name: str) -> str:
    """`name`, if a cluster can be called so. Raises BadName."""
    if not re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) or len(name) > MAX_NAME:
        raise BadName(
            f"{name!r} is no name for a cluster: at most {MAX_NAME} lower case letters, digits "
            "and dashes, with a letter or digit at each end"
        )
    return name
