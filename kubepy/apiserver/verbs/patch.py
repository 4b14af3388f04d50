"""patch: the object as JSON, changed by a patch, goes on as if the client had sent it whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from kubepy.api import codec, schema, scheme
from kubepy.api.custom import Custom
from kubepy.api.meta.v1 import PatchOptions, StatusDetails
from kubepy.apiserver import bodies, options, ownership
from kubepy.apiserver.subresources.door import Door
from kubepy.apiserver.verbs.request import Request
from kubepy.apiserver.verbs.update import change_object
from kubepy.base.memo import cache
from kubepy.meta import errors
from kubepy.meta.calls import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_PATCH,
    Answer,
    Body,
)
from kubepy.meta.gotext import verbatim
from kubepy.meta.patch import json, merge, strategic

Document = dict[str, Any]
Names = frozenset[str]

TYPE_META = ("kind", "apiVersion")


class Patch(NamedTuple):
    """One patch: what it does to a document, and how a message shows what came of it."""

    apply: Callable[[Document], Document]
    problems: list[str]
    shown: Callable[[Document], str]
    touched: Names | None = None
    """The fields at the top that it names, if it leaves the others, and itself, alone."""
    misfit: Callable[[codec.DecodeError], str] = str
    """Why what comes of it is no object of the type."""


async def patch(request: Request, door: Door) -> Answer:
    """Raises UnsupportedMediaType, BadRequest, Invalid, NotFound, Conflict, ..."""
    call = request.call
    given = call.options if isinstance(call.options, PatchOptions) else None
    body = call.body
    if not isinstance(body, Body):
        raise TypeError("a patch is a Body")
    options.check_patch(given, apply=False)
    mode = (given.fieldValidation if given else "") or bodies.WARN
    change = decode(body, door.type)

    async def wanted(shown: Any) -> Any:
        obj, problems = patched(change, shown, door.type, mode)
        request.warn(problems)
        name = obj.metadata.name
        if name != call.name:
            raise errors.BadRequest.of(
                f"the name of the object ({name}) does not match the name on the URL ({call.name})"
            )
        if obj.metadata.namespace != shown.metadata.namespace:
            raise errors.BadRequest.of(
                "the namespace of the provided object does not match the namespace sent on the "
                "request"
            )
        return ownership.tracked(request, door, door.default(obj), shown)

    return await change_object(request, door, wanted)


def decode(body: Body, type_: type[Any]) -> Patch:
    """The patch of a request's body, for objects of a type."""
    if body.content_type == JSON_PATCH:
        operations, problems = json.decode(body.raw)
        return Patch(lambda doc: json.apply(doc, operations), problems, _document)
    if body.content_type == MERGE_PATCH:
        change, problems = merge.decode(body.raw)
        return Patch(lambda doc: merge.apply(doc, change), problems, _document, _named(change))
    if body.content_type == STRATEGIC_PATCH and hasattr(type_, "FORM"):
        raise errors.UnsupportedMediaType.of((JSON_PATCH, MERGE_PATCH, APPLY_PATCH))
    if body.content_type == STRATEGIC_PATCH:
        change, problems = strategic.decode(body.raw)
        return Patch(
            lambda doc: strategic.apply(doc, change, type_),
            problems,
            lambda _: verbatim(change),
            _named(change),
            strategic.misfit,
        )
    raise errors.UnsupportedMediaType.make("415: Unsupported Media Type", StatusDetails())


def _document(value: Document) -> str:
    return msgspec.json.encode(value).decode()


def _named(change: Document) -> Names | None:
    """The fields that a patch of maps names; None if it has directives about the whole."""
    return None if any(key.startswith("$") for key in change) else frozenset(change)


def patched(change: Patch, shown: Any, type_: type[Any], mode: str) -> tuple[Any, tuple[str, ...]]:
    """The object that comes of a patch, and the warnings about it. Raises Invalid."""
    obj = _patched_in_part(change, shown, type_)
    if obj is not None:
        return obj, ()
    document = change.apply(msgspec.json.decode(codec.encode_typed(shown)))
    problems = change.problems if mode != bodies.IGNORE else []
    try:
        version = document.get("apiVersion") or scheme.api_version(type_)
        check_type(document.get("kind") or type_.__name__, version, type_)
        obj, unknown = bodies.convert(document, type_)
    except codec.DecodeError as error:
        raise _unfit(change, document, change.misfit(error)) from None
    if mode != bodies.IGNORE:
        problems = [*problems, *unknown]
    if problems and mode == bodies.STRICT:
        raise _unfit(change, document, f"strict decoding error: {', '.join(problems)}")
    return codec.untyped(bodies.with_owners_reset(obj, document)), tuple(problems)


def _patched_in_part(change: Patch, shown: Any, type_: type[Any]) -> Any | None:
    """The same where a patch names some fields and nothing is wrong with it; None otherwise.

    What it does not name is taken over as it is, which costs nothing, also for who compares.
    """
    named = change.touched
    if named is None or change.problems or not named.isdisjoint(TYPE_META):
        return None
    cut, joined = (_cut_custom, _joined_custom) if issubclass(type_, Custom) else (_cut, _joined)
    part = cut(shown, named)
    if part is None:
        return None
    document = change.apply(part)
    try:
        found, unknown = bodies.convert(document, type_)
    except codec.DecodeError:
        return None
    if unknown:
        return None
    return joined(shown, bodies.with_owners_reset(found, document), named)


def _cut(shown: Any, named: Names) -> Document | None:
    """The named fields of an object; None if they cannot be told from the rest."""
    type_ = type(shown)
    fields = _separate_fields(type_)
    if fields is None or not named <= fields:
        return None
    part = type_(**{name: getattr(shown, name) for name in named})
    document: Document = msgspec.json.decode(codec.encode(part))
    return document


def _joined(shown: Any, found: Any, named: Names) -> Any:
    """The object with those fields as they were found."""
    return replace(shown, **{name: getattr(found, name) for name in named})


@cache
def _separate_fields(type_: type[Any]) -> Names | None:
    """The fields of a type that can be patched alone; None if it has JSON at the top, which a
    patch brings into order even where it does not name it."""
    if any(field.type is Raw for field in schema.fields(type_).values()):
        return None
    return frozenset(type_.__struct_encode_fields__)


def _cut_custom(shown: Custom, named: Names) -> Document:
    document = {name: value for name, value in shown.content.items() if name in named}
    if "metadata" in named:
        document["metadata"] = codec.to_builtins(shown.metadata)
    return document


def _joined_custom(shown: Custom, found: Custom, named: Names) -> Custom:
    rest = {name: value for name, value in shown.content.items() if name not in named}
    metadata = found.metadata if "metadata" in named else shown.metadata
    return replace(shown, metadata=metadata, content={**rest, **found.content})


def check_type(kind: str, version: str, type_: type[Any]) -> None:
    """Raises DecodeError if a patch has made another kind of the object."""
    if (kind, version) == (type_.__name__, scheme.api_version(type_)):
        return
    for value in (kind, version):
        if not isinstance(value, str):
            raise codec.DecodeError("json: cannot unmarshal into Go value of type v1.TypeMeta")
    if scheme.type_of(version, kind) is None:
        raise codec.DecodeError(bodies.unregistered(kind, version))
    raise codec.DecodeError(bodies.no_conversion(kind, type_))


def _unfit(change: Patch, document: Document, why: str) -> errors.Invalid:
    problem = errors.invalid("patch", change.shown(document), why)
    return errors.Invalid.of("", "", "", [problem])
