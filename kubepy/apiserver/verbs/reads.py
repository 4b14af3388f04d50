"""get and list: from the cache, or from the store's history where an exact past is asked for.

resourceVersion     get, list
"" (none)           as new as any write that was acknowledged before
"0"                 whatever the cache holds
N                   not older than N; a list with a limit, or with match Exact: exactly at N
continue token      exactly at the first page's revision
"""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.meta.v1 import GetOptions, ListMeta, ListOptions
from kubepy.apiserver import continuation, options, selection
from kubepy.apiserver.continuation import LATEST, Place
from kubepy.apiserver.feed import too_large
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.apiserver.selection import Selection
from kubepy.apiserver.watchcache import Record
from kubepy.meta import errors
from kubepy.meta.calls import Answer, Call, Items
from kubepy.storage.store import Compacted, FutureRevision

CHUNK = 500  # objects read from the store's history at a time


async def find(target: ResourceStore, namespace: str, name: str, version: str = "") -> Record:
    """The object, as new as `version` asks. Raises NotFound, Timeout."""
    if version:
        await target.feed.reached(options.version_of_read(version))
    else:
        await target.feed.fresh()
    record = target.known(namespace, name)
    if record is None:
        raise errors.NotFound.of(target.resource, name)
    return record


async def get(target: ResourceStore, call: Call) -> Answer:
    given = call.options if isinstance(call.options, GetOptions) else None
    version = given.resourceVersion if given else ""
    return Answer(item=await find(target, call.namespace, call.name, version))


def selection_of(target: ResourceStore, namespace: str, wanted: ListOptions) -> Selection:
    """Raises BadRequest."""
    known = target.known_fields
    return selection.parse(namespace, wanted.labelSelector, wanted.fieldSelector, known)


async def list_(target: ResourceStore, call: Call) -> Items:
    wanted = call.options if isinstance(call.options, ListOptions) else ListOptions()
    options.check_list(wanted)
    return await select(target, call.namespace, wanted)


async def select(target: ResourceStore, namespace: str, wanted: ListOptions) -> Items:
    """The list that the options ask for. Raises BadRequest, Expired, Timeout."""
    chosen = selection_of(target, namespace, wanted)
    version = options.version_of_list(wanted.resourceVersion)
    limit = max(wanted.limit, 0)
    place = Place(0, "")
    if wanted.continue_:
        if version:
            raise errors.BadRequest.of(
                "specifying resource version is not allowed when using continue"
            )
        place = continuation.decode(wanted.continue_)
    if wanted.resourceVersion == "0":
        limit = 0  # from memory, a whole list costs no more than a page
    exactly = place.revision
    if wanted.resourceVersionMatch == options.EXACT or (
        limit and version and wanted.resourceVersionMatch != options.NOT_OLDER_THAN
    ):
        exactly = version
    if exactly <= 0:
        if version or wanted.resourceVersion == "0":
            await target.feed.reached(version)
        else:
            await target.feed.fresh()
        return _from_cache(target, chosen, place, limit, target.feed.revision)
    await target.feed.reached(exactly)
    if exactly >= target.cache.changed:
        return _from_cache(target, chosen, place, limit, exactly)
    return await _from_history(target, chosen, Place(exactly, place.after), limit)


def _from_cache(
    target: ResourceStore, chosen: Selection, place: Place, limit: int, revision: int
) -> Items:
    records = target.cache.select(chosen.namespace, place.after)
    if not limit:
        found = chosen.filter(records) if chosen.by_selector else records
        return _page(target, found, revision)
    if not chosen.by_selector:
        found, remaining = records[:limit], len(records) - limit
        return _page(target, found, revision, more=remaining > 0, remaining=remaining)
    found = chosen.filter(records)
    # With a selector nobody is told how many remain: that would be the cost of counting them.
    return _page(target, found[:limit], revision, more=len(found) > limit)


async def _from_history(
    target: ResourceStore, chosen: Selection, place: Place, limit: int
) -> Items:
    """A list at a revision that the cache has left behind."""
    after = target.cache.prefix + place.after if place.after else ""
    prefix = target.cache.prefix + (f"{chosen.namespace}/" if chosen.namespace else "")
    found: list[Record] = []
    size = limit if limit and not chosen.by_selector else CHUNK
    while True:
        try:
            page = await target.store.list(prefix, revision=place.revision, limit=size, after=after)
        except Compacted:
            raise expired(place) from None
        except FutureRevision as future:
            raise too_large(place.revision, future.revision) from None
        records = [*filter(None, map(target.encoding.readable, page.items))]
        found += chosen.filter(records) if chosen.by_selector else records
        if not page.more or (limit and len(found) >= limit):
            break
        after = page.items[-1].key
    if chosen.by_selector or not limit:
        more = bool(limit) and (len(found) > limit or page.more)
        return _page(target, found[:limit] if limit else found, place.revision, more=more)
    return _page(target, found, place.revision, more=page.more, remaining=page.remaining)


def _page(
    target: ResourceStore,
    found: list[Record],
    revision: int,
    *,
    more: bool = False,
    remaining: int = 0,
) -> Items:
    token = continuation.encode(Place(revision, found[-1].key)) if more else ""
    metadata = ListMeta(
        resourceVersion=str(revision),
        continue_=token,
        remainingItemCount=remaining if more and remaining else None,
    )
    return Items(resource=target.resource, items=found, metadata=metadata)


TOO_OLD = "The resourceVersion for the provided list is too old."
INCONSISTENT = (
    "The provided continue parameter is too old to display a consistent list result. You can "
    "start a new list without the continue parameter, or use the continue token in this response "
    "to retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


def expired(place: Place) -> errors.Expired:
    """The list's own revision is gone; behind a first page one may go on at another."""
    if not place.after:
        return errors.Expired.of(TOO_OLD)
    status = errors.Expired.of(INCONSISTENT).status
    token = continuation.encode(Place(LATEST, place.after))
    return errors.Expired(replace(status, metadata=ListMeta(continue_=token)))
