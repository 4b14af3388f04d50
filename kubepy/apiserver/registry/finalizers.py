"""Names of finalizers, where a kind is stricter than all objects are."""

from __future__ import annotations

from kubepy.api.meta.v1 import ObjectMeta
from kubepy.meta.errors import FieldError, invalid

STANDARD = ("kubernetes", "orphan", "foregroundDeletion")


def finalizer_errors(meta: ObjectMeta) -> list[FieldError]:
    """Everybody's finalizers bear a domain: `example.com/cleanup`."""
    why = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        invalid(f"metadata.finalizers[{index}]", name, why)
        for index, name in enumerate(meta.finalizers)
        if "/" not in name and name not in STANDARD
    ]
