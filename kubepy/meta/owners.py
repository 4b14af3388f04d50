"""Who owns an object: the references that the garbage collector and the controllers follow."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.meta.v1 import ObjectMeta, OwnerReference


def controller_of(obj: Any) -> OwnerReference | None:
    """The one owner that manages `obj`, if there is one."""
    return next((owner for owner in obj.metadata.ownerReferences if owner.controller), None)


def is_controlled_by(obj: Any, owner: Any) -> bool:
    reference = controller_of(obj)
    return reference is not None and reference.uid == owner.metadata.uid


def owner_reference(owner: Any, *, controller: bool | None = None) -> OwnerReference:
    """A reference to a plain owner, whose deletion the reference does not block."""
    return OwnerReference(
        apiVersion=owner.apiVersion or scheme.api_version(type(owner)),
        kind=owner.kind or type(owner).__name__,
        name=owner.metadata.name,
        uid=owner.metadata.uid,
        controller=controller,
    )


def controller_ref(owner: Any) -> OwnerReference:
    """The reference that a controller puts on what it makes: the owner waits for it when it is
    deleted in the foreground."""
    reference = owner_reference(owner, controller=True)
    return replace(reference, blockOwnerDeletion=True)


def without_owner(metadata: ObjectMeta, uid: str) -> ObjectMeta:
    """The metadata without references to that owner."""
    kept = tuple(owner for owner in metadata.ownerReferences if owner.uid != uid)
    if len(kept) == len(metadata.ownerReferences):
        return metadata
    return replace(metadata, ownerReferences=kept)
