"""Custom objects in the store and in memory: one cache for each served version.

All versions of a kind share one place in the store, where objects stand as the storage version.
With conversion None an object reads the same in every version but for its apiVersion; what a
version's schema does not know is pruned, and what it wants is filled in, when it is read. With a
webhook, `converted.py` comes in between.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from msgspec.structs import replace

from kubepy.api import codec
from kubepy.api.custom import Custom
from kubepy.apiserver.crd.resource import CustomResource
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.apiserver.watchcache import Cache, Encoding, Record
from kubepy.storage.store import Store

_OPENING = b'{"metadata":{'


class CustomEncoding(Encoding):
    """Objects of one version; `storage` is the type that they are stored as."""

    def __init__(self, resource: CustomResource, storage: type[Any], strategy: Strategy) -> None:
        super().__init__(resource.type, strategy.fields)
        self.form = resource.form
        self.default = strategy.default
        self._storage = storage
        self._opening = codec.type_prefix(storage) + b',"metadata":{'

    def stored(self, obj: Custom) -> bytes:
        return codec.with_type(self._storage, codec.encode(obj))

    def record(self, value: bytes, revision: int, obj: Custom | None = None) -> Record:
        if obj is not None and value.startswith(self._opening):
            rest = value[len(self._opening) :]
        else:
            obj = self.default(self.form.read(value, self.type))
            meta = obj.metadata
            if meta.resourceVersion:
                obj = replace(obj, metadata=replace(meta, resourceVersion=""))
            rest = codec.encode(obj)[len(_OPENING) :]
        raw = b'{"metadata":{"resourceVersion":"%d",' % revision + rest
        return Record(self.type, raw, revision, obj.metadata, self.fields(obj))


class CustomStore(ResourceStore):
    """The objects of one version of a custom kind."""

    resource: CustomResource

    def __init__(
        self, resource: CustomResource, storage: type[Any], store: Store, root: str
    ) -> None:
        """`root`: what all keys begin with."""
        strategy = resource.strategy
        encoding = CustomEncoding(resource, storage, strategy)
        super().__init__(resource, strategy, encoding, store)
        self.cache = Cache(encoding, f"{root}{resource.group}/{resource.plural}/")

    @cached_property
    def known_fields(self) -> frozenset[str]:
        """Never empty: these kinds have the words of those that offer fields of their own."""
        return frozenset(("metadata.name", *self.strategy.fields(self.type())))
