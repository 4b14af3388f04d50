"""One resource as the verbs see it: its kind's rules, its cache, its keys in the store."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from kubepy.api import codec, scheme
from kubepy.api.scheme import Resource
from kubepy.apiserver.feed import Feed
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.settings import REGISTRY
from kubepy.apiserver.watchcache import Cache, Encoding, Record, View, at
from kubepy.meta import errors
from kubepy.meta.calls import Item
from kubepy.storage.store import Store

# Where Kubernetes' own apiserver keeps a resource, if not under its plural name.
_FOLDERS = {
    "services": "services/specs",
    "endpoints": "services/endpoints",
    "nodes": "minions",
    "replicationcontrollers": "controllers",
    "ingresses.networking.k8s.io": "ingress",
    "customresourcedefinitions.apiextensions.k8s.io": (
        "apiextensions.k8s.io/customresourcedefinitions"
    ),
    "apiservices.apiregistration.k8s.io": "apiregistration.k8s.io/apiservices",
}


def prefix_of(resource: Resource, registry: str = REGISTRY) -> str:
    """The keys of a resource's objects begin so: `/registry/services/specs/`."""
    folder = _FOLDERS.get(resource.group_resource, resource.plural)
    return f"{registry}/{folder}/"


def by_plural(stores: Iterable[ResourceStore]) -> dict[tuple[str, str], ResourceStore]:
    """The stores by plural and group. Of several versions it is the one that is stored."""
    ordered = sorted(stores, key=lambda store: not isinstance(store.encoding, View))
    return {(store.resource.plural, store.resource.group): store for store in ordered}


class ResourceStore:
    """Reads and writes of single objects. What they may contain is the verbs' business.

    Objects go in and come out as Structs and Items with a resourceVersion; in the store they
    have none, since it is the revision of the write itself.
    """

    def __init__(
        self,
        resource: Resource,
        strategy: Strategy,
        encoding: Encoding,
        store: Store,
        *,
        lifetime: int = 0,
        registry: str = REGISTRY,
    ) -> None:
        """`lifetime`: the seconds after which the store forgets an object; 0: never."""
        self.resource = resource
        self.strategy = strategy
        self.encoding = encoding
        self.lifetime = lifetime
        self.cache = Cache(encoding, prefix_of(resource, registry))
        self.store = store
        self._feed: Feed | None = None

    @property
    def type(self) -> type[Any]:
        return self.encoding.type

    @cached_property
    def kind_group(self) -> str:
        """The group that messages name beside the kind: that of the kind it is stored as."""
        if isinstance(self.encoding, View):
            return scheme.by_type(self.encoding.stored_as.type).group
        return self.resource.group

    @cached_property
    def known_fields(self) -> frozenset[str]:
        """The fields that selectors may name, beside name and namespace."""
        return frozenset(self.strategy.fields(self.type()))

    @property
    def feed(self) -> Feed:
        assert self._feed is not None, "the server has not been started"
        return self._feed

    def connect(self, feed: Feed) -> None:
        self._feed = feed

    def path(self, namespace: str, name: str) -> str:
        """The part of the key that is this object's own."""
        return f"{namespace}/{name}" if self.resource.namespaced else name

    def key(self, namespace: str, name: str) -> str:
        return self.cache.prefix + self.path(namespace, name)

    def known(self, namespace: str, name: str) -> Record | None:
        """The object as far as the cache knows, perhaps a moment old."""
        return self.cache.records.get(self.path(namespace, name))

    async def recent(self, namespace: str, name: str) -> Record | None:
        """The object with every write of this process in it; another's may be missing."""
        await self.feed.own_writes()
        return self.known(namespace, name)

    async def current(self, namespace: str, name: str) -> Record | None:
        """The object as it is now: every write that was acknowledged is in it."""
        await self.feed.fresh()
        return self.known(namespace, name)

    async def insert(self, obj: Any) -> Record:
        """Write a new object. Raises storage.Conflict if it exists."""
        return await self._write(obj, expect=0)

    async def replace(self, obj: Any, old: Record) -> Record:
        """Write over `old`; nothing is written if nothing differs. Raises storage.Conflict."""
        value = self._stored(obj)
        if self.encoding.same(value, old.raw):
            return old
        return await self._write(obj, expect=old.revision, value=value)

    async def remove(self, old: Record) -> Item:
        """Delete; the answer is the last state, at the revision of the delete.

        Raises storage.Conflict.
        """
        key = self.key(old.namespace, old.name)
        revision = await self.store.write(key, None, expect=old.revision)
        self.feed.note(revision)
        return Item(self.type, at(old.raw, revision))

    def _stored(self, obj: Any) -> bytes:
        """The value to write. Raises BadRequest: with its owners it may be deeper than what was
        sent, and no client could write it back."""
        if obj.metadata.resourceVersion:
            obj = replace(obj, metadata=replace(obj.metadata, resourceVersion=""))
        value = self.encoding.stored(obj)
        try:
            codec.check_depth(value)
        except codec.DecodeError as problem:
            raise errors.BadRequest.of(str(problem)) from None
        return value

    async def _write(self, obj: Any, *, expect: int, value: bytes | None = None) -> Record:
        meta = obj.metadata
        value = value if value is not None else self._stored(obj)
        key = self.key(meta.namespace, meta.name)
        revision = await self.store.write(key, value, expect=expect, lease=self.lifetime)
        record = self.encoding.record(value, revision, obj)
        self.feed.note(revision, record)
        seen = replace(obj, metadata=replace(meta, resourceVersion=str(revision)))
        return record.with_object(seen)
