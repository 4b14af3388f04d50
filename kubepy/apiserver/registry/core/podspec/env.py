"""Environment variables of containers, and where they come from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kubepy.api.core.v1 import EnvFromSource, EnvVar, EnvVarSource, FileKeySelector
from kubepy.apiserver.registry.core.podspec.fieldrefs import (
    ENV_FIELDS,
    field_ref_errors,
    resource_ref_errors,
)
from kubepy.apiserver.registry.core.podspec.paths import unreserved
from kubepy.apiserver.registry.core.podspec.setting import Setting
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, not_found, required


def env_errors(env: Sequence[EnvVar], path: str, setting: Setting) -> list[FieldError]:
    errors = []
    for index, variable in enumerate(env):
        where = f"{path}[{index}]"
        name = variable.name
        if name:
            errors += [invalid(f"{where}.name", name, text) for text in names.env_var_name(name)]
        else:
            errors.append(required(f"{where}.name"))
        if variable.valueFrom is not None:
            source = f"{where}.valueFrom"
            errors += _source_errors(variable.valueFrom, variable.value, source, setting)
    return errors


def _source_errors(
    source: EnvVarSource, value: str, path: str, setting: Setting
) -> list[FieldError]:
    errors: list[FieldError] = []
    if source.fieldRef is not None:
        errors += field_ref_errors(source.fieldRef, ENV_FIELDS, f"{path}.fieldRef")
    if source.resourceFieldRef is not None:
        errors += resource_ref_errors(
            source.resourceFieldRef, f"{path}.resourceFieldRef", file=False
        )
    if source.configMapKeyRef is not None:
        errors += _key_errors(source.configMapKeyRef, f"{path}.configMapKeyRef")
    if source.secretKeyRef is not None:
        errors += _key_errors(source.secretKeyRef, f"{path}.secretKeyRef")
    if source.fileKeyRef is not None:
        errors += _file_errors(source.fileKeyRef, f"{path}.fileKeyRef", setting)
    given = sum(getattr(source, name) is not None for name in source.__struct_fields__)
    if given == 0:
        why = (
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, "
            "`secretKeyRef` or `fileKeyRef`"
        )
        errors.append(invalid(path, "", why))
    elif value:
        errors.append(invalid(path, "", "may not be specified when `value` is not empty"))
    elif given > 1:
        errors.append(invalid(path, "", "may not have more than one field specified at a time"))
    return errors


def _key_errors(ref: Any, path: str) -> list[FieldError]:
    """A key of a ConfigMap or a Secret."""
    errors = [invalid(f"{path}.name", ref.name, text) for text in names.dns1123_subdomain(ref.name)]
    if not ref.key:
        return [*errors, required(f"{path}.key")]
    return errors + [invalid(f"{path}.key", ref.key, t) for t in names.config_map_key(ref.key)]


def _file_errors(ref: FileKeySelector, path: str, setting: Setting) -> list[FieldError]:
    errors = []
    if not ref.key:
        errors.append(required(f"{path}.key"))
    else:
        errors += [invalid(f"{path}.key", ref.key, text) for text in names.env_var_name(ref.key)]
    volume = setting.volumes.get(ref.volumeName)
    if not ref.volumeName:
        errors.append(required(f"{path}.volumeName"))
    elif volume is None:
        errors.append(not_found(f"{path}.volumeName", ref.volumeName))
    elif volume.emptyDir is None:
        why = "referenced volume must be of type emptyDir"
        errors.append(invalid(f"{path}.volumeName", ref.volumeName, why))
    if not ref.path:
        return [*errors, required(f"{path}.path")]
    return errors + unreserved(ref.path, f"{path}.path")


def env_from_errors(sources: Sequence[EnvFromSource], path: str) -> list[FieldError]:
    errors = []
    for index, source in enumerate(sources):
        where = f"{path}[{index}]"
        if source.prefix:
            messages = names.env_var_name(source.prefix)
            errors += [invalid(f"{where}.prefix", source.prefix, text) for text in messages]
        given = 0
        for field in ("configMapRef", "secretRef"):
            ref = getattr(source, field)
            if ref is None:
                continue
            given += 1
            if not ref.name:
                errors.append(required(f"{where}.{field}.name"))
            else:
                # A trailing dash passes: Kubernetes checks these names as prefixes.
                messages = names.prefix_of(names.dns1123_subdomain)(ref.name)
                errors += [invalid(f"{where}.{field}.name", ref.name, text) for text in messages]
        if given == 0:
            why = "must specify one of: `configMapRef` or `secretRef`"
            errors.append(invalid(path, "", why))
        elif given > 1:
            why = "may not have more than one field specified at a time"
            errors.append(invalid(path, "", why))
    return errors
