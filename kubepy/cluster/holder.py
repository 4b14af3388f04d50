"""Process 1 of a local node: furnishes the node's namespaces, then turns into `pause`.

`unshare` starts it in new mount, network, UTS, IPC, PID and cgroup namespaces. It tells its parent
through a pipe how it went: `ok`, or what went wrong. When it is killed, the kernel ends every
process of the node and takes the mounts and the network with them.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
from msgspec import Struct

from kubepy.cluster import cgroups
from kubepy.cluster.mounts import (
    DETACH,
    NODEV,
    NOEXEC,
    NOSUID,
    PRIVATE,
    REC,
    SHARED,
    mount,
    unmount,
)  # fmt: skip

OK = b"ok"

SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    "net/ipv6/conf/all/forwarding": "1",
    # pods of one node meet on a bridge; without these, their answers would pass kube-proxy by
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/bridge/bridge-nf-call-ip6tables": "1",
}


class Plan(Struct, frozen=True):
    """What the parent tells the holder. `hybrid`: keep cgroup v2 beside v1 (crun cannot)."""

    hostname: str
    run: str  # the folder for the node's sockets
    pause: str  # what to become in the end
    ip: str  # the program
    report: int  # the pipe's file descriptor
    hybrid: bool = True


def main() -> None:
    plan = msgspec.json.decode(sys.argv[1], type=Plan)
    os.set_inheritable(plan.report, False)  # closed when this turns into pause
    try:
        furnish(plan)
    except Exception as error:  # whatever it is, the parent is who can tell somebody
        os.write(plan.report, str(error).encode()[:4096])
        sys.exit(1)
    os.write(plan.report, OK)
    os.execv(plan.pause, ["pause"])


def furnish(plan: Plan) -> None:
    every = cgroups.here()  # as the machine has them; read before /sys is replaced
    mount("none", "/", flags=REC | PRIVATE)  # nothing that follows is to be seen outside
    mount("proc", "/proc", "proc", NOSUID | NODEV | NOEXEC)
    mount("run", "/run", "tmpfs", NOSUID | NODEV, "mode=755")
    for folder in ("/run/lock", "/run/netns", plan.run):
        os.makedirs(folder)
    # libcni's cache has one place for the whole machine: nodes would share, and leak into, it
    mount("cni", "/var/lib/cni", "tmpfs", NOSUID | NODEV, "mode=700")
    _sys(every, plan)
    mount("none", "/", flags=REC | SHARED)  # last: containers ask for mount propagation
    socket.sethostname(plan.hostname)
    subprocess.run([plan.ip, "link", "set", "lo", "up"], check=True)
    for name, value in SYSCTLS.items():
        with contextlib.suppress(FileNotFoundError):  # no IPv6, no br_netfilter: nothing to set
            Path("/proc/sys", name).write_text(value)


def _sys(every: tuple[cgroups.Hierarchy, ...], plan: Plan) -> None:
    """A /sys of this network namespace, with the cgroups as this cgroup namespace sees them."""
    secured = os.path.ismount("/sys/kernel/security")
    unmount("/sys", DETACH)
    mount("sysfs", "/sys", "sysfs", NOSUID | NODEV | NOEXEC)
    if secured:
        mount("securityfs", "/sys/kernel/security", "securityfs", NOSUID | NODEV | NOEXEC)
    root = str(cgroups.ROOT)
    if cgroups.is_unified(every):
        mount("cgroup2", root, "cgroup2", NOSUID | NODEV | NOEXEC)
        return
    mount("cgroup", root, "tmpfs", NOSUID | NODEV | NOEXEC, "mode=755")
    for hierarchy in every:
        point = str(hierarchy.point)
        if hierarchy.version == 2 and not plan.hybrid:
            continue
        os.mkdir(point)
        kind = "cgroup" if hierarchy.version == 1 else "cgroup2"
        mount("cgroup", point, kind, NOSUID | NODEV | NOEXEC, hierarchy.options)
        controllers = hierarchy.options.split(",")
        for controller in controllers if len(controllers) > 1 else ():
            link = cgroups.ROOT / controller  # cpu → cpu,cpuacct
            if "=" not in controller and controller != "none" and not link.exists():
                link.symlink_to(hierarchy.point.name)


if __name__ == "__main__":
    main()
