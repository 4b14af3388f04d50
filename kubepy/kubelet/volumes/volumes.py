"""The volumes of the node's pods on disk: made before a pod starts, refreshed, and taken away.

    <root>/pods/<uid>/volumes/kubernetes.io~configmap/<name>/
    <root>/pods/<uid>/volumes/kubernetes.io~empty-dir/<name>/
    <root>/pods/<uid>/volume-subpaths/...

The layout is Kubernetes' own, so whatever looks into a node finds its way.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import stat
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from kubepy.api.core.v1 import (
    ConfigMap,
    EmptyDirVolumeSource,
    HostPathVolumeSource,
    Pod,
    Secret,
    Volume,
)
from kubepy.api.types import Quantity
from kubepy.base.clock import Clock
from kubepy.kubelet.volumes import atomic
from kubepy.kubelet.volumes.mounts import Located, SubPath, check_sub_path
from kubepy.kubelet.volumes.payload import Sources, VolumeError, files, is_rendered, wanted
from kubepy.meta.errors import ApiError

EMPTY_DIR_MODE = 0o777
GROUP_BITS = stat.S_IRWXG | stat.S_ISGID
# A token is asked for again when this share of its life is over, or after a day.
TOKEN_SHARE = 0.8
TOKEN_MAX_SECONDS = 24 * 3600.0

_PLUGINS = {
    "configMap": "configmap",
    "secret": "secret",
    "downwardAPI": "downward-api",
    "projected": "projected",
    "emptyDir": "empty-dir",
}


class Objects(Protocol):
    """Where the contents come from: the apiserver, through the kubelet's client."""

    async def config_map(self, namespace: str, name: str) -> ConfigMap | None: ...

    async def secret(self, namespace: str, name: str) -> Secret | None: ...

    async def token(self, pod: Pod, audience: str, seconds: int) -> tuple[str, float]:
        """A token bound to the pod, and when it expires (unix seconds)."""


class _Token(Struct):
    text: str
    renew_at: float


class Volumes:
    """`root` is the kubelet's directory; effects only, what lies in a volume is `payload`'s."""

    def __init__(self, root: Path, objects: Objects, clock: Clock) -> None:
        self.root = root
        self.objects = objects
        self.clock = clock
        self._tokens: dict[tuple[str, str, int], _Token] = {}  # (pod uid, audience, seconds)

    def pod_directory(self, uid: str) -> Path:
        return self.root / "pods" / uid

    async def prepare(
        self,
        pod: Pod,
        allocatable: Mapping[str, Quantity] | None = None,
        addresses: Mapping[str, str] | None = None,
    ) -> dict[str, Located]:
        """Make every volume of the pod, or bring its files up to date; name → where it is.

        Raises VolumeError for what the pod has to wait for, in the words of its event.
        """
        located: dict[str, Located] = {}
        for volume in pod.spec.volumes:
            rendered = [volume] if is_rendered(volume) else []
            try:
                sources = await self._fetch(pod, rendered, allocatable or {}, addresses or {})
                located[volume.name] = await asyncio.to_thread(self._make, pod, volume, sources)
            except (VolumeError, ApiError, OSError) as error:
                message = f'MountVolume.SetUp failed for volume "{volume.name}" : {error}'
                raise VolumeError(message) from error
        return located

    async def _fetch(
        self,
        pod: Pod,
        volumes: list[Volume],
        allocatable: Mapping[str, Quantity],
        addresses: Mapping[str, str],
    ) -> Sources:
        names = wanted(volumes)
        namespace = pod.metadata.namespace
        maps = {name: await self.objects.config_map(namespace, name) for name in names.config_maps}
        secrets = {name: await self.objects.secret(namespace, name) for name in names.secrets}
        tokens = {key: await self._token(pod, *key) for key in names.tokens}
        return Sources(
            config_maps={name: found for name, found in maps.items() if found is not None},
            secrets={name: found for name, found in secrets.items() if found is not None},
            tokens=tokens,
            allocatable=allocatable,
            addresses=addresses,
        )

    async def _token(self, pod: Pod, audience: str, seconds: int) -> str:
        key = (pod.metadata.uid, audience, seconds)
        now = self.clock.now()
        token = self._tokens.get(key)
        if token is None or now >= token.renew_at:
            text, expires = await self.objects.token(pod, audience, seconds)
            renew_at = now + min((expires - now) * TOKEN_SHARE, TOKEN_MAX_SECONDS)
            token = self._tokens[key] = _Token(text, renew_at)
        return token.text

    def _make(self, pod: Pod, volume: Volume, sources: Sources) -> Located:
        if volume.hostPath:
            return Located(_host_path(volume.hostPath))
        kind = next((name for name in _PLUGINS if getattr(volume, name) is not None), None)
        if kind is None:
            raise VolumeError(f'volume "{volume.name}" is of a kind that this kubelet cannot mount')
        directory = self._directory(pod, _PLUGINS[kind], volume.name)
        group = pod.spec.securityContext.fsGroup if pod.spec.securityContext else None
        if volume.emptyDir is not None:
            _empty_dir(directory, volume.emptyDir, group)
            return Located(str(directory))
        directory.mkdir(parents=True, exist_ok=True)
        moment = datetime.fromtimestamp(self.clock.now(), UTC)
        stamp = f"{moment:%Y_%m_%d_%H_%M_%S}.{os.urandom(5).hex()}"
        atomic.write(directory, files(pod, volume, sources), stamp=stamp, group=group)
        return Located(str(directory), read_only=True)

    def _directory(self, pod: Pod, plugin: str, name: str) -> Path:
        volumes = self.pod_directory(pod.metadata.uid) / "volumes"
        return volumes / f"kubernetes.io~{plugin}" / name

    async def teardown(self, uid: str) -> None:
        """Take everything of a pod away; does nothing where nothing is left."""
        for key in [key for key in self._tokens if key[0] == uid]:
            del self._tokens[key]
        await asyncio.to_thread(_remove, self.pod_directory(uid))

    def left_over(self, uids: set[str]) -> list[str]:
        """The pods that have a directory and are not among `uids`."""
        pods = self.root / "pods"
        return (
            [path.name for path in pods.iterdir() if path.name not in uids] if pods.is_dir() else []
        )


def _host_path(source: HostPathVolumeSource) -> str:
    path = Path(source.path)
    kind = source.type or ""
    if kind == "DirectoryOrCreate" and not path.exists():
        path.mkdir(mode=0o755, parents=True)
    elif kind == "FileOrCreate" and not path.exists():
        path.touch(mode=0o644)
    checks = {
        "Directory": (path.is_dir, "a directory"),
        "DirectoryOrCreate": (path.is_dir, "a directory"),
        "File": (path.is_file, "a file"),
        "FileOrCreate": (path.is_file, "a file"),
        "Socket": (path.is_socket, "a socket file"),
        "CharDevice": (path.is_char_device, "a character device"),
        "BlockDevice": (path.is_block_device, "a block device"),
    }
    if kind in checks:
        holds, what = checks[kind]
        if not holds():
            raise VolumeError(f"hostPath type check failed: {path} is not {what}")
    return str(path)


def _empty_dir(directory: Path, source: EmptyDirVolumeSource, group: int | None) -> None:
    if directory.exists() and (source.medium != "Memory" or os.path.ismount(directory)):
        return  # made before: what is in it is the pod's
    directory.mkdir(parents=True, exist_ok=True)
    if source.medium == "Memory":
        limit = f"size={source.sizeLimit.value()}" if source.sizeLimit else ""
        _mount("tmpfs", str(directory), "tmpfs", limit)
    elif source.medium:
        raise VolumeError(f"emptyDir medium {source.medium!r} is not supported on this node")
    directory.chmod(EMPTY_DIR_MODE)
    if group is not None:
        os.chown(directory, -1, group)
        directory.chmod(EMPTY_DIR_MODE | GROUP_BITS)


def make_sub_path(sub_path: SubPath) -> None:
    """Make a directory within a volume, where nothing is yet, never following a symbolic link.

    A container can put links into its volumes, and the kubelet is root: each step is opened
    relative to the one before it, without following.
    """
    check_sub_path(sub_path.path)
    parent = os.open(sub_path.volume, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name in filter(None, sub_path.path.split("/")):
            if name == ".":
                continue
            try:
                os.mkdir(name, 0o755, dir_fd=parent)
            except FileExistsError:
                found = os.stat(name, dir_fd=parent, follow_symlinks=False)
                if stat.S_ISLNK(found.st_mode) and not _is_own_link(name, parent):
                    raise VolumeError(f"subPath {sub_path.path!r} leads through a link") from None
                if not stat.S_ISDIR(found.st_mode):
                    return  # a file is mounted as it is
            child = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
            os.close(parent)
            parent = child
    except OSError as error:
        raise VolumeError(f"subPath {sub_path.path!r}: {error.strerror}") from error
    finally:
        os.close(parent)


def _is_own_link(name: str, parent: int) -> bool:
    """Whether the link is one that `atomic` made: it leads into the volume's own ..data."""
    return os.readlink(name, dir_fd=parent) == f"{atomic.DATA}/{name}"


def _remove(directory: Path) -> None:
    """The directory with all in it; what is mounted below is unmounted, not emptied."""
    if not directory.exists():
        return
    for mounted in _mounts_below(directory):
        _unmount(mounted)
    shutil.rmtree(directory, ignore_errors=True)


def _mounts_below(directory: Path) -> list[str]:
    """The mount points below a directory, the deepest first."""
    prefix = f"{directory.resolve()}/"
    points = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = line.split(" ")[4].encode().decode("unicode_escape")
        if point.startswith(prefix):
            points.append(point)
    return sorted(points, reverse=True)


_libc = ctypes.CDLL(None, use_errno=True)
_MNT_DETACH = 2
_MS_NOSUID_NODEV = 2 | 4


def _mount(source: str, target: str, filesystem: str, data: str) -> None:
    arguments = (source.encode(), target.encode(), filesystem.encode())
    if _libc.mount(*arguments, ctypes.c_ulong(_MS_NOSUID_NODEV), data.encode()) != 0:
        raise VolumeError(f"mounting {filesystem} at {target}: {os.strerror(ctypes.get_errno())}")


def _unmount(target: str) -> None:
    _libc.umount2(target.encode(), _MNT_DETACH)
