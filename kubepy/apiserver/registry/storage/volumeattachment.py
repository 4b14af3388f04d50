"""VolumeAttachment: the wish to have a volume at a node."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import PersistentVolumeSpec
from kubepy.api.storage.v1 import (
    VolumeAttachment,
    VolumeAttachmentSource,
    VolumeAttachmentStatus,
    VolumeError,
)
from kubepy.apiserver.registry.core.claims import access_mode_errors
from kubepy.apiserver.registry.storage.parameters import size_of
from kubepy.apiserver.registry.strategy import Strategy, age, keep_all_but_status
from kubepy.apiserver.registry.values import driver_name, immutable, named
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required, too_long
from kubepy.meta.managed.fieldset import of

MAX_METADATA = 256 << 10  # bytes
MAX_MESSAGE = 1024  # bytes
ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
INLINE = "in the context of inline volumes"


def validate(attachment: VolumeAttachment) -> list[FieldError]:
    spec = attachment.spec
    errors = driver_name(spec.attacher, "spec.attacher")
    errors += _source_errors(spec.source, "spec.source")
    errors += named(spec.nodeName, names.dns1123_subdomain, "spec.nodeName")
    if name := spec.source.persistentVolumeName:
        errors += named(name, names.dns1123_subdomain, "spec.source.persistentVolumeName")
    return errors


def _source_errors(source: VolumeAttachmentSource, path: str) -> list[FieldError]:
    match source.persistentVolumeName, source.inlineVolumeSpec:
        case None, None:
            return [required(path, ONE_SOURCE)]
        case "", None:
            why = "must specify non empty persistentVolumeName"
            return [required(f"{path}.persistentVolumeName", why)]
        case _, None:
            return []
        case None, inline:
            return _inline_errors(inline, f"{path}.inlineVolumeSpec")
    return [forbidden(path, ONE_SOURCE)]


def _inline_errors(spec: PersistentVolumeSpec, path: str) -> list[FieldError]:
    """What remains of a volume that is no object of its own."""
    given = ("claimRef", "capacity", "nodeAffinity", "storageClassName")
    errors = [
        forbidden(f"{path}.{field}", f"may not be specified {INLINE}")
        for field in given
        if getattr(spec, field)
    ]
    if spec.csi is None:
        errors.append(required(f"{path}.csi", f"has to be specified {INLINE}"))
    else:
        errors += driver_name(spec.csi.driver, f"{path}.csi.driver")
        if not spec.csi.volumeHandle:
            errors.append(required(f"{path}.csi.volumeHandle"))
    if not spec.accessModes:
        errors.append(required(f"{path}.accessModes"))
    errors += access_mode_errors(f"{path}.accessModes", spec.accessModes)
    if spec.persistentVolumeReclaimPolicy not in ("", "Retain"):
        why = f"may only be Retain {INLINE}"
        errors.append(forbidden(f"{path}.persistentVolumeReclaimPolicy", why))
    return errors


def validate_update(new: VolumeAttachment, old: VolumeAttachment) -> list[FieldError]:
    return _status_errors(new.status) + immutable(new.spec, old.spec, "spec")


def _status_errors(status: VolumeAttachmentStatus) -> list[FieldError]:
    errors = []
    if size_of(status.attachmentMetadata) > MAX_METADATA:
        errors.append(too_long("status.attachmentMetadata", "", MAX_METADATA))
    errors += _error_errors(status.attachError, "status.attachError")
    return errors + _error_errors(status.detachError, "status.detachError")


def _error_errors(error: VolumeError | None, path: str) -> list[FieldError]:
    if error is None:
        return []
    errors = []
    if len(error.message.encode()) > MAX_MESSAGE:
        errors.append(too_long(f"{path}.message", "", MAX_METADATA))
    if error.errorCode is not None and error.errorCode < 0:
        why = names.range_message(0, 2**31 - 1)
        errors.append(invalid(f"{path}.errorCode", error.errorCode, why))
    return errors


def row(attachment: VolumeAttachment, now: float) -> tuple[Any, ...]:
    meta, spec = attachment.metadata, attachment.spec
    return (
        meta.name,
        spec.attacher,
        spec.source.persistentVolumeName or "",
        spec.nodeName,
        attachment.status.attached,
        age(meta.creationTimestamp, now),
    )


STRATEGY = Strategy(
    unconditional_update=False,
    repeats_create_checks=True,
    returns_deleted=True,
    validate_create=validate,
    validate_update=validate_update,
    prepare_status=keep_all_but_status,
    status_resets=of("f:spec") | of("f:metadata"),
    validate_status=validate_update,
    row=row,
)
