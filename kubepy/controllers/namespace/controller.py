"""Empties namespaces that are being deleted, and lets them go."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from kubepy.api import scheme
from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.api.core.v1 import Namespace
from kubepy.api.scheme import Resource
from kubepy.controllers.context import Context
from kubepy.controllers.controller import Controller
from kubepy.controllers.customkinds import CustomKinds
from kubepy.controllers.namespace import plan
from kubepy.controllers.namespace.plan import Findings, Remains
from kubepy.meta import errors


class NamespaceController(Controller):
    """A key is a namespace's name."""

    name = "namespace-controller"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.namespaces = self.watch(Namespace)
        self.pods_wave, self.rest_wave = plan.waves(scheme.resources())
        self.kinds = CustomKinds(self.watch(CustomResourceDefinition))
        self.namespaces.subscribe(self._changed)

    def _changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if new is not None and new.metadata.deletionTimestamp is not None:
            self.queue.add(new.metadata.name)

    async def reconcile(self, key: str) -> None:
        namespace = self.namespaces.get(key)
        if namespace is None or namespace.metadata.deletionTimestamp is None:
            return
        if plan.FINALIZER not in namespace.spec.finalizers:
            return  # done here; somebody else's finalizer keeps it
        found = await self._empty(key, self.pods_wave)
        if found.done:
            custom_wave = plan.waves(self.kinds.all())[1]
            found = await self._empty(key, [*self.rest_wave, *custom_wave])
        try:
            namespace = await self._report(namespace, found)
            if found.done:
                await self._let_go(namespace)
        except errors.NotFound:
            return  # an earlier pass has let it go
        if not found.done:
            self.queue.add_after(key, plan.next_look(namespace, self.clock.now()))

    async def _empty(self, name: str, resources: Sequence[Resource]) -> Findings:
        """Delete everything of these resources; what is left of each."""
        remaining: dict[str, Remains] = {}
        failed: list[str] = []

        async def one(resource: Resource) -> None:
            try:
                remaining[resource.group_resource] = await self._empty_one(name, resource)
            except (errors.NotFound, errors.MethodNotAllowed):
                return  # the server does not serve it
            except (errors.ApiError, ConnectionError) as error:
                failed.append(str(error))

        await asyncio.gather(*(one(resource) for resource in resources))
        return Findings(remaining=remaining, errors=tuple(sorted(failed)))

    async def _empty_one(self, name: str, resource: Resource) -> Remains:
        listing = await self.client.list(resource.type, name)
        if not listing.items:
            return Remains(0)
        await self.client.delete_collection(resource.type, name, propagation="Background")
        listing = await self.client.list(resource.type, name)
        finalizers = Counter(f for obj in listing.items for f in obj.metadata.finalizers)
        return Remains(len(listing.items), finalizers)

    async def _report(self, namespace: Namespace, found: Findings) -> Namespace:
        told = plan.report(namespace, found, self.clock.now())
        if told == namespace.status.conditions:
            return namespace
        status = replace(namespace.status, conditions=told)
        written = await self.client.update(replace(namespace, status=status), subresource="status")
        self.namespaces.note_write(written)
        return written

    async def _let_go(self, namespace: Namespace) -> None:
        rest = tuple(f for f in namespace.spec.finalizers if f != plan.FINALIZER)
        spec = replace(namespace.spec, finalizers=rest)
        await self.client.update(replace(namespace, spec=spec), subresource="finalize")
