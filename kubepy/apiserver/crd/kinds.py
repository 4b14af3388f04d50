"""The custom kinds that are served now: their stores and caches, put up and taken down.

A kind is put up anew when its definition changes in anything but its conditions. Watches of what
was there before end, and clients begin again, with what the new schema makes of the objects.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

from kubepy.api import codec
from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.api.custom import define
from kubepy.apiserver.crd import scale
from kubepy.apiserver.crd.converted import ConvertedFeed, ConvertedStore, Converter
from kubepy.apiserver.crd.definition.conversion import WEBHOOK
from kubepy.apiserver.crd.definition.spec import props_of
from kubepy.apiserver.crd.form import Form
from kubepy.apiserver.crd.resource import CustomResource, resource_of, storage_version
from kubepy.apiserver.crd.store import CustomStore
from kubepy.apiserver.crd.strategy import Version, strategy_of
from kubepy.apiserver.crd.structural import PRESERVE, compile_schema
from kubepy.apiserver.pipeline import Pipeline
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.watchcache import Change
from kubepy.apiserver.webhooks import Webhooks


class Served(Struct, frozen=True):
    """One version, with the subresources that are seen in ways of their own."""

    resource: CustomResource
    doors: dict[str, Door]


class Kind(Struct, frozen=True):
    """What is served of one definition; `signature` tells whether it has to be anew."""

    signature: bytes
    stores: tuple[CustomStore, ...]
    converter: Converter | None = None
    feeds: tuple[asyncio.Task[None], ...] = ()  # of versions that the converter shows

    async def close(self) -> None:
        for task in self.feeds:
            task.cancel()
        await asyncio.gather(*self.feeds, return_exceptions=True)
        if self.converter is not None:
            await self.converter.close()


class Kinds:
    """`emptied` is called with a definition's name when an object of it is gone."""

    def __init__(
        self, pipeline: Pipeline, webhooks: Webhooks, emptied: Callable[[str], None]
    ) -> None:
        self._pipeline = pipeline
        self._webhooks = webhooks
        self._emptied = emptied
        self._kinds: dict[str, Kind] = {}

    async def serve(self, definition: CustomResourceDefinition) -> None:
        """Serve what an established definition says, if that is not done already."""
        name = definition.metadata.name
        signature = signature_of(definition)
        current = self._kinds.get(name)
        if current is not None and current.signature == signature:
            return
        versions = versions_of(definition)
        kind = await self._opened(definition, [each.resource for each in versions], signature)
        self._take_down(current)
        for store, served in zip(kind.stores, versions, strict=True):
            self._pipeline.add(store, served.doors)
        if kind.stores:
            _main(kind).cache.subscribe(self._listener(name))
        self._kinds[name] = kind
        self._pipeline.catalog.serve(name, [store.resource for store in kind.stores])
        if current is not None:
            await current.close()

    async def _opened(
        self,
        definition: CustomResourceDefinition,
        resources: Sequence[CustomResource],
        signature: bytes,
    ) -> Kind:
        """The stores of a definition's versions, filled and followed."""
        feed = self._pipeline.feed
        group, stored = definition.spec.group, storage_version(definition)
        conversion = definition.spec.conversion
        if conversion is None or conversion.strategy != WEBHOOK:
            storage = define(definition.status.acceptedNames.kind, f"{group}/{stored}")
            stores = [CustomStore(each, storage, feed.store, feed.root) for each in resources]
            for store in stores:
                store.connect(feed)
                await feed.adopt(store.cache)
            return Kind(signature, tuple(stores))
        converter = Converter(definition, self._webhooks, self._pipeline.means.uid)
        stores, tasks = [], []
        for resource in resources:
            version = resource.group_version
            own = ConvertedStore(feed.store, converter, version, f"{group}/{stored}")
            store = CustomStore(resource, resource.type, own, feed.root)
            follower = ConvertedFeed(own, store.cache)
            store.connect(follower)
            tasks.append(asyncio.create_task(follower.run(), name=f"feed of {version}"))
            await follower.begun()
            stores.append(store)
        return Kind(signature, tuple(stores), converter, tuple(tasks))

    def _listener(self, name: str) -> Callable[[Change], None]:
        def listen(change: Change) -> None:
            if change.new is None:
                self._emptied(name)

        return listen

    async def forget(self, name: str) -> None:
        """Serve a definition no more."""
        current = self._kinds.pop(name, None)
        self._take_down(current)
        self._pipeline.catalog.serve(name, [])
        if current is not None:
            await current.close()

    def _take_down(self, kind: Kind | None) -> None:
        for store in kind.stores if kind else ():
            self._pipeline.remove(store)
            if store.feed is self._pipeline.feed:
                store.feed.drop(store.cache)
            else:
                store.cache.close()

    def any_store(self, name: str) -> CustomStore | None:
        """The objects of a definition, in one of its versions."""
        current = self._kinds.get(name)
        return _main(current) if current and current.stores else None

    async def close(self) -> None:
        for kind in self._kinds.values():
            await kind.close()


def _main(kind: Kind) -> CustomStore:
    """The version that needs no conversion, if it is served."""
    stores = kind.stores
    wanted = (s for s in stores if s.resource.version == s.resource.storage_version)
    return next(wanted, stores[0])


def signature_of(definition: CustomResourceDefinition) -> bytes:
    """Everything that decides how a definition is served."""
    return codec.encode(definition.spec) + codec.encode(definition.status.acceptedNames)


def versions_of(definition: CustomResourceDefinition) -> list[Served]:
    """What each served version of a definition is. Pure."""
    found = []
    for version in definition.spec.versions:
        if not version.served:
            continue
        props = props_of(version)
        schema = compile_schema(props)
        keep_all = definition.spec.preserveUnknownFields
        if keep_all:
            props = {**props, PRESERVE: True}
        group_version = f"{definition.spec.group}/{version.name}"
        kind = definition.status.acceptedNames.kind
        form = Form(kind, group_version, schema, keep_all=keep_all)
        rules = Version(version, schema)
        published = msgspec.json.encode(props)
        resource = resource_of(definition, version, form, strategy_of(version, rules), published)
        doors = {"scale": scale.door(rules)} if rules.scale is not None else {}
        found.append(Served(resource, doors))
    return found
