"""StorageClass: how volumes are made on demand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import TopologySelectorTerm
from kubepy.api.storage.v1 import StorageClass
from kubepy.apiserver.registry.storage.parameters import parameter_errors, provisioner_errors
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.apiserver.registry.values import choice, immutable, named, repeated
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, forbidden, required

RECLAIM_POLICIES = ("Delete", "Retain")
BINDING_MODES = ("Immediate", "WaitForFirstConsumer")
DEFAULT_ANNOTATION = "storageclass.kubernetes.io/is-default-class"
OLD_DEFAULT_ANNOTATION = "storageclass.beta.kubernetes.io/is-default-class"


def is_default(storage_class: StorageClass) -> bool:
    """Whether claims that name no class get this one."""
    annotations = storage_class.metadata.annotations
    return "true" in (
        annotations.get(DEFAULT_ANNOTATION),
        annotations.get(OLD_DEFAULT_ANNOTATION),
    )


def default(storage_class: StorageClass) -> StorageClass:
    reclaim, binding = storage_class.reclaimPolicy, storage_class.volumeBindingMode
    return replace(
        storage_class,
        reclaimPolicy="Delete" if reclaim is None else reclaim,
        volumeBindingMode="Immediate" if binding is None else binding,
    )


def validate(storage_class: StorageClass) -> list[FieldError]:
    errors = provisioner_errors(storage_class.provisioner, "provisioner")
    errors += parameter_errors(storage_class.parameters, "parameters")
    errors += choice(storage_class.reclaimPolicy or None, RECLAIM_POLICIES, "reclaimPolicy")
    errors += choice(storage_class.volumeBindingMode, BINDING_MODES, "volumeBindingMode")
    return errors + _topology_errors(storage_class.allowedTopologies, "allowedTopologies")


def _topology_errors(terms: Sequence[TopologySelectorTerm], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: list[dict[str, frozenset[str]]] = []
    for index, term in enumerate(terms):
        where = f"{path}[{index}].matchLabelExpressions"
        values: dict[str, frozenset[str]] = {}
        for number, label in enumerate(term.matchLabelExpressions):
            here = f"{where}[{number}]"
            if not label.values:
                errors.append(required(f"{here}.values"))
            errors += repeated(label.values, f"{here}.values")
            errors += named(label.key, names.label_key, f"{here}.key")
            if label.key in values:
                errors.append(duplicate(f"{here}.key", label.key))
            values[label.key] = frozenset(label.values)
        errors += [duplicate(where, "") for other in seen if other == values]
        seen.append(values)
    return errors


def validate_update(new: StorageClass, old: StorageClass) -> list[FieldError]:
    errors = [
        forbidden(field, f"updates to {field} are forbidden.")
        for field in ("parameters", "provisioner", "reclaimPolicy")
        if getattr(new, field) != getattr(old, field)
    ]
    return errors + immutable(new.volumeBindingMode, old.volumeBindingMode, "volumeBindingMode")


def row(storage_class: StorageClass, now: float) -> tuple[Any, ...]:
    meta = storage_class.metadata
    return (
        f"{meta.name} (default)" if is_default(storage_class) else meta.name,
        storage_class.provisioner,
        storage_class.reclaimPolicy,
        storage_class.volumeBindingMode,
        bool(storage_class.allowVolumeExpansion),
        age(meta.creationTimestamp, now),
    )


STRATEGY = Strategy(
    returns_deleted=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=row,
)
