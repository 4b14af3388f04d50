"""A busybox image from the machine's own static busybox."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from msgspec import Struct

from kubepy.cluster.images.oci import Entry, Image

REPOSITORY = "docker.io/library/busybox"

_PASSWD = """\
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
"""
_GROUP = """\
root:x:0:
daemon:x:1:
tty:x:5:
www-data:x:33:
users:x:100:
nogroup:x:65534:
"""


class Busybox(Struct, frozen=True):
    """A static busybox: the program, the names that it answers to, its version (`1.35`)."""

    program: bytes
    applets: tuple[str, ...]
    version: str


def find(path: Path) -> Busybox:
    """What the busybox at `path` can do. Raises OSError or ValueError if it cannot be used."""
    listing = subprocess.run([path, "--list"], capture_output=True, text=True, check=False)
    head = subprocess.run([path], capture_output=True, text=True, check=False).stdout
    version = re.match(r"BusyBox v(\d+\.\d+)", head)
    program = path.read_bytes()
    if version is None or not listing.stdout:
        raise ValueError(f"{path} is not a busybox that runs here")
    if _is_dynamic(program):
        raise ValueError(f"{path} needs shared libraries: a static one is wanted (busybox-static)")
    return Busybox(program, tuple(sorted(listing.stdout.split())), version[1])


def _is_dynamic(program: bytes) -> bool:
    """Whether an ELF file asks for a dynamic loader (a PT_INTERP header)."""
    offset = int.from_bytes(program[32:40], "little")
    size, count = (int.from_bytes(program[at : at + 2], "little") for at in (54, 56))
    starts = range(offset, offset + size * count, size or 1)
    return any(int.from_bytes(program[at : at + 4], "little") == 3 for at in starts)


def image(busybox: Busybox) -> Image:
    """The image: `latest`, as manifests say, and its version, which nobody tries to pull again."""
    links = (name for name in busybox.applets if name != "busybox")
    return Image(
        (f"{REPOSITORY}:latest", f"{REPOSITORY}:{busybox.version}"),
        (
            Entry("bin/busybox", busybox.program),
            *(Entry(f"bin/{name}", target="busybox") for name in links),
            Entry("usr/bin/env", target="/bin/busybox"),
            Entry("etc/passwd", _PASSWD.encode(), mode=0o644),
            Entry("etc/group", _GROUP.encode(), mode=0o644),
            Entry("home"),
            Entry("root", mode=0o700),
            Entry("tmp", mode=0o1777),
            Entry("var/www"),
            Entry("var/spool/mail"),
        ),
        command=("sh",),
    )
