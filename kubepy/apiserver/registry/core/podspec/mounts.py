"""Where containers see volumes: as files, and as raw devices."""

from __future__ import annotations

from kubepy.api.core.v1 import Container, EphemeralContainer, VolumeMount
from kubepy.apiserver.registry.core.podspec.paths import no_backsteps, relative
from kubepy.apiserver.registry.core.podspec.setting import Setting
from kubepy.meta.errors import (
    FieldError,
    forbidden,
    invalid,
    not_found,
    not_supported,
    required,
)

PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
RECURSIVE_READ_ONLY = ("Disabled", "Enabled", "IfPossible")

AnyContainer = Container | EphemeralContainer


def mount_errors(container: AnyContainer, path: str, setting: Setting) -> list[FieldError]:
    """`path` is the list's; some of its items' errors name the list itself, as Kubernetes'."""
    errors = []
    devices = {device.name: device.devicePath for device in container.volumeDevices}
    taken = set()
    for index, mount in enumerate(container.volumeMounts):
        where = f"{path}[{index}]"
        if not mount.name:
            errors.append(required(f"{where}.name"))
        if mount.name not in setting.volumes:
            errors.append(not_found(f"{where}.name", mount.name))
        if not mount.mountPath:
            errors.append(required(f"{where}.mountPath"))
        if mount.mountPath in taken:
            errors.append(invalid(f"{where}.mountPath", mount.mountPath, "must be unique"))
        taken.add(mount.mountPath)
        if mount.name in devices:
            why = "must not already exist in volumeDevices"
            errors.append(invalid(f"{where}.name", mount.name, why))
        if mount.mountPath in devices.values():
            why = "must not already exist as a path in volumeDevices"
            errors.append(invalid(f"{where}.mountPath", mount.mountPath, why))
        errors += _sub_path_errors(mount, path, where)
        errors += _propagation_errors(mount, container, f"{path}.mountPropagation")
        errors += _read_only_errors(mount, f"{path}.recursiveReadOnly")
    return errors


def _sub_path_errors(mount: VolumeMount, path: str, where: str) -> list[FieldError]:
    errors = []
    if mount.subPath:
        errors += relative(mount.subPath, f"{path}.subPath")
    if mount.subPathExpr:
        if mount.subPath:
            why = "subPathExpr and subPath are mutually exclusive"
            errors.append(invalid(f"{where}.subPathExpr", mount.subPathExpr, why))
        errors += relative(mount.subPathExpr, f"{path}.subPathExpr")
    return errors


def _propagation_errors(mount: VolumeMount, container: AnyContainer, path: str) -> list[FieldError]:
    propagation = mount.mountPropagation
    if propagation is None:
        return []
    errors = []
    if propagation not in PROPAGATIONS:
        errors.append(not_supported(path, propagation, PROPAGATIONS))
    context = container.securityContext
    if propagation == "Bidirectional" and not (context is not None and context.privileged):
        why = "Bidirectional mount propagation is available only to privileged containers"
        errors.append(forbidden(path, why))
    return errors


def _read_only_errors(mount: VolumeMount, path: str) -> list[FieldError]:
    match mount.recursiveReadOnly:
        case None | "Disabled":
            return []
        case "Enabled" | "IfPossible":
            errors = []
            if not mount.readOnly:
                errors.append(forbidden(path, "may only be specified when readOnly is true"))
            if mount.mountPropagation not in (None, "None"):
                why = "may only be specified when mountPropagation is None or not specified"
                errors.append(forbidden(path, why))
            return errors
        case other:
            return [not_supported(path, other, RECURSIVE_READ_ONLY)]


def device_errors(container: AnyContainer, path: str, setting: Setting) -> list[FieldError]:
    errors = []
    mounts = {mount.name: mount.mountPath for mount in container.volumeMounts}
    names_taken, paths_taken = set(), set()
    for index, device in enumerate(container.volumeDevices):
        where = f"{path}[{index}]"
        name, device_path = device.name, device.devicePath
        if not name:
            errors.append(required(f"{where}.name"))
        if name in names_taken:
            errors.append(invalid(f"{where}.name", name, "must be unique"))
        volume = setting.volumes.get(name)
        if volume is None:
            errors.append(not_found(f"{where}.name", name))
        elif volume.persistentVolumeClaim is None and volume.ephemeral is None:
            why = (
                "can only use volume source type of PersistentVolumeClaim or Ephemeral for block "
                "mode"
            )
            errors.append(invalid(f"{where}.name", name, why))
        if not device_path:
            errors.append(required(f"{where}.devicePath"))
        if device_path in paths_taken:
            errors.append(invalid(f"{where}.devicePath", device_path, "must be unique"))
        if no_backsteps(device_path, ""):
            why = "can not contain backsteps ('..')"
            errors.append(invalid(f"{where}.devicePath", device_path, why))
        else:
            paths_taken.add(device_path)
        if name in mounts:
            why = "must not already exist in volumeMounts"
            errors.append(invalid(f"{where}.name", name, why))
        if device_path in mounts.values():
            why = "must not already exist as a path in volumeMounts"
            errors.append(invalid(f"{where}.devicePath", device_path, why))
        if name:
            names_taken.add(name)
    return errors
