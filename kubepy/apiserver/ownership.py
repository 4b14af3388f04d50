"""metadata.managedFields of an object on its way to the store, for every kind of write.

A write by create, update or patch is tracked after defaults and before admission, so what
admission adds belongs to nobody. Only parts that differ are turned into documents and walked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from kubepy.api import codec, scheme
from kubepy.api.meta.v1 import ManagedFieldsEntry, ObjectMeta
from kubepy.api.types import Time
from kubepy.apiserver.registry import conversions
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs.request import Request
from kubepy.base.memo import cache
from kubepy.meta.managed import entries, manager, structs
from kubepy.meta.managed.entries import RESET, Owners
from kubepy.meta.managed.manager import Change, Converter, Document, Scope, Versioned
from kubepy.meta.managed.shapes import Shape
from kubepy.meta.managed.typed import Comparison, Unfit

Entries = tuple[ManagedFieldsEntry, ...]

NEW_OBJECTS = 256  # of which it is remembered what they consist of
KNOWN_BYTES = 8192  # longer ones are not remembered
NO_CHANGE = Change({}, {}, Comparison({}, {}))


def manager_of(request: Request) -> str:
    """The name that the client gives itself, else what its User-Agent begins with."""
    call = request.call
    given: str = getattr(call.options, "fieldManager", "")
    return given or _of_user_agent(call.user_agent)


def _of_user_agent(text: str) -> str:
    name = text.partition("/")[0]
    if not name.isprintable():
        name = "".join(filter(str.isprintable, name))
    if name.isascii():
        return name[: entries.NAME_BYTES]
    return name.encode()[: entries.NAME_BYTES].decode(errors="ignore")


def shape_of(type_: type[Any]) -> Shape:
    """As owners of its fields see an object: a custom kind brings its own shape."""
    form = getattr(type_, "FORM", None)
    shape: Shape = structs.shape_of(type_) if form is None else form.shape
    return shape


def scope_of(request: Request, door: Door) -> Scope:
    return Scope(
        shape=shape_of(door.type),
        version=scheme.api_version(door.type),
        subresource=request.call.subresource,
        kept=door.kept,
        convert=_converter(door.type) if not hasattr(door.type, "FORM") else _no_version,
    )


@cache
def _converter(type_: type[Any]) -> Converter:
    """For documents of kinds that are served in other versions, too."""

    def convert(document: Document, version: str) -> Versioned | None:
        other = conversions.to_version(type_, version)
        if other is None:
            return None
        converted = other.convert(codec.from_builtins(type_, document))
        return Versioned(shape_of(other.type), _document(converted))

    return convert


def _no_version(document: Document, version: str) -> Versioned | None:
    """Custom kinds: what was applied in another version is left alone."""
    return None


def now_of(request: Request) -> Time:
    return Time.from_unix(request.means.clock.now())


def with_entries(obj: Any, found: Entries) -> Any:
    if obj.metadata.managedFields == found:
        return obj
    return replace(obj, metadata=replace(obj.metadata, managedFields=found))


# ---- writes that say the whole object


def tracked(request: Request, door: Door, sent: Any, old: Any = None) -> Any:
    """What a client wants, with the owners of its fields after this write; `old`: what it
    changes, None for a create."""
    before: Entries = old.metadata.managedFields if old is not None else ()
    given: Entries = sent.metadata.managedFields if not request.call.subresource else before
    scope = scope_of(request, door)
    owners = {} if given == RESET else _known(scope, given) or _known(scope, before)
    if not owners and old is not None:
        return with_entries(sent, ())  # tracking begins with an apply
    try:
        change = _change(old, sent) if old is not None else _creation(sent)
        if change is None and given == before:
            return sent
        change = change or NO_CHANGE
        name, now = manager_of(request), now_of(request)
        owners = manager.update(scope, change, owners, name, now)
    except Unfit:
        return with_entries(sent, before)  # its rules will refuse it, or not care
    return with_entries(sent, entries.encode(owners))


def _known(scope: Scope, found: Entries) -> Owners:
    return entries.known(found, scope.shape, scope.version)


def _change(old: Any, new: Any) -> Change | None:
    """What a write does to an object; None if it is nothing that anybody owns."""
    first, second = _differing(old, new)
    if not first:
        return None
    type_ = type(new)
    documents = _document(type_(**first)), _document(type_(**second))
    return manager.changed(shape_of(type_), *documents)


def _creation(new: Any) -> Change:
    type_ = type(new)
    _, second = _differing(_empty(type_), new)
    raw = codec.encode(type_(**second))
    known = len(raw) <= KNOWN_BYTES and not hasattr(type_, "FORM")  # custom types come and go
    created: Callable[[Any, bytes], Change] = _known_created if known else _created
    return created(type_, raw)


def _created(type_: Any, raw: bytes) -> Change:
    """A new object that differs in this from the empty one, as all replicas of one template do."""
    return manager.changed(shape_of(type_), _document(_empty(type_)), msgspec.json.decode(raw))


_known_created = lru_cache(maxsize=NEW_OBJECTS)(_created)


def _empty(type_: type[Any]) -> Any:
    return type_()


def _differing(old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parts in which two objects differ, as each has them."""
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    for name in type(new).__struct_fields__:
        mine, theirs = getattr(old, name), getattr(new, name)
        if mine == theirs or name in ("kind", "apiVersion"):
            continue
        if name == "metadata":
            mine, theirs = _of_clients(mine), _of_clients(theirs)
            if mine == theirs:
                continue
        first[name], second[name] = mine, theirs
    return first, second


def _of_clients(meta: ObjectMeta) -> ObjectMeta:
    """Metadata without what nobody owns."""
    return replace(
        meta, name="", namespace="", selfLink="", uid="", resourceVersion="", generation=0,
        creationTimestamp=None, managedFields=(),
    )  # fmt: skip


def _document(obj: Any) -> Document:
    found: Document = msgspec.json.decode(codec.encode(obj))
    return found


def document_of(obj: Any) -> Document:
    """An object as plain dicts, without its kind and its owners."""
    return _document(with_entries(codec.untyped(obj), ()))


def settled(new: Any, old: Any) -> Any:
    """The new object; with the old times of its owners if nothing else has changed."""
    mine, theirs = new.metadata.managedFields, old.metadata.managedFields
    if mine == theirs or len(mine) != len(theirs) or _timeless(mine) != _timeless(theirs):
        return new
    quiet = with_entries(new, theirs)
    return quiet if quiet == old else new


def _timeless(found: Sequence[ManagedFieldsEntry]) -> list[ManagedFieldsEntry]:
    return [replace(entry, time=None) for entry in found]
