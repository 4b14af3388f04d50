"""References to fields of the pod itself, for environment variables and files."""

from __future__ import annotations

import re

from kubepy.api.core.v1 import ObjectFieldSelector, ResourceFieldSelector
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid, not_supported, required

ENV_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName",
    "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
FILE_FIELDS = (
    "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace",
    "metadata.uid",
)  # fmt: skip
_KNOWN = {*ENV_FIELDS, *FILE_FIELDS, "spec.restartPolicy", "spec.schedulerName", "status.phase"}
RESOURCES = (
    "limits.cpu", "limits.ephemeral-storage", "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory",
)  # fmt: skip
_HUGE_PAGES = ("limits.hugepages-", "requests.hugepages-")
_SUBSCRIPT = re.compile(r"(.*?)\['(.*)'\]", re.DOTALL)
_SIZES = (
    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
)  # fmt: skip


def field_ref_errors(
    ref: ObjectFieldSelector, supported: tuple[str, ...], path: str
) -> list[FieldError]:
    if not ref.apiVersion:
        return [required(f"{path}.apiVersion")]
    if not ref.fieldPath:
        return [required(f"{path}.fieldPath")]
    subscripted = _SUBSCRIPT.fullmatch(ref.fieldPath)
    base = subscripted[1] if subscripted else ref.fieldPath
    convertible = ("metadata.annotations", "metadata.labels") if subscripted else _KNOWN
    if ref.apiVersion != "v1":
        why = f"unsupported pod version: {ref.apiVersion}"
        return [_inconvertible(ref, why, path)]
    if base not in convertible:
        return [_inconvertible(ref, f"field label not supported: {ref.fieldPath}", path)]
    if subscripted:
        key = subscripted[2]
        messages = names.label_key(key.lower() if base == "metadata.annotations" else key)
        return [invalid(path, key, text) for text in messages]
    if base not in supported:
        return [not_supported(f"{path}.fieldPath", base, supported)]
    return []


def _inconvertible(ref: ObjectFieldSelector, why: str, path: str) -> FieldError:
    return invalid(f"{path}.fieldPath", ref.fieldPath, f"error converting fieldPath: {why}")


def resource_ref_errors(ref: ResourceFieldSelector, path: str, *, file: bool) -> list[FieldError]:
    """In a `file` the container must be named."""
    errors = []
    if file and not ref.containerName:
        errors.append(required(f"{path}.containerName"))
    elif not ref.resource:
        errors.append(required(f"{path}.resource"))
    elif ref.resource not in RESOURCES and not ref.resource.startswith(_HUGE_PAGES):
        errors.append(not_supported(f"{path}.resource", ref.resource, RESOURCES))
    return errors + _divisor_errors(ref, path)


def _divisor_errors(ref: ResourceFieldSelector, path: str) -> list[FieldError]:
    if ref.divisor.exact() == 0:
        return []
    kinds: dict[str, tuple[str, tuple[str, ...]]] = {
        "cpu": ("cpu", ("1m", "1")),
        "memory": ("memory", _SIZES),
        "ephemeral-storage": ("local ephemeral storage", _SIZES),
        "hugepages": ("hugepages", _SIZES),
    }
    name = ref.resource.partition(".")[2]
    if ref.resource.startswith(_HUGE_PAGES):
        name = "hugepages"
    elif ref.resource not in RESOURCES:
        return []
    noun, values = kinds[name]
    if ref.divisor in values:
        return []
    listed = "1m and 1" if noun == "cpu" else ", ".join(values)
    why = f"only divisor's values {listed} are supported with the {noun} resource"
    return [invalid(f"{path}.divisor", ref.resource, why)]
