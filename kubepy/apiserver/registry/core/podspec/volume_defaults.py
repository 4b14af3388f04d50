"""What volumes say where the client said nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    AzureDiskVolumeSource,
    ConfigMapVolumeSource,
    DownwardAPIVolumeFile,
    DownwardAPIVolumeSource,
    EmptyDirVolumeSource,
    EphemeralVolumeSource,
    HostPathVolumeSource,
    ImageVolumeSource,
    ISCSIVolumeSource,
    ProjectedVolumeSource,
    RBDVolumeSource,
    ScaleIOVolumeSource,
    SecretVolumeSource,
    Volume,
    VolumeProjection,
)
from kubepy.apiserver.registry.core.podspec.images import pull_policy

S = TypeVar(
    "S", ConfigMapVolumeSource, DownwardAPIVolumeSource, ProjectedVolumeSource, SecretVolumeSource
)

FILE_MODE = 0o644
TOKEN_SECONDS = 3600  # of a projected service account token
CERTIFICATE_SECONDS = 86400  # of a projected pod certificate


def default_volume(volume: Volume) -> Volume:
    for name in SOURCES:
        source = getattr(volume, name)
        if source is not None:
            default = _DEFAULTS.get(name)
            return volume if default is None else replace(volume, **{name: default(source)})
    return replace(volume, emptyDir=EmptyDirVolumeSource())


SOURCES = tuple(name for name in Volume.__struct_fields__ if name != "name")
"""The fields of a Volume of which one says where the files come from."""


def _mode(source: S) -> S:
    return source if source.defaultMode is not None else replace(source, defaultMode=FILE_MODE)


def _downward(source: DownwardAPIVolumeSource) -> DownwardAPIVolumeSource:
    return replace(_mode(source), items=tuple(map(_file, source.items)))


def _file(file: DownwardAPIVolumeFile) -> DownwardAPIVolumeFile:
    if file.fieldRef is None or file.fieldRef.apiVersion:
        return file
    return replace(file, fieldRef=replace(file.fieldRef, apiVersion="v1"))


def _projected(source: ProjectedVolumeSource) -> ProjectedVolumeSource:
    return replace(_mode(source), sources=tuple(map(_projection, source.sources)))


def _projection(source: VolumeProjection) -> VolumeProjection:
    token, files = source.serviceAccountToken, source.downwardAPI
    certificate = source.podCertificate
    if token is not None and token.expirationSeconds is None:
        token = replace(token, expirationSeconds=TOKEN_SECONDS)
    if files is not None:
        files = replace(files, items=tuple(map(_file, files.items)))
    if certificate is not None and certificate.maxExpirationSeconds is None:
        certificate = replace(certificate, maxExpirationSeconds=CERTIFICATE_SECONDS)
    return replace(source, serviceAccountToken=token, downwardAPI=files, podCertificate=certificate)


def _host_path(source: HostPathVolumeSource) -> HostPathVolumeSource:
    return source if source.type is not None else replace(source, type="")


def _iscsi(source: ISCSIVolumeSource) -> ISCSIVolumeSource:
    return replace(source, iscsiInterface=source.iscsiInterface or "default")


def _rbd(source: RBDVolumeSource) -> RBDVolumeSource:
    return replace(
        source,
        pool=source.pool or "rbd",
        user=source.user or "admin",
        keyring=source.keyring or "/etc/ceph/keyring",
    )


def _scale_io(source: ScaleIOVolumeSource) -> ScaleIOVolumeSource:
    return replace(
        source,
        storageMode=source.storageMode or "ThinProvisioned",
        fsType=source.fsType or "xfs",
    )


def _azure_disk(source: AzureDiskVolumeSource) -> AzureDiskVolumeSource:
    return replace(
        source,
        cachingMode="ReadWrite" if source.cachingMode is None else source.cachingMode,
        kind="Shared" if source.kind is None else source.kind,
        fsType="ext4" if source.fsType is None else source.fsType,
        readOnly=bool(source.readOnly),
    )


def _ephemeral(source: EphemeralVolumeSource) -> EphemeralVolumeSource:
    claim = source.volumeClaimTemplate
    if claim is None or claim.spec.volumeMode is not None:
        return source
    claim = replace(claim, spec=replace(claim.spec, volumeMode="Filesystem"))
    return replace(source, volumeClaimTemplate=claim)


def _image(source: ImageVolumeSource) -> ImageVolumeSource:
    return replace(source, pullPolicy=source.pullPolicy or pull_policy(source.reference))


_DEFAULTS: dict[str, Callable[[Any], Any]] = {
    "azureDisk": _azure_disk,
    "configMap": _mode,
    "downwardAPI": _downward,
    "ephemeral": _ephemeral,
    "hostPath": _host_path,
    "image": _image,
    "iscsi": _iscsi,
    "projected": _projected,
    "rbd": _rbd,
    "scaleIO": _scale_io,
    "secret": _mode,
}
