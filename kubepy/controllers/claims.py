"""Ownership by selector: which objects a controller has, may take, and must let go.

An object that names the owner as its controller is the owner's; if the owner's selector no longer
matches it, it is let go. One that has no controller and matches is taken. One that another owner
controls is nobody else's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from msgspec import Struct

from kubepy.api import codec
from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.client.client import Client
from kubepy.client.informer import Informer
from kubepy.meta import errors
from kubepy.meta.owners import controller_of, controller_ref

T = TypeVar("T")
Matcher = Callable[[Mapping[str, str]], bool]

CONTROLLER = "controller"  # index: the uid of the controlling owner
ORPHANS = "orphans"  # index: the namespace of objects that no owner controls


class Claims(Struct, Generic[T], frozen=True):
    """`owned` are the owner's already; `adopt` and `release` need a write each."""

    owned: tuple[T, ...] = ()
    adopt: tuple[T, ...] = ()
    release: tuple[T, ...] = ()


def decide(owner: ObjectMeta, matches: Matcher, candidates: Iterable[T]) -> Claims[T]:
    """Sort candidates (of the owner's namespace) by what is to become of them."""
    owned, adopt, release = [], [], []
    ending = owner.deletionTimestamp is not None
    for obj in candidates:
        meta: ObjectMeta = obj.metadata  # type: ignore[attr-defined]
        controller = controller_of(obj)
        if controller is not None:
            if controller.uid != owner.uid:
                continue
            if matches(meta.labels):
                owned.append(obj)
            elif not ending:
                release.append(obj)
        elif not ending and meta.deletionTimestamp is None and matches(meta.labels):
            adopt.append(obj)
    return Claims(tuple(owned), tuple(adopt), tuple(release))


def index(informer: Informer[Any]) -> None:
    """Make an informer answer `candidates`."""
    informer.add_index(CONTROLLER, _controller_uid)
    informer.add_index(ORPHANS, _orphan_namespace)


def candidates(informer: Informer[T], owner: ObjectMeta) -> list[T]:
    """What the owner controls, and what nobody controls in its namespace."""
    return [*informer.by(CONTROLLER, owner.uid), *informer.by(ORPHANS, owner.namespace)]


def _controller_uid(obj: Any) -> list[str]:
    controller = controller_of(obj)
    return [controller.uid] if controller is not None else []


def _orphan_namespace(obj: Any) -> list[str]:
    return [obj.metadata.namespace] if controller_of(obj) is None else []


async def claim(
    client: Client, informer: Informer[T], owner: Any, matches: Matcher
) -> tuple[T, ...]:
    """Take and let go as `decide` says; what the owner has then.

    A failed write raises; taking is refused (Conflict) if the owner itself is gone or going.
    """
    claims = decide(owner.metadata, matches, candidates(informer, owner.metadata))
    for obj in claims.release:
        await _release(client, informer, owner, obj)
    adopted: list[T] = []
    if claims.adopt:
        await _check_owner(client, owner)
        for obj in claims.adopt:
            taken = await _adopt(client, informer, owner, obj)
            if taken is not None:
                adopted.append(taken)
    return (*claims.owned, *adopted)


async def _check_owner(client: Client, owner: Any) -> None:
    """The owner as the server has it now must be alive: the cache may lag behind its deletion."""
    meta: ObjectMeta = owner.metadata
    fresh = await client.get(type(owner), meta.name, meta.namespace)
    if fresh.metadata.uid != meta.uid:
        raise errors.Conflict.make(
            f"original {type(owner).__name__} {meta.namespace}/{meta.name} is gone: "
            f"got uid {fresh.metadata.uid}, wanted {meta.uid}"
        )
    if fresh.metadata.deletionTimestamp is not None:
        raise errors.Conflict.make(
            f"{meta.namespace}/{meta.name} has just been deleted at "
            f"{fresh.metadata.deletionTimestamp}"
        )


async def _adopt(client: Client, informer: Informer[T], owner: Any, obj: T) -> T | None:
    meta: ObjectMeta = obj.metadata  # type: ignore[attr-defined]
    references = (*meta.ownerReferences, controller_ref(owner))
    try:
        return await _set_owners(client, informer, obj, references)
    except errors.NotFound:
        return None


async def _release(client: Client, informer: Informer[T], owner: Any, obj: T) -> None:
    meta: ObjectMeta = obj.metadata  # type: ignore[attr-defined]
    rest = tuple(ref for ref in meta.ownerReferences if ref.uid != owner.metadata.uid)
    try:
        await _set_owners(client, informer, obj, rest)
    except errors.NotFound:
        return


async def _set_owners(
    client: Client, informer: Informer[T], obj: T, references: tuple[OwnerReference, ...]
) -> T:
    """The whole list is written, so the object must be the very version that was looked at."""
    meta: ObjectMeta = obj.metadata  # type: ignore[attr-defined]
    patch = {
        "metadata": {
            "uid": meta.uid,
            "resourceVersion": meta.resourceVersion,
            "ownerReferences": codec.to_builtins(references) or None,
        }
    }
    written = await client.patch(type(obj), meta.name, meta.namespace, patch=patch)
    informer.note_write(written)
    return written
