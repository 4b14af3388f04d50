"""PersistentVolume: a piece of storage, and the claim that has it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import (
    PersistentVolume,
    PersistentVolumeSource,
    PersistentVolumeSpec,
    PersistentVolumeStatus,
)
from kubepy.apiserver.registry.core.claims import (
    CLASS_ANNOTATION,
    UNSET,
    access_mode_errors,
    shown_modes,
    volume_mode_errors,
)
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported, required
from kubepy.meta.gotext import difference

RETAIN, RECYCLE, DELETE = "Retain", "Recycle", "Delete"
SOURCES = tuple(PersistentVolumeSource.__struct_fields__)
STORAGE = "storage"


def default(volume: PersistentVolume) -> PersistentVolume:
    spec = volume.spec
    spec = replace(
        spec,
        persistentVolumeReclaimPolicy=spec.persistentVolumeReclaimPolicy or RETAIN,
        volumeMode=spec.volumeMode or "Filesystem",
    )
    if spec.hostPath and spec.hostPath.type is None:
        spec = replace(spec, hostPath=replace(spec.hostPath, type=""))
    return replace(volume, spec=spec)


def prepare_create(volume: PersistentVolume) -> PersistentVolume:
    """The first phase begins when the volume does."""
    created = volume.metadata.creationTimestamp
    status = PersistentVolumeStatus(phase="Pending", lastPhaseTransitionTime=created)
    return replace(volume, status=status)


def validate(volume: PersistentVolume) -> list[FieldError]:
    spec = volume.spec
    errors = []
    if not spec.accessModes:
        errors.append(required("spec.accessModes"))
    errors += access_mode_errors("spec.accessModes", spec.accessModes)
    errors += _capacity_errors(spec)
    policy = spec.persistentVolumeReclaimPolicy
    if policy not in (DELETE, RECYCLE, RETAIN):
        path = "spec.persistentVolumeReclaimPolicy"
        errors.append(not_supported(path, policy, (DELETE, RECYCLE, RETAIN)))
    errors += _source_errors(spec)
    if spec.storageClassName:
        messages = names.dns1123_subdomain(spec.storageClassName)
        errors += [invalid("spec.storageClassName", spec.storageClassName, m) for m in messages]
    return errors + volume_mode_errors("spec.volumeMode", spec.volumeMode)


def _capacity_errors(spec: PersistentVolumeSpec) -> list[FieldError]:
    errors = []
    if not spec.capacity:
        errors.append(required("spec.capacity"))
    if set(spec.capacity) != {STORAGE}:
        shown = spec.capacity or None
        errors.append(not_supported("spec.capacity", shown, (STORAGE,)))
    for key, amount in sorted(spec.capacity.items()):
        if key == STORAGE and amount.exact() <= 0:
            errors.append(invalid(f"spec.capacity[{key}]", amount, "must be greater than zero"))
    return errors


def _given(spec: PersistentVolumeSpec) -> list[str]:
    return [name for name in SOURCES if getattr(spec, name) is not None]


def _source_errors(spec: PersistentVolumeSpec) -> list[FieldError]:
    errors = []
    given = _given(spec)
    for name in given[1:]:
        errors.append(forbidden(f"spec.{name}", "may not specify more than 1 volume type"))
    if not given:
        errors.append(required("spec", "must specify a volume type"))
    if spec.hostPath:
        errors += _path_errors("spec.hostPath.path", spec.hostPath.path)
        if spec.hostPath.path == "/" and spec.persistentVolumeReclaimPolicy == RECYCLE:
            path = "spec.persistentVolumeReclaimPolicy"
            errors.append(forbidden(path, "may not be 'recycle' for a hostPath mount of '/'"))
    if spec.local:
        errors += _path_errors("spec.local.path", spec.local.path)
        if spec.nodeAffinity is None:
            errors.append(required("spec.nodeAffinity", "Local volume requires node affinity"))
    if spec.nfs:
        for name in ("server", "path"):
            if not getattr(spec.nfs, name):
                errors.append(required(f"spec.nfs.{name}"))
        if spec.nfs.path and not spec.nfs.path.startswith("/"):
            errors.append(invalid("spec.nfs.path", spec.nfs.path, "must be an absolute path"))
    if spec.csi:
        for name in ("driver", "volumeHandle"):
            if not getattr(spec.csi, name):
                errors.append(required(f"spec.csi.{name}"))
    return errors


def _path_errors(path: str, value: str) -> list[FieldError]:
    if not value:
        return [required(path)]
    if ".." in value.split("/"):
        return [invalid(path, value, "must not contain '..'")]
    return []


def validate_update(new: PersistentVolume, old: PersistentVolume) -> list[FieldError]:
    errors = validate(new) * 2  # Kubernetes asks them twice, and answers each cause twice
    if not new.spec.nodeAffinity and old.spec.nodeAffinity:
        why = "field is immutable, except for updating from beta label to GA"
        errors.append(invalid("spec.nodeAffinity", None, why))
    if new.spec.volumeMode != old.spec.volumeMode:
        errors.append(invalid("volumeMode", new.spec.volumeMode, "field is immutable"))
    before, after = _source(old.spec), _source(new.spec)
    if before != after:
        why = "spec.persistentvolumesource is immutable after creation"
        errors.append(
            forbidden("spec.persistentvolumesource", f"{why}\n{difference(before, after)}")
        )
    return errors


def _source(spec: PersistentVolumeSpec) -> PersistentVolumeSource:
    return PersistentVolumeSource(**{name: getattr(spec, name) for name in SOURCES})


# ---- kubectl get


def row(volume: PersistentVolume, now: float) -> tuple[Any, ...]:
    spec, meta = volume.spec, volume.metadata
    phase = "Terminating" if meta.deletionTimestamp else volume.status.phase
    claim = f"{spec.claimRef.namespace}/{spec.claimRef.name}" if spec.claimRef else ""
    return (
        meta.name,
        str(spec.capacity.get(STORAGE, "0")),
        shown_modes(spec.accessModes),
        spec.persistentVolumeReclaimPolicy,
        phase,
        claim,
        meta.annotations.get(CLASS_ANNOTATION, spec.storageClassName),
        UNSET if spec.volumeAttributesClassName is None else spec.volumeAttributesClassName,
        volume.status.reason,
        age(meta.creationTimestamp, now),
        spec.volumeMode or UNSET,
    )


def fields(volume: PersistentVolume) -> dict[str, str]:
    return {"name": volume.metadata.name}


STRATEGY = Strategy(
    returns_deleted=True,
    default=default,
    prepare_create=prepare_create,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
    fields=fields,
)
