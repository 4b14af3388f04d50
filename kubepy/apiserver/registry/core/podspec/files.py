"""Single files in volumes: keys of Secrets and ConfigMaps, fields of the pod."""

from __future__ import annotations

from collections.abc import Sequence

from kubepy.api.core.v1 import DownwardAPIVolumeFile, KeyToPath
from kubepy.apiserver.registry.core.podspec.fieldrefs import (
    FILE_FIELDS,
    field_ref_errors,
    resource_ref_errors,
)
from kubepy.apiserver.registry.core.podspec.paths import mode, unreserved
from kubepy.meta.errors import FieldError, invalid, required


def items_errors(items: Sequence[KeyToPath], path: str) -> list[FieldError]:
    errors = []
    for index, item in enumerate(items):
        where = f"{path}[{index}]"
        if not item.key:
            errors.append(required(f"{where}.key"))
        if not item.path:
            errors.append(required(f"{where}.path"))
        errors += unreserved(item.path, f"{where}.path") + mode(item.mode, f"{where}.mode")
    return errors


def downward_file_errors(file: DownwardAPIVolumeFile, path: str) -> list[FieldError]:
    """`path` is the volume's: Kubernetes does not say which file."""
    errors = [] if file.path else [required(f"{path}.path")]
    errors += unreserved(file.path, f"{path}.path")
    if file.fieldRef is not None:
        errors += field_ref_errors(file.fieldRef, FILE_FIELDS, f"{path}.fieldRef")
        if file.resourceFieldRef is not None:
            why = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.append(invalid(path, "resource", why))
    elif file.resourceFieldRef is not None:
        errors += resource_ref_errors(file.resourceFieldRef, f"{path}.resourceFieldRef", file=True)
    else:
        errors.append(required(path, "one of fieldRef and resourceFieldRef is required"))
    return errors + mode(file.mode, f"{path}.mode")
