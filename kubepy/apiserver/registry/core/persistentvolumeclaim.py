"""PersistentVolumeClaim: storage that somebody wants."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import PersistentVolumeClaim, PersistentVolumeClaimSpec
from kubepy.apiserver.registry.core.claims import (
    CLASS_ANNOTATION,
    UNSET,
    access_mode_errors,
    claim_fraction_warnings,
    class_annotation_warnings,
    shown_modes,
    volume_mode_errors,
)
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required
from kubepy.meta.labels import check_label_selector

STORAGE = "storage"


def default(claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    if claim.spec.volumeMode is not None:
        return claim
    return replace(claim, spec=replace(claim.spec, volumeMode="Filesystem"))


def prepare_create(claim: PersistentVolumeClaim) -> PersistentVolumeClaim:
    return replace(claim, status=replace(PersistentVolumeClaim().status, phase="Pending"))


def validate(claim: PersistentVolumeClaim) -> list[FieldError]:
    return spec_errors(claim.spec, "spec")


def spec_errors(spec: PersistentVolumeClaimSpec, path: str) -> list[FieldError]:
    """The rules of a claim, also where it is a template within another object."""
    errors = []
    if not spec.accessModes:
        why = "at least 1 access mode is required"
        errors.append(required(f"{path}.accessModes", why))
    errors += check_label_selector(spec.selector, f"{path}.selector")
    errors += access_mode_errors(f"{path}.accessModes", spec.accessModes)
    amount = spec.resources.requests.get(STORAGE)
    where = f"{path}.resources[{STORAGE}]"
    if amount is None:
        errors.append(required(where))
    elif amount.exact() <= 0:
        errors.append(invalid(where, amount, "must be greater than zero"))
    if spec.storageClassName:
        messages = names.dns1123_subdomain(spec.storageClassName)
        errors += [invalid(f"{path}.storageClassName", spec.storageClassName, m) for m in messages]
    return errors + volume_mode_errors(f"{path}.volumeMode", spec.volumeMode)


def validate_update(new: PersistentVolumeClaim, old: PersistentVolumeClaim) -> list[FieldError]:
    errors = validate(new)
    before = old.spec
    after = new.spec
    if not before.volumeName:  # binding names the volume, once
        after = replace(after, volumeName="")
    after = replace(
        after,
        resources=before.resources,
        volumeAttributesClassName=before.volumeAttributesClassName,
    )
    if after != before:
        why = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        errors.append(forbidden("spec", why))
    requested = new.spec.resources.requests.get(STORAGE)
    had = before.resources.requests.get(STORAGE)
    if requested and had and requested.exact() < had.exact():
        why = "field can not be less than status.capacity"
        errors.append(forbidden("spec.resources.requests.storage", why))
    return errors


def warnings(claim: PersistentVolumeClaim) -> list[str]:
    found = class_annotation_warnings(claim.metadata.annotations)
    return found + claim_fraction_warnings("spec", claim.spec)


def row(claim: PersistentVolumeClaim, now: float) -> tuple[Any, ...]:
    spec, meta, status = claim.spec, claim.metadata, claim.status
    bound = bool(spec.volumeName)
    return (
        meta.name,
        "Terminating" if meta.deletionTimestamp else status.phase,
        spec.volumeName,
        str(status.capacity.get(STORAGE, "0")) if bound else "",
        shown_modes(status.accessModes) if bound else "",
        meta.annotations.get(CLASS_ANNOTATION, spec.storageClassName or ""),
        UNSET if spec.volumeAttributesClassName is None else spec.volumeAttributesClassName,
        age(meta.creationTimestamp, now),
        spec.volumeMode or UNSET,
    )


def fields(claim: PersistentVolumeClaim) -> dict[str, str]:
    return {"name": claim.metadata.name}


STRATEGY = Strategy(
    returns_deleted=True,
    default=default,
    prepare_create=prepare_create,
    validate_create=validate,
    validate_update=validate_update,
    warnings=warnings,
    row=row,
    fields=fields,
)
