"""Volume sources of single vendors and protocols, from before CSI."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from kubepy.api.core.v1 import (
    AzureDiskVolumeSource,
    FCVolumeSource,
    FlockerVolumeSource,
    GitRepoVolumeSource,
    ISCSIVolumeSource,
    NFSVolumeSource,
    QuobyteVolumeSource,
    StorageOSVolumeSource,
)
from kubepy.apiserver.registry.core.podspec.paths import relative
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, not_supported, required

Check = Callable[[Any, str], list[FieldError]]

_INITIATORS = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9.-]+)(:[^,;*&$|\s]+)$"),
    "eui": re.compile(r"^eui.[A-Za-z0-9]{16}$"),
    "naa": re.compile(r"^naa.[A-Za-z0-9]{32}$"),
}
CACHING_MODES = ("None", "ReadOnly", "ReadWrite")
DISK_KINDS = ("Dedicated", "Managed", "Shared")
MANAGED_URI = (
    "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/"
    "{disk-id}"
)
BLOB_URI = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"


def _needs(*fields: str) -> Check:
    """A check that nothing of this is empty."""

    def check(source: Any, path: str) -> list[FieldError]:
        return [required(f"{path}.{name}") for name in fields if not getattr(source, name)]

    return check


def _partitioned(field: str) -> Check:
    def check(source: Any, path: str) -> list[FieldError]:
        errors = _needs(field)(source, path)
        if not 0 <= source.partition <= 255:
            where = f"{path}.partition"
            errors.append(invalid(where, source.partition, names.range_message(1, 255)))
        return errors

    return check


def _git_repo(source: GitRepoVolumeSource, path: str) -> list[FieldError]:
    errors = _needs("repository")(source, path)
    return errors + relative(source.directory, f"{path}.directory")


def _nfs(source: NFSVolumeSource, path: str) -> list[FieldError]:
    errors = _needs("server", "path")(source, path)
    if not source.path.startswith("/"):
        errors.append(invalid(f"{path}.path", source.path, "must be an absolute path"))
    return errors


def _iscsi(source: ISCSIVolumeSource, path: str) -> list[FieldError]:
    errors = _needs("targetPortal", "iqn")(source, path)
    if source.iqn:
        errors += _initiator_errors(source.iqn, f"{path}.iqn")
    if not 0 <= source.lun <= 255:
        errors.append(invalid(f"{path}.lun", source.lun, names.range_message(0, 255)))
    if (source.chapAuthDiscovery or source.chapAuthSession) and source.secretRef is None:
        errors.append(required(f"{path}.secretRef"))
    if source.initiatorName is not None:
        errors += _initiator_errors(source.initiatorName, f"{path}.initiatorname")
    return errors


def _initiator_errors(name: str, path: str) -> list[FieldError]:
    pattern = _INITIATORS.get(name[:3])
    if pattern is None:
        why = "must be valid format starting with iqn, eui, or naa"
        return [invalid(path, name, why)]
    return [] if pattern.search(name) else [invalid(path, name, "must be valid format")]


def _fc(source: FCVolumeSource, path: str) -> list[FieldError]:
    errors = []
    where = f"{path}.targetWWNs"
    if not source.targetWWNs and not source.wwids:
        why = "must specify either targetWWNs or wwids, but not both"
        errors.append(required(where, why))
    if source.targetWWNs and source.wwids:
        why = "targetWWNs and wwids can not be specified simultaneously"
        errors.append(invalid(where, source.targetWWNs, why))
    if source.targetWWNs:
        if source.lun is None:
            why = "lun is required if targetWWNs is specified"
            errors.append(required(f"{path}.lun", why))
        elif not 0 <= source.lun <= 255:
            errors.append(invalid(f"{path}.lun", source.lun, names.range_message(0, 255)))
    return errors


def _flex(source: Any, path: str) -> list[FieldError]:
    errors = _needs("driver")(source, path)
    for key in sorted(source.options):
        domain = f".{key.partition('/')[0].lower()}"
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            why = "kubernetes.io and k8s.io namespaces are reserved"
            errors.append(invalid(f"{path}.options[{key}]", key, why))
    return errors


def _cinder(source: Any, path: str) -> list[FieldError]:
    errors = _needs("volumeID")(source, path)
    return errors + _secret_ref_errors(source.secretRef, path)


def _secret_ref_errors(ref: Any, path: str) -> list[FieldError]:
    return [] if ref is None or ref.name else [required(f"{path}.secretRef.name")]


def _flocker(source: FlockerVolumeSource, path: str) -> list[FieldError]:
    errors = []
    if not source.datasetName and not source.datasetUUID:
        errors.append(required(path, "one of datasetName and datasetUUID is required"))
    if source.datasetName and source.datasetUUID:
        why = "datasetName and datasetUUID can not be specified simultaneously"
        errors.append(invalid(path, "resource", why))
    if "/" in source.datasetName:
        errors.append(invalid(f"{path}.datasetName", source.datasetName, "must not contain '/'"))
    return errors


def _quobyte(source: QuobyteVolumeSource, path: str) -> list[FieldError]:
    why = "must be a host:port pair or multiple pairs separated by commas"
    errors = []
    if not source.registry:
        errors.append(required(f"{path}.registry", why))
    elif len(source.tenant) >= 65:
        long = "must be a UUID and may not exceed a length of 64 characters"
        errors.append(required(f"{path}.tenant", long))
    else:
        for pair in source.registry.split(","):
            if pair.count(":") != 1:
                errors.append(invalid(f"{path}.registry", source.registry, why))
    return errors + _needs("volume")(source, path)


def _azure_disk(source: AzureDiskVolumeSource, path: str) -> list[FieldError]:
    errors = _needs("diskName", "diskURI")(source, path)
    if source.cachingMode is not None and source.cachingMode not in CACHING_MODES:
        errors.append(not_supported(f"{path}.cachingMode", source.cachingMode, CACHING_MODES))
    if source.kind is None:
        return errors
    if source.kind not in DISK_KINDS:
        errors.append(not_supported(f"{path}.kind", source.kind, DISK_KINDS))
    start, shape = ("https://", BLOB_URI)
    if source.kind == "Managed":
        start, shape = ("/subscriptions/", MANAGED_URI)
    if not source.diskURI.startswith(start):
        errors.append(not_supported(f"{path}.diskURI", source.diskURI, (shape,)))
    return errors


def _storageos(source: StorageOSVolumeSource, path: str) -> list[FieldError]:
    errors = _needs("volumeName")(source, path)
    for field in ("volumeName", "volumeNamespace"):
        value = getattr(source, field)
        if value:
            errors += [invalid(f"{path}.{field}", value, t) for t in names.dns1123_label(value)]
    return errors + _secret_ref_errors(source.secretRef, path)


LEGACY: dict[str, Check] = {
    "awsElasticBlockStore": _partitioned("volumeID"),
    "azureDisk": _azure_disk,
    "azureFile": _needs("secretName", "shareName"),
    "cephfs": _needs("monitors"),
    "cinder": _cinder,
    "fc": _fc,
    "flexVolume": _flex,
    "flocker": _flocker,
    "gcePersistentDisk": _partitioned("pdName"),
    "gitRepo": _git_repo,
    "glusterfs": _needs("endpoints", "path"),
    "iscsi": _iscsi,
    "nfs": _nfs,
    "photonPersistentDisk": _needs("pdID"),
    "portworxVolume": _needs("volumeID"),
    "quobyte": _quobyte,
    "rbd": _needs("monitors", "image"),
    "scaleIO": _needs("gateway", "system", "volumeName"),
    "storageos": _storageos,
    "vsphereVolume": _needs("volumePath"),
}
