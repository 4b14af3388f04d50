"""Volumes of kinds that are gone, and files of one volume that are in each other's way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from kubepy.api.core.v1 import Volume, VolumeProjection
from kubepy.apiserver.registry.core.claims import claim_fraction_warnings
from kubepy.meta.gotext import quote

OBSOLETE = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
SHOWN = {"storageos": "storageOS"}  # as Kubernetes' message has it


def volume_warnings(volumes: Sequence[Volume], path: str) -> list[str]:
    found = []
    for index, volume in enumerate(volumes):
        where = f"{path}[{index}]"
        found += [
            f"{where}.{SHOWN.get(field, field)}: {why}"
            for field, why in OBSOLETE.items()
            if getattr(volume, field) is not None
        ]
        template = volume.ephemeral.volumeClaimTemplate if volume.ephemeral else None
        if template is not None:
            inner = f"{where}.ephemeral.volumeClaimTemplate.spec"
            found += claim_fraction_warnings(inner, template.spec)
    for volume in volumes:
        found += _overlaps(volume)
    return found


# ---- two files at one place


class _File(Struct, frozen=True):
    path: str
    source: str = ""  # what puts it there, where a volume has several sources

    def __str__(self) -> str:
        return f"{quote(self.path)} ({self.source})" if self.source else quote(self.path)


def _overlaps(volume: Volume) -> list[str]:
    if volume.projected is not None:
        return _projected_overlaps(volume)
    kind, files = _files(volume)
    return _clashes(files, f"volume {quote(volume.name)} ({kind})")


def _files(volume: Volume) -> tuple[str, list[_File]]:
    if volume.configMap is not None:
        kind = f"ConfigMap {quote(volume.configMap.name)}"
        return kind, [_File(item.path) for item in volume.configMap.items]
    if volume.secret is not None:
        kind = f"Secret {quote(volume.secret.secretName)}"
        return kind, [_File(item.path) for item in volume.secret.items]
    if volume.downwardAPI is not None:
        return "DownwardAPI", [_File(item.path) for item in volume.downwardAPI.items]
    return "", []


def _projected_overlaps(volume: Volume) -> list[str]:
    what = f"volume {quote(volume.name)} (Projected)"
    assert volume.projected is not None
    sources = volume.projected.sources
    empty = [f"{what} has no sources provided" for one in sources if one == VolumeProjection()]
    return empty + _clashes([file for one in sources for file in _projected(one)], what)


def _projected(source: VolumeProjection) -> list[_File]:
    if source.configMap is not None:
        kind = f"ConfigMap {quote(source.configMap.name)}"
        return [_File(item.path, kind) for item in source.configMap.items]
    if source.secret is not None:
        kind = f"Secret {quote(source.secret.name)}"
        return [_File(item.path, kind) for item in source.secret.items]
    if source.downwardAPI is not None:
        return [_File(item.path, "DownwardAPI") for item in source.downwardAPI.items]
    if source.serviceAccountToken is not None:
        return [_File(source.serviceAccountToken.path, "ServiceAccountToken")]
    if source.clusterTrustBundle is not None:
        bundle = source.clusterTrustBundle
        name = bundle.signerName or "" if bundle.name is None else bundle.name
        return [_File(bundle.path, f"ClusterTrustBundle {quote(name)}")]
    if source.podCertificate is not None:
        certificate = source.podCertificate
        parts = (
            (certificate.certificateChainPath, "PodCertificate chain"),
            (certificate.keyPath, "PodCertificate key"),
            (certificate.credentialBundlePath, "PodCertificate credential bundle"),
        )
        return [_File(path, part) for path, part in parts if path]
    return []


def _clashes(files: Iterable[_File], what: str) -> list[str]:
    """A file with every earlier one that has its path, or a path in it or above it."""
    found = []
    seen: list[_File] = []
    for file in files:
        file = _File(file.path.rstrip("/"), file.source)
        found += [
            f"{what}: overlapping paths: {file} with {other}"
            for other in seen
            if _is_above(file.path, other.path) or _is_above(other.path, file.path)
        ]
        if file.path:
            seen.append(file)
    return found


def _is_above(path: str, other: str) -> bool:
    """Whether `other` is at this path or below it."""
    return bool(path) and f"{other}/".startswith(f"{path}/")
