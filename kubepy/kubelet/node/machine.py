"""What this machine is and how it feels: read from /proc, /sys and /etc."""

from __future__ import annotations

import os
import platform
import socket
from pathlib import Path

from msgspec import Struct

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


class Machine(Struct, frozen=True):
    """What does not change while it runs."""

    hostname: str
    cpus: int
    memory: int  # bytes
    swap: int
    machine_id: str
    system_uuid: str
    boot_id: str
    kernel: str
    os_image: str
    architecture: str


class Pressure(Struct, frozen=True):
    """How much is left: bytes, inodes, process ids. (available, capacity) each."""

    memory: tuple[int, int]
    node_disk: tuple[int, int]
    node_inodes: tuple[int, int]
    image_disk: tuple[int, int]
    image_inodes: tuple[int, int]
    pids: tuple[int, int]


def machine() -> Machine:
    memory = _meminfo()
    kernel = platform.uname()
    return Machine(
        hostname=socket.gethostname().lower(),
        cpus=len(os.sched_getaffinity(0)),
        memory=memory.get("MemTotal", 0),
        swap=memory.get("SwapTotal", 0),
        machine_id=_first_line("/etc/machine-id"),
        system_uuid=_first_line("/sys/class/dmi/id/product_uuid"),
        boot_id=_first_line("/proc/sys/kernel/random/boot_id"),
        kernel=kernel.release,
        os_image=_os_image(),
        architecture=ARCHITECTURES.get(kernel.machine, kernel.machine),
    )


def pressure(root: str, images: str) -> Pressure:
    """`root`: the kubelet's directory; `images`: where the runtime keeps images."""
    memory = _meminfo()
    node, image = _filesystem(root), _filesystem(images or root)
    return Pressure(
        memory=(_available(memory), memory.get("MemTotal", 0)),
        node_disk=node[0],
        node_inodes=node[1],
        image_disk=image[0],
        image_inodes=image[1],
        pids=_pids(),
    )


def disk_capacity(path: str) -> int:
    """Bytes of the filesystem that holds `path`."""
    return _filesystem(path)[0][1]


def default_addresses() -> tuple[str, ...]:
    """The address that the default route uses, IPv4 first; loopback if there is no other.

    Connecting a datagram socket sends nothing: it asks the kernel for the route.
    """
    found = []
    for family, target in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            try:
                asking.connect((target, 9))
            except OSError:
                continue
            found.append(asking.getsockname()[0])
    found = [address for address in found if not address.startswith("fe80:")]
    return tuple(found[:1]) or ("127.0.0.1",)


def _meminfo() -> dict[str, int]:
    """/proc/meminfo in bytes."""
    found = {}
    for line in _text("/proc/meminfo").splitlines():
        name, _, rest = line.partition(":")
        number = rest.split()
        if number and number[0].isdecimal():
            found[name] = int(number[0]) * (1024 if len(number) > 1 else 1)
    return found


def _available(memory: dict[str, int]) -> int:
    return memory.get("MemAvailable", memory.get("MemFree", 0))


def _filesystem(path: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """((bytes available, capacity), (inodes available, capacity)); zeros if it cannot be read."""
    try:
        stat = os.statvfs(path)
    except OSError:
        return (0, 0), (0, 0)
    size = stat.f_frsize
    return (stat.f_bavail * size, stat.f_blocks * size), (stat.f_favail, stat.f_files)


def _pids() -> tuple[int, int]:
    text = _first_line("/proc/sys/kernel/pid_max")
    most = int(text) if text.isdecimal() else 0
    running = _first_line("/proc/loadavg").split(" ")
    used = int(running[3].partition("/")[2]) if len(running) > 3 else 0
    return most - used, most


def _os_image() -> str:
    for line in _text("/etc/os-release").splitlines():
        name, _, value = line.partition("=")
        if name == "PRETTY_NAME":
            return value.strip().strip('"')
    return "Unknown"


def _first_line(path: str) -> str:
    return _text(path).partition("\n")[0].strip()


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
