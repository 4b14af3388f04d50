"""A node for the kubelet alone: namespaces, a private containerd and two images. No cluster.

with RealNode("kubelet-e2e", folder) as node:
    node.run([sys.executable, "-m", "pytest", ...])     # inside the node
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from kubepy.cluster import cgroups, containerd, holder, machine, namespaces, processes
from kubepy.cluster.images import archives
from kubepy.cluster.layout import Layout

ADDRESS = "172.29.77.2"  # of the node; nothing outside it can see it
PODS = "10.244.7.0/24"
SETUP = f"""link add eth0 type bridge
addr add {ADDRESS}/24 dev eth0
link set eth0 up
route add default via 172.29.77.1
"""


class RealNode:
    """Made on entering, gone with everything in it on leaving."""

    def __init__(self, name: str, folder: Path) -> None:
        self.layout = Layout(name, clusters=folder)
        self.cgroup = f"kubepy-{name}"
        self.machine = machine.look(folder)

    def __enter__(self) -> RealNode:
        layout = self.layout
        every = archives.ensure(layout.images, self.machine.busybox)
        containerd.write_config(layout, self.machine, [], inside=True)
        network = containerd.bridge_conflist("cni0", layout.containerd / "ipam", PODS)
        (layout.cni / "10-kubepy.conflist").write_bytes(network)
        pause = layout.images / "pause"
        pause.write_bytes(_pause())
        pause.chmod(0o755)
        plan = holder.Plan(layout.node_name, str(layout.run), str(pause), self.machine.ip, 0)
        log = layout.logs / "holder.log"
        self.holder = namespaces.start(plan, self.machine, self.cgroup, log)
        self.inside = namespaces.Inside(self.holder, self.machine, self.cgroup)
        self.inside.run([self.machine.ip, "-batch", "-"], SETUP)
        command = containerd.command(layout, self.machine.containerd)
        self.inside.spawn(command, layout.logs / "containerd.log")
        socket = self.inside.root / str(layout.containerd_socket).lstrip("/")
        client = containerd.Client(self.machine.ctr, socket)
        processes.wait_until(client.ready, 30, "containerd")
        for archive in every:
            client.load(archive.path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        every = cgroups.here()
        cgroups.kill(self.cgroup, every)
        cgroups.remove(self.cgroup, every)
        shutil.rmtree(self.layout.root, ignore_errors=True)

    def run(
        self, words: Sequence[str], environment: dict[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in the node's namespaces and cgroup."""
        join = cgroups.joining(self.cgroup, cgroups.here())
        return subprocess.run(
            [*join, *self.inside.command(words)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **namespaces.environment(), **environment},
            check=False,
        )


def _pause() -> bytes:
    from kubepy.cluster.images import oci, pause

    return pause.executable(oci.architecture())
