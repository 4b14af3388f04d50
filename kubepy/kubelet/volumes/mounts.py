"""How a container mounts its pod's volumes. Touches nothing."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from kubepy.api.core.v1 import Container
from kubepy.kubelet.volumes.payload import VolumeError

Propagation = Literal["None", "HostToContainer", "Bidirectional"]
_REFERENCE = re.compile(r"\$\$|\$\(([^()]*)\)")


class Mount(Struct, frozen=True):
    """A bind mount into a container."""

    container_path: str
    host_path: str
    read_only: bool = False
    recursive_read_only: bool = False
    propagation: Propagation = "None"


class Located(Struct, frozen=True):
    """Where a volume is on the node; `read_only` is the volume's own wish."""

    path: str
    read_only: bool = False


class SubPath(Struct, frozen=True):
    """A place within a volume that must exist before the container starts.

    Whoever makes it must not follow symbolic links out of `volume`.
    """

    volume: str
    path: str


def mounts(
    container: Container, volumes: Mapping[str, Located], environment: Mapping[str, str]
) -> tuple[list[Mount], list[SubPath]]:
    """The mounts in the order of the manifest, and the sub-paths to make first."""
    found: list[Mount] = []
    made: list[SubPath] = []
    for mount in container.volumeMounts:
        volume = volumes.get(mount.name)
        if volume is None:
            raise VolumeError(f"no volume is called {mount.name}")
        path = mount.subPath
        if mount.subPathExpr:
            path = expand(mount.subPathExpr, environment)
        host_path = volume.path
        if path:
            check_sub_path(path)
            made.append(SubPath(volume.path, path))
            host_path = posixpath.join(volume.path, posixpath.normpath(path))
        read_only = mount.readOnly or volume.read_only
        found.append(
            Mount(
                container_path=mount.mountPath
                if mount.mountPath.startswith("/")
                else f"/{mount.mountPath}",
                host_path=host_path,
                read_only=read_only,
                recursive_read_only=read_only and mount.recursiveReadOnly == "Enabled",
                propagation=mount.mountPropagation or "None",  # type: ignore[arg-type]
            )
        )
    return found, made


def check_sub_path(path: str) -> None:
    if path.startswith("/") or ".." in path.split("/"):
        raise VolumeError(f"subPath must stay within its volume: {path!r}")


def expand(text: str, environment: Mapping[str, str]) -> str:
    """`$(NAME)` replaced by the variable's value; a name that is not set is an error here."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        if match[1] not in environment:
            raise VolumeError(f"subPathExpr refers to {match[1]}, which is not set")
        return environment[match[1]]

    return _REFERENCE.sub(value, text)
