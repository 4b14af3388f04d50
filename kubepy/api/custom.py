"""Objects of kinds that are defined at run time: typed metadata, and whatever else as plain JSON.

    {"kind":"Widget","apiVersion":"example.com/v1","metadata":{"name":"a"},"spec":{"size":3}}
        Widget(metadata=ObjectMeta(name="a"), content={"spec": {"size": 3}})

Each version of each such kind has a type of its own, made by `define`, so that an object says what
it is as those of built-in kinds do. `content` is never changed in place: it is shared like any
other value.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import Struct

from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.api.meta.v1 import ListMeta, ObjectMeta
from kubepy.api.scheme import Resource

VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")

C = TypeVar("C", bound="Custom")


class Custom(Struct, frozen=True, gc=False, kw_only=True):
    """The base of all such objects."""

    API_VERSION: ClassVar[str] = ""
    FORM: ClassVar[Any] = None
    RESOURCE: ClassVar[Any] = None  # the scheme.Resource that it is an object of
    PREFIX: ClassVar[bytes] = b""  # the opening of its JSON: `{"kind":"Widget","apiVersion":"..."`

    kind: str = ""
    apiVersion: str = ""
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)
    content: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def spec(self) -> Any:
        return self.content.get("spec")

    @property
    def status(self) -> Any:
        return self.content.get("status")


class CustomList(Struct, frozen=True, gc=False, kw_only=True):
    """The base of lists; a server only asks for their names."""

    API_VERSION: ClassVar[str] = ""
    RESOURCE: ClassVar[Any] = None
    PREFIX: ClassVar[bytes] = b""

    metadata: ListMeta = msgspec.field(default_factory=ListMeta)
    items: tuple[Custom, ...] = ()


class _Head(Struct, frozen=True):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)


class _List(Struct, frozen=True):
    metadata: ListMeta = msgspec.field(default_factory=ListMeta)
    items: tuple[msgspec.Raw, ...] = ()


def _from_wire(type_: Any, value: Any) -> Any:
    return type_.from_wire(value)


_encoder = msgspec.json.Encoder(enc_hook=str)
_heads = msgspec.json.Decoder(_Head, dec_hook=_from_wire)
_lists = msgspec.json.Decoder(_List, dec_hook=_from_wire)
_objects = msgspec.json.Decoder(dict[str, Any])


def define(
    kind: str,
    group_version: str,
    base: type[Any] = Custom,
    *,
    form: Any = None,
    resource: Resource | None = None,
) -> type[Any]:
    """The type of a kind's objects, or with `CustomList` of its lists.

    `form` knows how what clients send becomes an object; the type carries it along as `FORM`.
    """
    prefix = f'{{"kind":"{kind}","apiVersion":"{group_version}"'.encode()
    namespace = {"API_VERSION": group_version, "PREFIX": prefix, "RESOURCE": resource}
    if base is Custom:
        namespace["FORM"] = form
    return msgspec.defstruct(
        kind, [], bases=(base,), module=__name__, namespace=namespace, frozen=True, gc=False
    )


class CustomKind(Resource, frozen=True, kw_only=True, dict=True, eq=False):
    """One version of a custom kind, as clients need to know it."""

    list_kind: str

    @cached_property
    def type(self) -> type[Any]:
        return define(self.kind, self.group_version, resource=self)

    @cached_property
    def list_type(self) -> Any:
        return define(self.list_kind, self.group_version, CustomList, resource=self)


def kind_of(definition: CustomResourceDefinition, version: str) -> CustomKind:
    """A version of an established definition, for clients."""
    names = definition.status.acceptedNames
    return CustomKind(
        group=definition.spec.group,
        version=version,
        kind=names.kind,
        plural=names.plural,
        singular=names.singular,
        module=__name__,
        namespaced=definition.spec.scope == "Namespaced",
        verbs=VERBS,
        list_kind=names.listKind,
    )


def encode(obj: Custom) -> bytes:
    """The object as JSON; kind and apiVersion only if it bears them."""
    named = {"kind": obj.kind, "apiVersion": obj.apiVersion} if obj.kind else {}
    return _encoder.encode({**named, "metadata": obj.metadata, **obj.content})


def decode(type_: type[C], raw: bytes) -> C:
    """JSON that is known to be an object's. Raises msgspec.MsgspecError."""
    content = _objects.decode(raw)
    for name in ("kind", "apiVersion", "metadata"):
        content.pop(name, None)
    return type_(metadata=_heads.decode(raw).metadata, content=content)


def decode_list(type_: Any, raw: bytes) -> Any:
    """The JSON of a list. Raises msgspec.MsgspecError."""
    found = _lists.decode(raw)
    item = type_.RESOURCE.type
    items = tuple(decode(item, bytes(each)) for each in found.items)
    return type_(metadata=found.metadata, items=items)
