"""kubepy.v1.Dynamic: which resource a request names, and its objects as Structs. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kubepy.api.custom import CustomKind
from kubepy.api.scheme import Resource
from kubepy.apiserver.load import STREAMED
from kubepy.apiserver.rpc import structs
from kubepy.meta import errors
from kubepy.meta.calls import JSON, Body, Call, Item

Known = Callable[[str, str, str], Resource | None]
"""A resource by its group, version and plural."""


def resource_of(message: Any, known: Known) -> Resource:
    """What a request names, served or not: who may ask is answered before what there is."""
    names = [getattr(message, name) for name in ("group", "version", "resource")]
    if any(isinstance(name, bytes) for name in names):
        raise errors.BadRequest.of("the name of the resource contains invalid UTF-8")
    group, version, plural = names
    return known(group, version, plural) or CustomKind(
        group=group,
        version=version,
        kind="",
        list_kind="",
        plural=plural,
        singular="",
        module="",
        namespaced=True,
    )


def is_served(resource: Resource) -> bool:
    return bool(resource.kind)


def check(call: Call, *, elsewhere: bool) -> None:
    """Whether a call leads anywhere, in the words of REST. Raises NotFound, MethodNotAllowed.

    `elsewhere`: another server answers for the group's version.
    """
    resource = call.resource
    if elsewhere:
        raise errors.MethodNotAllowed.make(
            f"another server answers for {resource.group_version}, and only over REST"
        )
    if not is_served(resource):
        raise errors.NotFound.path()
    custom = isinstance(resource, CustomKind)
    verbs = resource.verbs
    if call.subresource:
        found = resource.subresource(call.subresource)
        if found is None:
            raise errors.NotFound.of(resource, call.name) if custom else errors.NotFound.path()
        verbs = found.verbs
    if not custom and call.subresource in STREAMED:
        raise errors.MethodNotAllowed.make(
            f"{resource.group_resource}/{call.subresource} is no object but a stream: "
            "ask the resource's own service, or REST"
        )
    if call.verb not in verbs:
        if custom:
            raise errors.MethodNotAllowed.of(resource, call.verb)
        raise errors.MethodNotAllowed.path()


def own(sent: Any) -> tuple[str, str]:
    """The namespace and the name that an object bears; empty where it has none."""
    meta = sent.fields["metadata"].struct_value.fields if "metadata" in sent.fields else {}
    namespace, name = (
        meta[key].string_value if key in meta else "" for key in ("namespace", "name")
    )
    return namespace, name


def body_of(sent: Any) -> Body:
    """Raises BadRequest."""
    try:
        return Body(msgspec.json.encode(structs.decode(sent)), JSON)
    except structs.Unfit as problem:
        raise errors.BadRequest.of(f"object.{problem}") from None


def encoded(item: Item) -> bytes:
    """An object as a Struct, with its kind and apiVersion. Raises NotAcceptable."""
    document = msgspec.json.decode(item.json())
    try:
        return structs.encode(document)
    except structs.Unfit as problem:
        name = document.get("metadata", {}).get("name", "")
        raise errors.NotAcceptable.make(
            f'{document.get("kind")} "{name}" is not for google.protobuf.Struct: {problem}'
        ) from None


def answer(item: Item, verb: str) -> bytes:
    """The same as the answer to a call: by then a write is done, which its refusal has to say."""
    try:
        return encoded(item)
    except errors.NotAcceptable as problem:
        if verb == "get":
            raise
        raise errors.NotAcceptable.make(f"the {verb} was done, but {problem.message}") from None
