"""Objects of kinds that are defined at run time: typed metadata, and whatever else as plain JSON.

    {"kind":"Widget","apiVersion":"example.com/v1","metadata":{"name":"a"},"spec":{"size":3}}
        Widget(metadata=ObjectMeta(name="a"), content={"spec": {"size": 3}})

Each version of each such kind has a type of its own, made by `define`, so that an object says what
it is as those of built-in kinds do. `content` is never changed in place: it is shared like any
other value.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import Struct

from kubepy.api.meta.v1 import ListMeta, ObjectMeta

C = TypeVar("C", bound="Custom")


class Custom(Struct, frozen=True, gc=False, kw_only=True):
    """The base of all such objects."""

    API_VERSION: ClassVar[str] = ""
    FORM: ClassVar[Any] = None
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
    """The base of lists: only their names are ever asked for."""

    API_VERSION: ClassVar[str] = ""
    PREFIX: ClassVar[bytes] = b""

    metadata: ListMeta = msgspec.field(default_factory=ListMeta)


class _Head(Struct, frozen=True):
    metadata: ObjectMeta = msgspec.field(default_factory=ObjectMeta)


def _from_wire(type_: Any, value: Any) -> Any:
    return type_.from_wire(value)


_encoder = msgspec.json.Encoder(enc_hook=str)
_heads = msgspec.json.Decoder(_Head, dec_hook=_from_wire)
_objects = msgspec.json.Decoder(dict[str, Any])


def define(
    kind: str, group_version: str, base: type[Any] = Custom, *, form: Any = None
) -> type[Any]:
    """The type of a kind's objects, or with `CustomList` of its lists.

    `form` knows how what clients send becomes an object; the type carries it along as `FORM`.
    """
    prefix = f'{{"kind":"{kind}","apiVersion":"{group_version}"'.encode()
    namespace = {"API_VERSION": group_version, "PREFIX": prefix, "FORM": form}
    return msgspec.defstruct(
        kind, [], bases=(base,), module=__name__, namespace=namespace, frozen=True, gc=False
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
