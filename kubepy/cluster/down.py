"""`kubepy down`: nothing of a cluster stays, however it ended.

It goes by the state file and by the node's cgroup: every process in that group is the cluster's,
also one that was started by an `up` which died before it could write that down. It never goes by
names of processes, and by a PID only together with the moment of the process's start.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from kubepy.cluster import (
    cgroups,
    containerd,
    fabric,
    kubeconfig,
    machine,
    mounts,
    processes,
    state,
)
from kubepy.cluster.fabric import Fabric
from kubepy.cluster.layout import Layout
from kubepy.cluster.show import Progress
from kubepy.cluster.state import CONTAINERD, CONTROL_PLANE, HOLDER, NODE, State
from kubepy.cluster.up import control_cgroup

GRACE = 5.0  # seconds for the control plane to close its store


class DownError(Exception):
    """Something of the cluster could not be removed; the message says what."""


def down(layout: Layout, found: State, show: Progress) -> None:
    """Raises DownError, having removed what it could."""
    if os.geteuid() != 0:
        raise DownError("this needs root: run it as root, for example with sudo")
    step, left = show.step, list[str]()
    with step(f"kubectl context {layout.context}"):
        left += _context(layout, found)
    if found.host:
        with step("Pods"):
            left += _pods(layout, found)
    with step("Processes"):
        _processes(found)
    with step("Network"):
        _network(found)
    with step("Cgroups"):
        every = cgroups.here()
        for name in (found.cgroup, control_cgroup(found)):
            left += map(str, cgroups.remove(name, every))
    if not left:  # else they are what a second `down` goes by
        with step("Files"):
            left += _files(layout)
    if left:
        raise DownError(f"could not remove {', '.join(left)}")


def _context(layout: Layout, found: State) -> list[str]:
    """From the file into which it went, and from those that the user has now."""
    problems = []
    candidates = [Path(found.kubeconfig)] if found.kubeconfig else []
    for path in dict.fromkeys([*candidates, *kubeconfig.files(os.environ)]):
        try:
            kubeconfig.remove_from(path, layout.context)
        except kubeconfig.KubeconfigError as error:
            problems.append(f"context {layout.context} ({error})")
    return problems


def _processes(found: State) -> None:
    every = cgroups.here()
    # the node first: nothing is to start anew while the apiserver goes. All of it at once: the
    # holder's end waits for all in its PID namespace, and they for the `nsenter` that started them,
    # which is stopped if the node was
    cgroups.kill(found.cgroup, every)
    for name in (NODE, HOLDER, CONTAINERD):
        processes.stop(found.processes.get(name), grace=0)
    processes.stop(found.processes.get(CONTROL_PLANE), grace=GRACE)
    cgroups.kill(control_cgroup(found), every)


def _pods(layout: Layout, found: State) -> list[str]:
    """On the machine's own network each pod's addresses and host ports are given back."""
    from kubepy.cluster import sandboxes
    from kubepy.cluster.up import CONTAINERD_PATIENCE, run_containerd

    processes.stop(found.processes.get(NODE), grace=0)  # or it would start them anew
    pods = sandboxes.uids(layout.kubelet)
    if not pods:
        return []
    if found.containerd_socket:
        return sandboxes.remove(Path(found.containerd_socket), pods)
    if not processes.is_alive(found.processes.get(CONTAINERD)):
        if not _same_boot(found):
            return []  # the machine was started anew since: nothing is left to give back
        run_containerd(layout, found, machine.which("containerd"))
        client = containerd.Client(machine.which("ctr"), layout.containerd_socket)
        processes.wait_until(client.ready, CONTAINERD_PATIENCE, "containerd")
    return sandboxes.remove(layout.containerd_socket, pods)


def _same_boot(found: State) -> bool:
    return any(process.boot == processes.boot_id() for process in found.processes.values())


def _network(found: State) -> None:
    ip, nft = machine.which("ip"), machine.which("nft")
    port = "" if found.host else Fabric(found.slot).port
    fabric.drop(ip, found.link, port, found.routes)
    if not found.host:
        return
    fabric.drop(ip, f"{found.link}p", "", ())
    fabric.drop_table(nft, found.table)
    _clean_proxy_rules()
    for program in filter(None, map(machine.which, ("iptables", "ip6tables"))):
        fabric.drop_host_port_chains(program)
    if found.forwarding:
        Path("/proc/sys/net/ipv4/ip_forward").write_text("0")


def _clean_proxy_rules() -> None:
    import asyncio

    from kubepy.proxy import run
    from kubepy.proxy.config import Config

    asyncio.run(run.main(Config(cleanup=True)))


def _files(layout: Layout) -> list[str]:
    """Remove the cluster's folders, after every mount in them: never through one."""
    left = []
    for folder in (layout.run, layout.root):
        for point in mounted_below(Path("/proc/self/mountinfo").read_text(), folder):
            with contextlib.suppress(OSError):
                mounts.unmount(point, mounts.DETACH)
        still = mounted_below(Path("/proc/self/mountinfo").read_text(), folder)
        if still:
            left += still
            continue
        if folder == layout.root:  # the state goes last: until then `down` can be tried again
            for path in sorted(folder.iterdir()) if folder.exists() else ():
                if path != layout.state:
                    left += _remove(path)
        if not left:
            left += _remove(folder)
    with contextlib.suppress(OSError):
        layout.run.parent.rmdir()
    if not state.names(layout.clusters):
        with contextlib.suppress(OSError):  # made to mount on; empty if nobody else uses it
            Path("/var/lib/cni").rmdir()
    return left


def _remove(path: Path) -> list[str]:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        return [f"{path} ({error.strerror})"]
    return []


def mounted_below(mountinfo: str, folder: Path) -> list[str]:
    """The mount points in a folder, the deepest first."""
    points = [line.split()[4].replace("\\040", " ") for line in mountinfo.splitlines()]
    inside = [point for point in points if point == str(folder) or point.startswith(f"{folder}/")]
    return sorted(inside, key=len, reverse=True)
