"""The volumes of a pod: each has a name and one source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kubepy.api.core.v1 import (
    ConfigMapVolumeSource,
    CSIVolumeSource,
    DownwardAPIVolumeSource,
    EmptyDirVolumeSource,
    EphemeralVolumeSource,
    HostPathVolumeSource,
    ImageVolumeSource,
    PersistentVolumeClaimVolumeSource,
    SecretVolumeSource,
    Volume,
)
from kubepy.apiserver.registry.core.persistentvolumeclaim import spec_errors
from kubepy.apiserver.registry.core.podspec.files import downward_file_errors, items_errors
from kubepy.apiserver.registry.core.podspec.legacy_volumes import LEGACY
from kubepy.apiserver.registry.core.podspec.paths import mode, no_backsteps
from kubepy.apiserver.registry.core.podspec.projections import projected_errors
from kubepy.meta import names
from kubepy.meta.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
    too_long,
)
from kubepy.meta.gotext import quote
from kubepy.meta.labels import check_annotations, check_labels

HOST_PATH_TYPES = (
    "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate",
    "Socket",
)  # fmt: skip
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
DRIVER_LENGTH = 63  # bytes of a CSI driver's name
ISCSI_LENGTH = 64  # of volume and portal together, if the initiator has a name


def volume_errors(
    volumes: Sequence[Volume], path: str, *, pod_name: str = "", pod: bool
) -> tuple[dict[str, Volume], list[FieldError]]:
    """The good volumes by name, and what is wrong with the others.

    `pod_name` (if it is known: not in a template) names the claims of ephemeral volumes.
    """
    good: dict[str, Volume] = {}
    errors = []
    for index, volume in enumerate(volumes):
        where = f"{path}[{index}]"
        found = _source_errors(volume, where, pod)
        found += _claim_name_errors(volume, pod_name, where)
        if not volume.name:
            found.append(required(f"{where}.name"))
        else:
            messages = names.dns1123_label(volume.name)
            found += [invalid(f"{where}.name", volume.name, text) for text in messages]
        if volume.name in good:
            found.append(duplicate(f"{where}.name", volume.name))
        if found:
            errors += found
        else:
            good[volume.name] = volume
    return good, errors


def _source_errors(volume: Volume, path: str, pod: bool) -> list[FieldError]:
    """Exactly one source; of several the first is checked."""
    errors: list[FieldError] = []
    found = False
    for name, check in _CHECKS.items():
        source = getattr(volume, name)
        if source is None:
            continue
        where = f"{path}.{name}"
        if found:
            errors.append(forbidden(where, "may not specify more than 1 volume type"))
            continue
        found = True
        errors += check(source, where)
        if name == "image" and pod and not source.reference:
            errors.append(required(f"{where}.reference"))
        if name == "iscsi" and source.initiatorName is not None:
            errors += _long_portal_errors(volume, path)
    return errors if found else [required(path, "must specify a volume type")]


def _long_portal_errors(volume: Volume, path: str) -> list[FieldError]:
    assert volume.iscsi is not None
    if len(f"{volume.name}:{volume.iscsi.targetPortal}") <= ISCSI_LENGTH:
        return []
    why = (
        "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
        "iscsi.initiatorName is specified."
    )
    return [invalid(f"{path}.name", volume.name, why)]


def _claim_name_errors(volume: Volume, pod_name: str, path: str) -> list[FieldError]:
    """An ephemeral volume's claim is called `<pod>-<volume>`."""
    if volume.ephemeral is None or not pod_name:
        return []
    claim = f"{pod_name}-{volume.name}"
    return [
        invalid(f"{path}.name", volume.name, f"PVC name {quote(claim)}: {text}")
        for text in names.dns1123_subdomain(claim)
    ]


def _empty_dir(source: EmptyDirVolumeSource, path: str) -> list[FieldError]:
    if source.sizeLimit is None or source.sizeLimit.exact() >= 0:
        return []
    return [forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")]


def _host_path(source: HostPathVolumeSource, path: str) -> list[FieldError]:
    if not source.path:
        return [required(f"{path}.path")]
    errors = no_backsteps(source.path, f"{path}.path")
    if source.type is not None and source.type not in HOST_PATH_TYPES:
        errors.append(not_supported(f"{path}.type", source.type, HOST_PATH_TYPES))
    return errors


def _secret(source: SecretVolumeSource, path: str) -> list[FieldError]:
    errors = [] if source.secretName else [required(f"{path}.secretName")]
    return errors + _keyed(source, path)


def _config_map(source: ConfigMapVolumeSource, path: str) -> list[FieldError]:
    errors = [] if source.name else [required(f"{path}.name")]
    return errors + _keyed(source, path)


def _keyed(source: Any, path: str) -> list[FieldError]:
    errors = mode(source.defaultMode, f"{path}.defaultMode")
    return errors + items_errors(source.items, f"{path}.items")


def _downward(source: DownwardAPIVolumeSource, path: str) -> list[FieldError]:
    errors = mode(source.defaultMode, f"{path}.defaultMode")
    for file in source.items:
        errors += downward_file_errors(file, path)
    return errors


def _claim(source: PersistentVolumeClaimVolumeSource, path: str) -> list[FieldError]:
    return [] if source.claimName else [required(f"{path}.claimName")]


def _csi(source: CSIVolumeSource, path: str) -> list[FieldError]:
    errors = driver_errors(source.driver, f"{path}.driver")
    secret = source.nodePublishSecretRef
    if secret is None:
        return errors
    if not secret.name:
        return [*errors, required(f"{path}.nodePublishSecretRef.name")]
    messages = names.dns1123_subdomain(secret.name)
    return errors + [invalid(f"{path}.name", secret.name, text) for text in messages]


def driver_errors(driver: str, path: str) -> list[FieldError]:
    """The name of a CSI driver."""
    errors = [] if driver else [required(path)]
    if len(driver.encode()) > DRIVER_LENGTH:
        errors.append(too_long(path, "", DRIVER_LENGTH))
    return errors + [invalid(path, driver, t) for t in names.dns1123_subdomain(driver.lower())]


def _ephemeral(source: EphemeralVolumeSource, path: str) -> list[FieldError]:
    where = f"{path}.volumeClaimTemplate"
    template = source.volumeClaimTemplate
    if template is None:
        return [required(where)]
    metadata = template.metadata
    errors = check_annotations(metadata.annotations, f"{where}.metadata.annotations")
    errors += check_labels(metadata.labels, f"{where}.metadata.labels")
    allowed = type(metadata)(labels=metadata.labels, annotations=metadata.annotations)
    errors += [
        forbidden(f"{where}.metadata.{name}", "cannot be set")
        for name in metadata.__struct_fields__
        if getattr(metadata, name) != getattr(allowed, name)
    ]
    return errors + spec_errors(template.spec, f"{where}.spec")


def _image(source: ImageVolumeSource, path: str) -> list[FieldError]:
    return pull_policy_errors(source.pullPolicy, f"{path}.pullPolicy")


def pull_policy_errors(policy: str, path: str) -> list[FieldError]:
    if not policy:
        return [required(path)]
    return [] if policy in PULL_POLICIES else [not_supported(path, policy, PULL_POLICIES)]


# In the order in which Kubernetes looks; its messages name the second source as the one too many.
_CHECKS: dict[str, Callable[[Any, str], list[FieldError]]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "gitRepo": LEGACY["gitRepo"],
    "gcePersistentDisk": LEGACY["gcePersistentDisk"],
    "awsElasticBlockStore": LEGACY["awsElasticBlockStore"],
    "secret": _secret,
    "nfs": LEGACY["nfs"],
    "iscsi": LEGACY["iscsi"],
    "glusterfs": LEGACY["glusterfs"],
    "persistentVolumeClaim": _claim,
    "rbd": LEGACY["rbd"],
    "flexVolume": LEGACY["flexVolume"],
    "configMap": _config_map,
    "downwardAPI": _downward,
    "fc": LEGACY["fc"],
    "azureFile": LEGACY["azureFile"],
    "cinder": LEGACY["cinder"],
    "cephfs": LEGACY["cephfs"],
    "flocker": LEGACY["flocker"],
    "vsphereVolume": LEGACY["vsphereVolume"],
    "quobyte": LEGACY["quobyte"],
    "azureDisk": LEGACY["azureDisk"],
    "photonPersistentDisk": LEGACY["photonPersistentDisk"],
    "portworxVolume": LEGACY["portworxVolume"],
    "scaleIO": LEGACY["scaleIO"],
    "storageos": LEGACY["storageos"],
    "projected": projected_errors,
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
