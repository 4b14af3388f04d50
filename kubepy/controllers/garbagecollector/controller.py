"""Deletes what has lost its owners, and makes owners wait for, or let go of, their dependents.

No graph is kept: the informers' indexes by uid and by owner are the graph, over every resource
that can be listed, watched and deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubepy.api import codec, scheme
from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.api.custom import CustomKind
from kubepy.api.meta.v1 import ObjectMeta, OwnerReference
from kubepy.api.scheme import Resource
from kubepy.client.informer import Informer, key_of
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.customkinds import CustomKinds
from kubepy.controllers.garbagecollector import plan
from kubepy.controllers.garbagecollector.plan import Owner
from kubepy.meta import errors

UID, OWNER = "uid", "owner"  # indexes
NEEDED = {"delete", "list", "watch"}
MAX_ABSENT = 500  # uids that are remembered to be gone
IGNORED = {("", "events"), ("events.k8s.io", "events")}  # many, and never anybody's dependents


class UnknownKind(Exception):
    """An owner is of a kind that nothing here knows; whether it exists cannot be told."""


def _uid_of(obj: Any) -> tuple[str, ...]:
    return (obj.metadata.uid,)


def _owners_of(obj: Any) -> list[str]:
    return [reference.uid for reference in obj.metadata.ownerReferences]


def _standing(meta: ObjectMeta) -> tuple[Any, ...]:
    """All that matters of an object here: most changes are none."""
    return meta.ownerReferences, meta.deletionTimestamp, meta.finalizers


class GarbageCollector(Controller):
    """A key is `group.resource namespace/name`."""

    name = "garbage-collector-controller"
    workers = 20

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.caches: dict[str, Informer[Any]] = {}
        self._absent: dict[str, None] = {}  # in the order in which they were found out
        for resource in scheme.resources():
            ignored = (resource.group, resource.plural) in IGNORED
            if set(resource.verbs) >= NEEDED and not ignored:
                self._follow(resource, self.watch(resource.type))
        self.kinds = CustomKinds(self.watch(CustomResourceDefinition))
        self.kinds.subscribe(self._kind_changed)

    def _kind_changed(self, old: CustomKind | None, new: CustomKind | None) -> None:
        """Nobody waits for the first list of a custom kind: its server may be a webhook's victim.

        What is not known yet is asked of the server before it is called absent.
        """
        if old is not None:
            self.caches.pop(old.group_resource, None)
            self._context.drop(old.type)
        if new is not None:
            self._follow(new, self._context.informer(new.type))

    def _follow(self, resource: Resource, informer: Informer[Any]) -> None:
        informer.add_index(UID, _uid_of)
        informer.add_index(OWNER, _owners_of)
        name = resource.group_resource
        self.caches[name] = informer
        informer.subscribe(lambda old, new: self._changed(name, old, new))

    def _changed(self, name: str, old: Any, new: Any) -> None:
        if new is None:
            self._remember_absent(old.metadata.uid)
            self._add_dependents(old.metadata.uid)
            self._add_waiting_owners(old.metadata)
            return
        meta: ObjectMeta = new.metadata
        if old is not None:
            if _standing(old.metadata) == _standing(meta):
                return
            self._add_waiting_owners(old.metadata)
        if meta.ownerReferences or meta.deletionTimestamp is not None:
            self.queue.add(f"{name} {key_of(new)}")
        began = old is None or not plan.waits_for_dependents(old.metadata)
        if plan.waits_for_dependents(meta) and began:
            self._add_dependents(meta.uid)

    def _add_dependents(self, uid: str) -> None:
        for name, dependent in self._dependents(uid):
            self.queue.add(f"{name} {key_of(dependent)}")

    def _add_waiting_owners(self, meta: ObjectMeta) -> None:
        for reference in meta.ownerReferences:
            found = self._find(reference.uid)
            if found is not None and found[1].metadata.deletionTimestamp is not None:
                self.queue.add(f"{found[0]} {key_of(found[1])}")

    def _dependents(self, uid: str) -> Iterator[tuple[str, Any]]:
        for name, informer in self.caches.items():
            for obj in informer.by(OWNER, uid):
                yield name, obj

    def _find(self, uid: str) -> tuple[str, Any] | None:
        for name, informer in self.caches.items():
            for obj in informer.by(UID, uid):
                return name, obj
        return None

    def _remember_absent(self, uid: str) -> None:
        self._absent[uid] = None
        if len(self._absent) > MAX_ABSENT:
            del self._absent[next(iter(self._absent))]

    async def reconcile(self, key: str) -> None:
        name, _, object_key = key.partition(" ")
        cache = self.caches.get(name)
        obj = cache.get(object_key) if cache is not None else None
        if obj is None:
            return
        meta: ObjectMeta = obj.metadata
        owners: dict[str, Owner] = {}
        if meta.deletionTimestamp is None:
            for reference in meta.ownerReferences:
                owners[reference.uid] = await self._state(reference, meta.namespace)
        dependents = [dependent for _, dependent in self._dependents(meta.uid)]
        decision = plan.decide(meta, owners, [d.metadata for d in dependents])
        try:
            await self._perform(name, obj, decision, dependents)
        except errors.NotFound:
            return

    async def _state(self, reference: OwnerReference, namespace: str) -> Owner:
        """What is known of an owner: by the caches, and before it is called absent, the server."""
        found = self._find(reference.uid)
        if found is not None:
            meta = found[1].metadata
            if meta.namespace and meta.namespace != namespace:
                return Owner.ABSENT  # owners live in the same namespace, or in none
            return Owner.WAITING if plan.waits_for_dependents(meta) else Owner.SOLID
        if reference.uid in self._absent:
            return Owner.ABSENT
        group, _, version = reference.apiVersion.rpartition("/")
        resource = scheme.by_kind(group, version, reference.kind) or self.kinds.by_kind(
            reference.apiVersion, reference.kind
        )
        if resource is None:
            raise UnknownKind(f"{reference.apiVersion} {reference.kind} of owner {reference.name}")
        if resource.namespaced and not namespace:
            return Owner.ABSENT  # something without a namespace cannot be owned from inside one
        try:
            owner: Any = await self.client.get(
                resource.type, reference.name, namespace if resource.namespaced else ""
            )
        except errors.NotFound:
            self._remember_absent(reference.uid)
            return Owner.ABSENT
        if owner.metadata.uid != reference.uid:
            self._remember_absent(reference.uid)
            return Owner.ABSENT
        return Owner.WAITING if plan.waits_for_dependents(owner.metadata) else Owner.SOLID

    async def _perform(
        self, name: str, obj: Any, decision: plan.Decision, dependents: list[Any]
    ) -> None:
        meta: ObjectMeta = obj.metadata
        match decision:
            case plan.Delete(propagation):
                await self._delete(name, obj, propagation)
            case plan.DropOwners(uids):
                await self._set_owners(name, obj, plan.without_owners(meta, uids))
            case plan.Unblock(propagation):
                changed = await self._set_owners(name, obj, plan.unblocked(meta))
                await self._delete(name, changed, propagation)
            case plan.RemoveFinalizer(finalizer):
                await self._remove_finalizer(name, obj, finalizer)
            case plan.DeleteDependents():
                self._add_dependents(meta.uid)
            case plan.OrphanDependents():
                for dependent in dependents:
                    await self._forget_owner(dependent, meta.uid)
                await self._remove_finalizer(name, obj, plan.ORPHAN)

    async def _delete(self, name: str, obj: Any, propagation: str) -> None:
        """Delete the very version that was judged: a new owner since then would save it."""
        meta: ObjectMeta = obj.metadata
        await self.client.delete(
            type(obj),
            meta.name,
            meta.namespace,
            uid=meta.uid,
            resource_version=meta.resourceVersion,
            propagation=propagation,
        )
        self._log.info("deleted %s %s (%s)", name, key_of(obj), propagation)

    async def _forget_owner(self, dependent: Any, uid: str) -> None:
        name = scheme.by_type(type(dependent)).group_resource
        owners = plan.without_owners(dependent.metadata, frozenset({uid}))
        try:
            await self._set_owners(name, dependent, owners)
        except errors.NotFound:
            return

    async def _set_owners(self, name: str, obj: Any, owners: tuple[OwnerReference, ...]) -> Any:
        return await self._patch(name, obj, {"ownerReferences": codec.to_builtins(owners) or None})

    async def _remove_finalizer(self, name: str, obj: Any, finalizer: str) -> None:
        rest = [other for other in obj.metadata.finalizers if other != finalizer]
        await self._patch(name, obj, {"finalizers": rest or None})

    async def _patch(self, name: str, obj: Any, changes: dict[str, Any]) -> Any:
        meta: ObjectMeta = obj.metadata
        patch = {
            "metadata": {
                "uid": meta.uid,
                "resourceVersion": meta.resourceVersion,
                **changes,
            }
        }
        return await self.client.patch(type(obj), meta.name, meta.namespace, patch=patch)
