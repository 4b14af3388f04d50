"""Writes all files of a volume at once, as Kubernetes lays them out.

    <volume>/..2026_01_02_03_04_05.123456/config.yaml   the files, never changed once written
    <volume>/..data -> ..2026_01_02_03_04_05.123456     switched by one rename
    <volume>/config.yaml -> ..data/config.yaml

A reader sees the old files or the new ones, never a mixture.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from kubepy.kubelet.volumes.payload import File

DATA = "..data"
_SWITCH = "..data_tmp"
_DIRECTORY_MODE = 0o755


def write(volume: Path, files: Mapping[str, File], *, stamp: str, group: int | None = None) -> bool:
    """Make `volume` hold exactly `files`; False if it does already.

    `stamp` names the new version and must not have been used before in this volume; `group` owns
    the files (fsGroup), which then may be read by it.
    """
    current = volume / DATA
    if current.is_symlink() and _read(current) == {
        k: (f.data, _mode(f, group)) for k, f in files.items()
    }:
        return False
    fresh = volume / f"..{stamp}"
    fresh.mkdir(mode=_DIRECTORY_MODE)
    fresh.chmod(_DIRECTORY_MODE)
    for path, file in files.items():
        _write_file(fresh / path, file, group)
    previous = current.readlink() if current.is_symlink() else None
    switch = volume / _SWITCH
    switch.unlink(missing_ok=True)
    switch.symlink_to(fresh.name)
    switch.replace(current)
    _link(volume, {path.split("/", 1)[0] for path in files})
    if previous is not None and previous.name != fresh.name:
        shutil.rmtree(volume / previous, ignore_errors=True)
    return True


def _mode(file: File, group: int | None) -> int:
    return file.mode | 0o440 if group is not None else file.mode


def _write_file(path: Path, file: File, group: int | None) -> None:
    path.parent.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
    path.write_bytes(file.data)
    if group is not None:
        os.chown(path, -1, group)
    path.chmod(_mode(file, group))


def _read(directory: Path) -> dict[str, tuple[bytes, int]]:
    base = directory.resolve()
    return {
        str(path.relative_to(base)): (path.read_bytes(), path.stat().st_mode & 0o7777)
        for path in base.rglob("*")
        if path.is_file()
    }


def _link(volume: Path, names: set[str]) -> None:
    """The user's names for the files: new ones before stale ones go."""
    for name in names:
        link = volume / name
        if not link.is_symlink():
            link.symlink_to(f"{DATA}/{name}")
    for entry in volume.iterdir():
        if not entry.name.startswith("..") and entry.name not in names:
            entry.unlink(missing_ok=True)
