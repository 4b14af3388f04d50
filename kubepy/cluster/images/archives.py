"""The archives that every cluster starts with: pause, and busybox where there is one."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from kubepy.base.files import write_file
from kubepy.cluster.images import busybox, oci, pause
from kubepy.cluster.images.oci import Image


class Archive(Struct, frozen=True):
    """An image's archive, and the names that the image has in it."""

    names: tuple[str, ...]
    path: Path


def ensure(folder: Path, busybox_program: str) -> list[Archive]:
    """The archives in `folder`, made if they are not there yet.

    Raises pause.UnknownMachine; a busybox that cannot be used is left out.
    """
    arch = oci.architecture()
    found = [_write(folder, "pause", pause.image(arch), arch)]
    try:
        tool = busybox.find(Path(busybox_program)) if busybox_program else None
    except (OSError, ValueError):
        tool = None
    if tool is not None:
        found.append(_write(folder, "busybox", busybox.image(tool), arch))
    return found


def _write(folder: Path, name: str, image: Image, arch: str) -> Archive:
    path = folder / f"{name}.tar"
    content = oci.archive(image, arch)
    if not path.exists() or path.read_bytes() != content:
        write_file(path, content)
    return Archive(image.names, path)
