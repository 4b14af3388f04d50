"""namespaces/finalize: the only way to a namespace's spec.finalizers."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.core.v1 import Namespace
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.subresources.door import Door
from kubepy.meta import names
from kubepy.meta.errors import FieldError, invalid
from kubepy.meta.managed.fieldset import without

STANDARD = ("kubernetes", "foregroundDeletion", "orphan")


def merge(sent: Namespace, old: Namespace) -> Namespace:
    return replace(sent, status=old.status)


def validate(new: Namespace, old: Namespace) -> list[FieldError]:
    errors = []
    for index, name in enumerate(new.spec.finalizers):
        path = f"spec.finalizers[{index}]"
        errors += [invalid(path, name, message) for message in names.label_key(name)]
        if "/" not in name and name not in STANDARD:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            errors.append(invalid(path, name, why))
    return errors


def finalize_door(strategy: Strategy) -> Door:
    return Door(
        type=Namespace,
        default=strategy.default,
        merge=merge,
        validate=validate,
        kept=lambda fields: without(fields, strategy.resets),
    )
