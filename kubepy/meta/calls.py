"""One API request, and what answers it, without sockets.

Front ends (REST, gRPC) and the client's in-process transport build a `Call` and hand it to a
`Handler`, the apiserver's pipeline:

    POST /api/v1/namespaces/shop/pods   Call("create", pods, "shop", body=Body(raw, JSON))
    kubepy.core.v1.Pods/Get             Call("get", pods, "shop", "web-1", options=GetOptions())
    PUT .../deployments/web/scale       Call("update", deployments, "shop", "web", "scale", ...)
    GET /api/v1/pods?watch=1            Call("watch", pods, options=ListOptions()) to Handler.watch

Whatever goes wrong raises a `kubepy.meta.errors.ApiError`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

from msgspec import Struct

from kubepy.api import codec
from kubepy.api.custom import CustomList
from kubepy.api.meta.v1 import (
    CreateOptions,
    DeleteOptions,
    GetOptions,
    ListMeta,
    ListOptions,
    PatchOptions,
    UpdateOptions,
)
from kubepy.api.scheme import Resource

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"

Options = (
    GetOptions | ListOptions | CreateOptions | UpdateOptions | PatchOptions | DeleteOptions | None
)


class User(Struct, frozen=True, kw_only=True):
    """Who calls, as authentication found out."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = {}


class Body(Struct, frozen=True):
    """A request's body as it came; `content_type` is the media type without parameters."""

    raw: bytes
    content_type: str = JSON


class Call(Struct, frozen=True):
    """One request to one resource.

    `verb`: get, list, watch, create, update, patch, delete, deletecollection. `options` is the
    wire type of the verb's options (None: none given); for deletecollection `options` says how
    to delete and `selection` what. `body`: a Struct (of the resource's or subresource's type; for
    delete DeleteOptions), or a `Body` still to be decoded; patches are always a `Body`.
    """

    verb: str
    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    body: Any = None
    options: Options = None
    selection: ListOptions | None = None
    user_agent: str = ""


class Item:
    """One object in both its forms, each made from the other when first asked for.

    `raw` is its JSON without kind and apiVersion; `object` the Struct, shared by all who ask.
    """

    __slots__ = ("_object", "_raw", "type")

    def __init__(self, type_: type[Any], raw: bytes | None = None, obj: Any = None) -> None:
        self.type = type_
        self._raw = raw
        self._object = obj

    @property
    def raw(self) -> bytes:
        if self._raw is None:
            self._raw = codec.encode(codec.untyped(self._object))
        return self._raw

    @property
    def object(self) -> Any:
        if self._object is None:
            self._object = codec.decode(self.type, self._raw or b"{}")
        return self._object

    def peek(self) -> Any:
        """The Struct without keeping it: for passing looks at what a cache holds as bytes."""
        return self._object if self._object is not None else codec.decode(self.type, self.raw)

    def json(self) -> bytes:
        """The JSON with kind and apiVersion."""
        return codec.with_type(self.type, self.raw)

    def protobuf(self) -> bytes:
        """The bare protobuf message."""
        from kubepy.api import protobuf  # late: not every process speaks it

        return protobuf.encode(self.peek())


class Answer(Struct, frozen=True, kw_only=True):
    """The answer of one object: the resource's kind, a subresource's, or a Status."""

    item: Item
    code: int = 200
    warnings: tuple[str, ...] = ()

    @property
    def object(self) -> Any:
        return self.item.object

    def json(self) -> bytes:
        return self.item.json()


class Items(Struct, frozen=True, kw_only=True):
    """The answer to a list: the objects of one consistent moment."""

    resource: Resource
    items: Sequence[Item]
    metadata: ListMeta
    code: int = 200
    warnings: tuple[str, ...] = ()

    def json_pieces(self, size: int = 256) -> Iterator[bytes]:
        """The JSON of the whole list, `size` objects a piece, to be written one after another."""
        opening = codec.type_prefix(self.resource.list_type)
        metadata = codec.encode(self.metadata)
        custom = issubclass(self.resource.list_type, CustomList)
        if custom and not self.metadata.continue_:
            metadata = metadata.replace(b"{", b'{"continue":"",', 1)  # as Kubernetes shows these
        yield opening + b',"metadata":' + metadata + b',"items":['
        first = codec.type_prefix(self.resource.type) + b"," if custom else b"{"
        between = b"," + first
        for start in range(0, len(self.items), size):
            batch = self.items[start : start + size]
            yield (between if start else first) + between.join([item.raw[1:] for item in batch])
        yield b"]}"

    def json(self) -> bytes:
        return b"".join(self.json_pieces())


Reply = Answer | Items

ADDED, MODIFIED, DELETED, BOOKMARK, ERROR = "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"
INITIAL_EVENTS_END = "k8s.io/initial-events-end"  # annotation of the bookmark after initial events


class Event:
    """One change, shared by everybody who watches; encoded once in each form.

    `type`: ADDED, MODIFIED, DELETED, BOOKMARK (`item` bears only a resourceVersion and perhaps the
    annotation INITIAL_EVENTS_END), ERROR (`item` is a Status, and the stream ends).
    """

    __slots__ = ("_encoded", "item", "type")

    def __init__(self, type_: str, item: Item) -> None:
        self.type = type_
        self.item = item
        self._encoded: dict[str, bytes] | None = None

    @property
    def object(self) -> Any:
        return self.item.object

    def encoded(self, form: str, encode: Callable[[Event], bytes]) -> bytes:
        """This event in a front end's own form, made by `encode` when first asked for."""
        if self._encoded is None:
            self._encoded = {}
        found = self._encoded.get(form)
        if found is None:
            found = self._encoded[form] = encode(self)
        return found

    def json(self) -> bytes:
        """A line of a REST watch."""
        return self.encoded("json", _json_line)


def _json_line(event: Event) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (event.type.encode(), event.item.json())


class Watch(Protocol):
    """A stream of events, pulled."""

    async def batch(self) -> Sequence[Event]:
        """Wait for events; what is there at once, in order. Empty: the stream is over."""

    def close(self) -> None:
        """Nobody reads any more. A pending `batch` answers empty."""


class Connection(Struct, frozen=True, kw_only=True):
    """Where a streaming subresource (log, exec, attach, portforward, proxy) leads: already
    authorized, admitted and checked; the front end does the streaming."""

    object: Any  # the Pod, Service or Node
    node: Any = None  # the Pod's Node


class Handler(Protocol):
    """Who answers calls: the apiserver's pipeline."""

    async def handle(self, call: Call, user: User) -> Reply:
        """Everything that ends with one answer."""

    async def watch(self, call: Call, user: User) -> Watch:
        """Verb watch. Refusals raise before the stream begins."""

    async def connect(self, call: Call, user: User) -> Connection:
        """The streaming subresources."""


class Attributes(Struct, frozen=True, kw_only=True):
    """What an authorizer decides on: a verb on a resource, or on a path that is none."""

    user: User
    verb: str
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""  # of a request for no resource
    label_selector: str = ""
    field_selector: str = ""


class Decision(Struct, frozen=True):
    """`reason` ends the message of a refusal."""

    allowed: bool
    reason: str = ""


Authorizer = Callable[[Attributes], Awaitable[Decision]]
