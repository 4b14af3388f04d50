"""What PersistentVolume and PersistentVolumeClaim have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kubepy.api.core.v1 import PersistentVolumeClaimSpec
from kubepy.api.types import Quantity
from kubepy.meta.errors import FieldError, forbidden, not_supported

ACCESS_MODES = {
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOnce": "RWO",
    "ReadWriteOncePod": "RWOP",
}
_SHOWN = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
UNSET = "<unset>"
STORAGE = "storage"


def access_mode_errors(path: str, modes: Sequence[str]) -> list[FieldError]:
    errors = [
        not_supported(path, mode, sorted(ACCESS_MODES))
        for mode in modes
        if mode not in ACCESS_MODES
    ]
    if not errors and "ReadWriteOncePod" in modes and len(set(modes)) > 1:
        errors.append(forbidden(path, "may not use ReadWriteOncePod with other access modes"))
    return errors


def volume_mode_errors(path: str, mode: str | None) -> list[FieldError]:
    if mode is None or mode in VOLUME_MODES:
        return []
    return [not_supported(path, mode, VOLUME_MODES)]


def class_annotation_warnings(annotations: Mapping[str, str]) -> list[str]:
    """The annotation that the field storageClassName has replaced."""
    if CLASS_ANNOTATION not in annotations:
        return []
    why = 'deprecated since v1.8; use "storageClassName" attribute instead'
    return [f"metadata.annotations[{CLASS_ANNOTATION}]: {why}"]


def fraction_warnings(path: str, amount: Quantity | None) -> list[str]:
    if amount is None or amount.exact().denominator == 1:
        return []
    return [f'{path}: fractional byte value "{amount}" is invalid, must be an integer']


def claim_fraction_warnings(path: str, spec: PersistentVolumeClaimSpec) -> list[str]:
    """Storage comes in whole bytes."""
    asked, most = spec.resources.requests.get(STORAGE), spec.resources.limits.get(STORAGE)
    found = fraction_warnings(f"{path}.resources.requests[{STORAGE}]", asked)
    return found + fraction_warnings(f"{path}.resources.limits[{STORAGE}]", most)


def shown_modes(modes: Sequence[str]) -> str:
    """As kubectl's column has them: `RWO,ROX`."""
    return ",".join(ACCESS_MODES[mode] for mode in _SHOWN if mode in modes)
