"""A kind whose versions a webhook converts: the store and the feed of one of its versions.

```
 the store: objects of any version          Converted: the same log, all of one version
 5  +a  example.com/v1   {"size":"3Gi"}  ─►  5  +a  example.com/v2   {"size":{"gi":3}}
 8  +b  example.com/v2   {"size":...}    ─►  8  +b  as it is
```

Each version follows the store on its own, so that a webhook that hangs holds nothing else up.
While it fails, nobody is shown what is old: whoever asks for the newest is told of the failure,
and the webhook is tried again.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

from msgspec.structs import replace

from kubepy.api.apiextensions.v1 import CustomResourceDefinition, WebhookClientConfig
from kubepy.apiserver.crd import conversion
from kubepy.apiserver.feed import Feed
from kubepy.apiserver.watchcache import Cache, Record
from kubepy.apiserver.webhooks import HTTPS_PORT, Service, WebhookError, Webhooks
from kubepy.base.watermark import Watermark
from kubepy.meta.errors import ApiError
from kubepy.storage.store import Conflict, Entry, Page, Progress, StorageError, Store, Stored

Items = list[Stored]  # the store has a method `list`

RETRY_SECONDS = 1.0
FIRST_SECONDS = 5.0  # how long a definition waits for the webhook to show the objects there are


class Converter:
    """The webhook of one definition."""

    def __init__(
        self, definition: CustomResourceDefinition, webhooks: Webhooks, uid: Callable[[], str]
    ) -> None:
        given = definition.spec.conversion
        assert given is not None and given.webhook is not None
        wanted = given.webhook.conversionReviewVersions
        self._review = next((each for each in wanted if each in conversion.REVIEWS), "v1")
        self._kind = definition.status.acceptedNames.kind
        config = given.webhook.clientConfig or WebhookClientConfig()
        self._webhook = webhooks.open(_target(config), config.caBundle)
        self._uid = uid

    async def convert(self, values: Sequence[bytes], target: str) -> list[bytes]:
        """Stored objects as those of a version; only others are sent. Raises Unknown."""
        places = conversion.foreign(values, self._kind, target)
        found = list(values)
        if not places:
            return found
        sent = [values[place] for place in places]
        uid = self._uid()
        try:
            content = await self._webhook.post(conversion.review(sent, target, uid, self._review))
        except WebhookError as problem:
            raise conversion.failed(conversion.head(sent[0]), str(problem)) from problem
        answered = conversion.answer(sent, target, uid, self._review, content)
        for place, value in zip(places, answered, strict=True):
            found[place] = value
        return found

    async def close(self) -> None:
        await self._webhook.close()


def _target(config: WebhookClientConfig) -> str | Service:
    if (given := config.service) is not None:
        return Service(given.namespace, given.name, given.port or HTTPS_PORT, given.path or "")
    return config.url or ""


class ConvertedStore:
    """A `storage.Store` whose values, of one kind's prefix, are all of the version `shown`."""

    def __init__(self, store: Store, converter: Converter, shown: str, stored: str) -> None:
        self.shared = store.shared
        self._store = store
        self._converter = converter
        self._shown = shown
        self._stored = stored

    async def get(self, key: str, *, revision: int = 0) -> Stored | None:
        found = await self._store.get(key, revision=revision)
        return (await self._items([found]))[0] if found is not None else None

    async def list(
        self, prefix: str, *, revision: int = 0, limit: int = 0, after: str = ""
    ) -> Page:
        page = await self._store.list(prefix, revision=revision, limit=limit, after=after)
        return replace(page, items=await self._items(page.items))

    async def _items(self, items: Sequence[Stored]) -> Items:
        values = await self._converter.convert([item.value for item in items], self._shown)
        return [
            replace(item, value=value) if value is not item.value else item
            for item, value in zip(items, values, strict=True)
        ]

    async def write(self, key: str, value: bytes | None, *, expect: int, lease: int = 0) -> int:
        if value is not None:
            value = (await self._converter.convert([value], self._stored))[0]
        try:
            return await self._store.write(key, value, expect=expect, lease=lease)
        except Conflict as conflict:
            if conflict.current is None:
                raise
            raise Conflict((await self._items([conflict.current]))[0]) from conflict

    async def watch(self, prefix: str, *, after: int) -> AsyncIterator[Entry | Progress]:
        async for entry in self._store.watch(prefix, after=after):
            yield entry if isinstance(entry, Progress) else await self._entry(entry)

    async def _entry(self, entry: Entry) -> Entry:
        both = [value for value in (entry.value, entry.previous) if value is not None]
        found = iter(await self._converter.convert(both, self._shown))
        value = next(found) if entry.value is not None else None
        previous = next(found) if entry.previous is not None else None
        return replace(entry, value=value, previous=previous)

    async def request_progress(self, revision: int) -> None:
        await self._store.request_progress(revision)

    async def compact(self, revision: int) -> None:
        await self._store.compact(revision)

    async def take_turn(self, revision: int) -> bool:
        return await self._store.take_turn(revision)

    async def revision(self) -> int:
        return await self._store.revision()

    async def close(self) -> None:
        """The store below belongs to others."""


class ConvertedFeed(Feed):
    """Keeps one cache up with its converted store. `run` starts it, too."""

    def __init__(self, store: Store, cache: Cache) -> None:
        super().__init__(store, [cache], cache.prefix.removesuffix("/"))
        self._reached = Watermark(-1)  # so that nobody takes the empty cache for what there is
        self._begun = asyncio.Event()
        self._again = asyncio.Event()

    def _caches_of(self, key: str) -> list[Cache]:
        return self._caches  # the watch brings nothing else

    async def begun(self) -> None:
        """Wait until the cache is filled, or the webhook has failed, or is too slow."""
        try:
            async with asyncio.timeout(FIRST_SECONDS):
                await self._begun.wait()
        except TimeoutError:
            pass

    async def run(self) -> None:
        try:
            while True:
                try:
                    if self.revision < 0:
                        await self.start()
                        self._begun.set()
                    if await self._follow():
                        return
                except ApiError as problem:
                    self._reached.abandon(problem)
                    self._begun.set()
                    await self._pause()
        finally:
            self._reached.abandon(StorageError("the store is no longer followed"))

    async def _pause(self) -> None:
        self._again.clear()
        try:
            async with asyncio.timeout(RETRY_SECONDS):
                await self._again.wait()
        except TimeoutError:
            pass

    def note(self, revision: int, record: Record | None = None) -> None:
        """The cache holds what the webhook makes of the stored object, not what was written."""
        super().note(revision)

    async def reached(self, revision: int) -> None:
        if revision > self.revision:
            self._again.set()
            await self.store.request_progress(revision)
        await super().reached(revision)

    async def fresh(self) -> None:
        await self.reached(await self.store.revision())
