"""metadata.managedFields of an object on its way to the store, for every kind of write.

A write by create, update or patch is tracked after defaults and before admission, so what
admission adds belongs to nobody. Only parts that differ are turned into documents and walked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from kubepy.api import codec, scheme
from kubepy.api.meta.v1 import ManagedFieldsEntry, ObjectMeta
from kubepy.api.types import Time
from kubepy.apiserver.options import MANAGER_LENGTH
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs.request import Request
from kubepy.base.memo import cache
from kubepy.meta.managed import entries, manager
from kubepy.meta.managed.entries import RESET, Owners
from kubepy.meta.managed.manager import Document, Scope
from kubepy.meta.managed.structs import shape_of
from kubepy.meta.managed.typed import Unfit

Entries = tuple[ManagedFieldsEntry, ...]


def manager_of(request: Request) -> str:
    """The name that the client gives itself, else what its User-Agent begins with."""
    call = request.call
    given: str = getattr(call.options, "fieldManager", "")
    return given or _of_user_agent(call.user_agent)


def _of_user_agent(text: str) -> str:
    name = "".join(char for char in text.split("/", 1)[0] if char.isprintable())
    return name.encode()[:MANAGER_LENGTH].decode(errors="ignore")


def scope_of(request: Request, door: Door) -> Scope:
    return Scope(
        shape=shape_of(door.type),
        version=scheme.api_version(door.type),
        subresource=request.call.subresource,
        kept=door.kept,
    )


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
    owners = {} if given == RESET else entries.known(given) or entries.known(before)
    if not owners and old is not None:
        return with_entries(sent, ())  # tracking begins with an apply
    first, second = _differing(old if old is not None else _empty(door.type), sent)
    if first == second and given == before:
        return sent
    scope = scope_of(request, door)
    try:
        owners = manager.update(scope, first, second, owners, manager_of(request), now_of(request))
    except Unfit:
        return with_entries(sent, before)  # its rules will refuse it, or not care
    return with_entries(sent, entries.encode(owners))


@cache
def _empty(type_: type[Any]) -> Any:
    return type_()


def _differing(old: Any, new: Any) -> tuple[Document, Document]:
    """Both objects as documents, of which equal parts may be missing."""
    type_ = type(new)
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    for name in type_.__struct_fields__:
        mine, theirs = getattr(old, name), getattr(new, name)
        if name == "metadata":
            mine, theirs = _of_clients(mine), _of_clients(theirs)
        if name not in ("kind", "apiVersion") and mine != theirs:
            first[name], second[name] = mine, theirs
    if not first:
        return first, second
    return _document(type_(**first)), _document(type_(**second))


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


def owners_of(obj: Any) -> Owners:
    """Raises Malformed."""
    return entries.decode(obj.metadata.managedFields)


def settled(new: Any, old: Any) -> Any:
    """The new object; with the old times of its owners if nothing else has changed."""
    mine, theirs = new.metadata.managedFields, old.metadata.managedFields
    if mine == theirs or len(mine) != len(theirs) or _timeless(mine) != _timeless(theirs):
        return new
    quiet = with_entries(new, theirs)
    return quiet if quiet == old else new


def _timeless(found: Sequence[ManagedFieldsEntry]) -> list[ManagedFieldsEntry]:
    return [replace(entry, time=None) for entry in found]
