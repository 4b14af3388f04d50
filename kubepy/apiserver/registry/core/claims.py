"""What PersistentVolume and PersistentVolumeClaim have in common."""

from __future__ import annotations

from collections.abc import Sequence

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


def shown_modes(modes: Sequence[str]) -> str:
    """As kubectl's column has them: `RWO,ROX`."""
    return ",".join(ACCESS_MODES[mode] for mode in _SHOWN if mode in modes)
