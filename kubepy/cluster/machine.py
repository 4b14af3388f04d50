"""What this machine has to run a node with, and what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from msgspec import Struct

CNI_FOLDERS = ("/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni")
CNI_PLUGINS = ("bridge", "host-local", "loopback", "portmap")
SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")

PACKAGES = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "nft": "nftables",
    "iptables": "iptables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
}
CNI_PACKAGE = "containernetworking-plugins"

CAP_SYS_RESOURCE = 24


class Missing(Exception):
    """What a node needs and this machine lacks, and how to get it."""


class Machine(Struct, frozen=True):
    """Programs are absolute paths; a version is (major, minor, patch)."""

    containerd: str
    containerd_version: tuple[int, int, int]
    ctr: str
    shim: str
    runtime: str  # runc, or crun where there is no runc
    nft: str
    ip: str
    nsenter: str
    unshare: str
    cni: str
    busybox: str  # empty: there is none
    apparmor: bool
    full_capabilities: bool  # may lower a process's oom_score_adj
    overlayfs: bool


def look(data: Path, *, private_containerd: bool = True) -> Machine:
    """This machine, for a node whose data lies below `data`. Raises Missing."""
    found = {name: which(name) for name in ("ip", "nft", "nsenter", "unshare", "iptables")}
    runtime = which("runc") or which("crun")
    cni = next((f for f in CNI_FOLDERS if (Path(f) / CNI_PLUGINS[0]).exists()), "")
    needs = [name for name, path in found.items() if not path]
    if private_containerd:
        found |= {name: which(name) for name in ("containerd", "ctr")}
        needs += [name for name in ("containerd", "ctr") if not found[name]]
        needs += [] if runtime else ["runc"]
        needs += [f"CNI plugin {name}" for name in CNI_PLUGINS if not (Path(cni) / name).exists()]
    if needs:
        raise Missing(complaint(needs))
    containerd = found.get("containerd", "")
    return Machine(
        containerd=containerd,
        containerd_version=containerd_version(_output(containerd, "--version"))
        if containerd
        else (0, 0, 0),
        ctr=found.get("ctr", "") or which("ctr"),
        shim=_beside(containerd, "containerd-shim-runc-v2"),
        runtime=runtime,
        nft=found["nft"],
        ip=found["ip"],
        nsenter=found["nsenter"],
        unshare=found["unshare"],
        cni=cni,
        busybox=which("busybox"),
        apparmor=_says_yes(Path("/sys/module/apparmor/parameters/enabled")),
        full_capabilities=has_capability(Path("/proc/self/status").read_text(), CAP_SYS_RESOURCE),
        overlayfs=can_overlay(
            Path("/proc/filesystems").read_text(), Path("/proc/self/mountinfo").read_text(), data
        ),
    )


def complaint(needs: list[str]) -> str:
    """One line: what is missing, and the command that brings it."""
    packages = sorted({PACKAGES.get(name, CNI_PACKAGE) for name in needs})
    return f"missing: {', '.join(needs)}; install with: apt-get install {' '.join(packages)}"


def which(name: str) -> str:
    """The program's path, also where only root looks for it; empty if there is none."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *SBIN]
    return shutil.which(name, path=os.pathsep.join(folders)) or ""


def containerd_version(text: str) -> tuple[int, int, int]:
    """From `containerd --version`; (0, 0, 0) if it does not say."""
    match = re.search(r"\bv?(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else (0, 0, 0)


def has_capability(status: str, number: int) -> bool:
    """Whether /proc/<pid>/status lists a capability as effective."""
    match = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return bool(match and int(match[1], 16) >> number & 1)


UNSTACKABLE = frozenset(
    ("overlay", "aufs", "ecryptfs", "nfs", "nfs4", "fuse", "fuseblk", "9p", "vboxsf")
)


def can_overlay(filesystems: str, mountinfo: str, folder: Path) -> bool:
    """Whether overlayfs can have its layers in `folder`."""
    if "overlay" not in filesystems.split():
        return False
    return filesystem_of(mountinfo, folder) not in UNSTACKABLE


def filesystem_of(mountinfo: str, folder: Path) -> str:
    """The type of the file system that a folder lies on (or will, once it is made)."""
    best, kind = "", ""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        point = left.split()[4].replace("\\040", " ")
        inside = str(folder) == point or str(folder).startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split()[0]
    return kind


def _beside(program: str, name: str) -> str:
    """A program of the same release: PATH may hold another one's."""
    neighbour = Path(program).parent / name
    return str(neighbour) if program and neighbour.exists() else which(name)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _says_yes(path: Path) -> bool:
    try:
        return path.read_text().strip() == "Y"
    except OSError:
        return False
