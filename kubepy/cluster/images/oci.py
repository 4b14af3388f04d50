"""OCI image archives: one layer, one file, the same bytes whenever the content is the same.

An archive is a tar file that holds an OCI image layout. containerd takes the image's name from
the index's annotation.
"""

from __future__ import annotations

import hashlib
import io
import platform
import tarfile
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

_INDEX = "application/vnd.oci.image.index.v1+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


class Entry(Struct, frozen=True):
    """A thing in an image's file system: a file, or a link (`target`), or a folder (neither)."""

    path: str
    content: bytes | None = None
    target: str = ""
    mode: int = 0o755


class Image(Struct, frozen=True):
    """Names are in full: `docker.io/library/busybox:1.35`. Folders above entries come unasked."""

    names: tuple[str, ...]
    entries: tuple[Entry, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[str, ...] = (
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    )
    user: str = ""


def architecture() -> str:
    """This machine's, in OCI's words; its own word if OCI has another than we know."""
    return _ARCHITECTURES.get(platform.machine(), platform.machine())


def archive(image: Image, arch: str) -> bytes:
    """The image's archive, ready for `ctr images import`."""
    layer = _layer(image.entries)
    config = _json(
        {
            "architecture": arch,
            "os": "linux",
            "config": _container_config(image),
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(_CONFIG, config),
            "layers": [_descriptor(_LAYER, layer)],
        }
    )
    named = [
        _descriptor(_MANIFEST, manifest)
        | {
            "platform": {"architecture": arch, "os": "linux"},
            "annotations": {
                "io.containerd.image.name": name,
                "org.opencontainers.image.ref.name": name.rpartition(":")[2],
            },
        }
        for name in image.names
    ]
    index = _json({"schemaVersion": 2, "mediaType": _INDEX, "manifests": named})
    blobs = {_digest(blob).removeprefix("sha256:"): blob for blob in (manifest, config, layer)}
    return _tar(
        [
            Entry("oci-layout", _json({"imageLayoutVersion": "1.0.0"}), mode=0o644),
            Entry("index.json", index, mode=0o644),
            *(Entry(f"blobs/sha256/{name}", blob, mode=0o644) for name, blob in blobs.items()),
        ]
    )


def _container_config(image: Image) -> dict[str, Any]:
    parts = {
        "Env": list(image.environment),
        "Entrypoint": list(image.entrypoint),
        "Cmd": list(image.command),
        "User": image.user,
    }
    return {name: value for name, value in parts.items() if value}


def _layer(entries: Iterable[Entry]) -> bytes:
    """The entries with the folders that they stand in, each once, parents first."""
    given = {entry.path.strip("/"): entry for entry in entries}
    every: dict[str, Entry] = {}
    for path, entry in given.items():
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            every.setdefault(folder, given.get(folder, Entry(folder)))
        every[path] = entry
    return _tar(Entry(path, e.content, e.target, e.mode) for path, e in every.items())


def _tar(entries: Iterable[Entry]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry.path)  # owner root and time 0 unless told otherwise
            info.mode = entry.mode
            if entry.content is not None:
                info.size = len(entry.content)
            elif entry.target:
                info.type, info.linkname, info.mode = tarfile.SYMTYPE, entry.target, 0o777
            else:
                info.type = tarfile.DIRTYPE
            tar.addfile(info, io.BytesIO(entry.content or b""))
    return buffer.getvalue()


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"
