"""A definition as Kubernetes' validation sees it: what is the same in all versions stands once.

Pure. Messages name the places of this form: `spec.validation.openAPIV3Schema` when all versions
have the same schema, `spec.versions[1].schema.openAPIV3Schema` otherwise.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.apiextensions.v1 import (
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
)

PARTS = ("schema", "subresources", "additionalPrinterColumns", "selectableFields")
LISTS = ("additionalPrinterColumns", "selectableFields")
WHOLE = {"schema": "validation"}  # how a part is called where it stands once


class Part(Struct, frozen=True):
    """One part of a definition, where it stands and for which versions."""

    path: str
    value: Any
    versions: tuple[CustomResourceDefinitionVersion, ...]


def is_common(spec: CustomResourceDefinitionSpec, part: str) -> bool:
    """Whether all versions have the same."""
    first = getattr(spec.versions[0], part) if spec.versions else None
    return all(getattr(version, part) == first for version in spec.versions)


def common(spec: CustomResourceDefinitionSpec, part: str) -> Part | None:
    """The part that all versions share; None if they do not, or have none."""
    if not spec.versions or not is_common(spec, part):
        return None
    value = getattr(spec.versions[0], part)
    return Part(f"spec.{WHOLE.get(part, part)}", value, spec.versions) if value else None


def own(spec: CustomResourceDefinitionSpec, index: int, part: str) -> Part | None:
    """The part that a version has for itself."""
    version = spec.versions[index]
    value = getattr(version, part)
    if not value or is_common(spec, part):
        return None
    return Part(f"spec.versions[{index}].{part}", value, (version,))


def shown(spec: CustomResourceDefinitionSpec) -> list[CustomResourceDefinitionVersion]:
    """The versions as messages print them."""
    blank: dict[str, Any] = {
        part: () if part in LISTS else None for part in PARTS if is_common(spec, part)
    }
    return [replace(version, **blank) for version in spec.versions]
