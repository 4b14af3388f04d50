"""Where a custom object keeps its replicas, and what they may be. Pure."""

from __future__ import annotations

from typing import Any

from kubepy.api.apiextensions.v1 import CustomResourceSubresourceScale
from kubepy.api.custom import Custom
from kubepy.meta.errors import FieldError, invalid
from kubepy.meta.gotext import verbatim

MOST = 2**31 - 1
_KINDS = {bool: "bool", int: "int64", float: "float64", str: "string"}


class Misfit(Exception):
    """A value of another type, in the words of Kubernetes' accessors."""


def parts_of(path: str) -> list[str]:
    return path.removeprefix(".").split(".")


def lookup(content: dict[str, Any], path: str, type_: type[Any]) -> Any:
    """The value at a dotted path; None if it is not there. Raises Misfit."""
    value: Any = content
    parts = parts_of(path)
    for depth, part in enumerate(parts):
        if not isinstance(value, dict):
            where = "." + ".".join(parts[:depth])
            raise Misfit(
                f"{where} accessor error: {verbatim(value)} is of the type {_go_type(value)}, "
                "expected map[string]interface{}"
            )
        if part not in value:
            return None
        value = value[part]
    if type(value) is not type_:
        raise Misfit(
            f"{path} accessor error: {verbatim(value)} is of the type {_go_type(value)}, "
            f"expected {_KINDS[type_]}"
        )
    return value


def _go_type(value: Any) -> str:
    if isinstance(value, dict):
        return "map[string]interface {}"
    return "[]interface {}" if isinstance(value, list) else _KINDS.get(type(value), "<nil>")


def validate(obj: Custom, wanted: CustomResourceSubresourceScale | None) -> list[FieldError]:
    """What is wrong with the replicas of an object."""
    if wanted is None:
        return []
    return _replicas(obj, wanted.specReplicasPath) + validate_status(obj, wanted)


def validate_status(obj: Custom, wanted: CustomResourceSubresourceScale | None) -> list[FieldError]:
    if wanted is None:
        return []
    errors = _replicas(obj, wanted.statusReplicasPath)
    if wanted.labelSelectorPath is not None:
        try:
            lookup(obj.content, wanted.labelSelectorPath, str)
        except Misfit as misfit:
            errors.append(invalid(wanted.labelSelectorPath, "", str(misfit)))
    return errors


def _replicas(obj: Custom, path: str) -> list[FieldError]:
    try:
        count = lookup(obj.content, path, int) or 0
    except Misfit as misfit:
        return [invalid(path, 0, str(misfit))]
    if count < 0:
        return [invalid(path, count, "should be a non-negative integer")]
    if count > MOST:
        return [invalid(path, count, f"should be less than or equal to {MOST}")]
    return []
