"""A cgroup of its own for each local node, in every hierarchy that the machine has.

It is the root of the node's cgroup namespace, so that each node has its own /kubepods, and it is
the list of the node's processes: whatever is in it is ours and nobody else's, even if the command
that started it died before it could write that down.

With cgroup v2 a group that hands controllers to its children may hold no process itself, so the
node's own processes live in the leaf `init` below it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

from msgspec import Struct

from kubepy.cluster.processes import wait_until

ROOT = Path("/sys/fs/cgroup")
LEAF = "init"
REMOVAL = 10.0  # seconds that the kernel may take to let go of an empty group


class Hierarchy(Struct, frozen=True):
    """`options` are mount(2)'s data: `cpu,cpuacct`, `none,name=systemd`; empty for version 2."""

    point: Path
    version: int
    options: str = ""


def hierarchies(mountinfo: str) -> tuple[Hierarchy, ...]:
    """The hierarchies that /proc/self/mountinfo lists below /sys/fs/cgroup."""
    found: dict[Path, Hierarchy] = {}
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        point = Path(left.split()[4])
        kind, _, options = right.split(" ", 2)
        if point != ROOT and ROOT not in point.parents:
            continue
        if kind == "cgroup2":
            found[point] = Hierarchy(point, 2)
        elif kind == "cgroup":
            found[point] = Hierarchy(point, 1, _controllers(options))
    return tuple(found.values())


def _controllers(options: str) -> str:
    """What of a v1 mount's options names the hierarchy."""
    ignored = ("rw", "ro", "xattr", "clone_children", "noprefix")
    words = [word for word in options.split(",") if word not in ignored]
    words = [word for word in words if not word.startswith(("release_agent=", "nsroot="))]
    if any(word.startswith("name=") for word in words):
        words.insert(0, "none")  # mount(2) wants to hear that no controller is meant
    return ",".join(words)


def here() -> tuple[Hierarchy, ...]:
    return hierarchies(Path("/proc/self/mountinfo").read_text())


def is_unified(every: tuple[Hierarchy, ...]) -> bool:
    """Whether version 2 alone is in use, and not beside version 1."""
    return bool(every) and all(hierarchy.version == 2 for hierarchy in every)


def make(name: str, every: tuple[Hierarchy, ...]) -> None:
    """Make the group `name` in every hierarchy; one that is there already is taken."""
    unified = is_unified(every)
    for hierarchy in every:
        group = hierarchy.point / name
        if unified:
            _hand_down(hierarchy.point)
        group.mkdir(exist_ok=True)
        if "cpuset" in hierarchy.options.split(","):
            # an empty cpuset takes no process, and a new one is empty
            for file in ("cpuset.cpus", "cpuset.mems"):
                (group / file).write_text((hierarchy.point / file).read_text())


def _hand_down(point: Path) -> None:
    """Let children of a v2 group limit what the group itself may limit."""
    for controller in (point / "cgroup.controllers").read_text().split():
        with contextlib.suppress(OSError):  # one that cannot be handed down is not missed here
            (point / "cgroup.subtree_control").write_text(f"+{controller}")


def settle(name: str, every: tuple[Hierarchy, ...]) -> None:
    """Version 2: once the group is a namespace's root, let it hand its controllers down."""
    if not is_unified(every):
        return
    group = every[0].point / name
    (group / LEAF).mkdir(exist_ok=True)
    for pid in (group / "cgroup.procs").read_text().split():
        (group / LEAF / "cgroup.procs").write_text(pid)
    _hand_down(group)


JOIN = 'for file in $1; do echo 0 > "$file" || exit 125; done; shift; exec "$@"'


def joining(name: str, every: tuple[Hierarchy, ...], *, founding: bool = False) -> list[str]:
    """Words to put before a command, for it to move itself into the group and then go on.

    `founding`: the group is yet to become the root of a cgroup namespace, by this process. (A shell
    and not a function for the child to call: Python must not run between fork and exec where there
    are threads.)
    """
    leaf = LEAF if is_unified(every) and not founding else "."
    files = [os.fspath(h.point / name / leaf / "cgroup.procs") for h in every]
    return ["/bin/sh", "-c", JOIN, "join", " ".join(files)]


def members(name: str, every: tuple[Hierarchy, ...]) -> set[int]:
    """The processes in the group and below it."""
    found: set[int] = set()
    for hierarchy in every:
        for folder, _, _ in os.walk(hierarchy.point / name):
            with contextlib.suppress(OSError):  # it went away while we looked
                found.update(map(int, (Path(folder) / "cgroup.procs").read_text().split()))
    return found


def kill(name: str, every: tuple[Hierarchy, ...]) -> None:
    """End every process in the group. Raises processes.Timeout if one will not go."""

    def none_left() -> bool:
        left = members(name, every) - {0}  # 0: a process of an outer PID namespace, not visible
        for pid in left:
            _kill(pid, name, every)
        return not left

    wait_until(none_left, 30, f"killing what is in cgroup {name}")


def _kill(pid: int, name: str, every: tuple[Hierarchy, ...]) -> None:
    try:
        handle = os.pidfd_open(pid)  # from here on the PID cannot change hands
    except ProcessLookupError:
        return
    try:
        if pid in members(name, every):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
    except ProcessLookupError:
        pass
    finally:
        os.close(handle)


def remove(name: str, every: tuple[Hierarchy, ...]) -> list[Path]:
    """Remove the group and all below it; what could not be removed."""
    deadline = time.monotonic() + REMOVAL
    left: list[Path] = []
    for hierarchy in every:
        for folder, _, _ in os.walk(hierarchy.point / name, topdown=False):
            while True:
                try:
                    os.rmdir(folder)
                except FileNotFoundError:
                    pass
                except OSError:  # busy: processes that were killed are still on their way out
                    if time.monotonic() < deadline:
                        time.sleep(0.005)
                        continue
                    left.append(Path(folder))
                break
    return left
