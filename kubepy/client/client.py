"""The client: typed verbs on any resource, over a transport that carries one call at a time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal, TypeVar

from kubepy.api import codec, scheme
from kubepy.api.meta.v1 import (
    CreateOptions,
    DeleteOptions,
    GetOptions,
    ListOptions,
    PatchOptions,
    Preconditions,
    Status,
    UpdateOptions,
)
from kubepy.client.transport import Event, Listing, Transport
from kubepy.meta import calls
from kubepy.meta.calls import Body, Call

T = TypeVar("T")
A = TypeVar("A")

PatchStyle = Literal["merge", "strategic", "json", "apply"]
PATCH_TYPES: Mapping[str, str] = {
    "json": calls.JSON_PATCH,
    "merge": calls.MERGE_PATCH,
    "strategic": calls.STRATEGIC_PATCH,
    "apply": calls.APPLY_PATCH,
}


class Client:
    """Reads and writes objects; raises `kubepy.meta.errors.ApiError` for what the server refuses.

    A server that cannot be reached, or hangs up in the middle, is a ConnectionError.
    Objects are shared and frozen: a change is `replace(obj, ...)`.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    async def close(self) -> None:
        await self.transport.close()

    async def get(
        self, type: type[T], name: str, namespace: str = "", *, subresource: str = ""
    ) -> T:
        call = Call("get", scheme.by_type(type), namespace, name, subresource, options=GetOptions())
        return await self.transport.send(call, type)

    async def list(
        self,
        type: type[T],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 0,
        continue_: str = "",
        resource_version: str = "",
    ) -> Listing[T]:
        """The objects of one namespace, or of all if `namespace` is empty."""
        options = ListOptions(
            labelSelector=label_selector,
            fieldSelector=field_selector,
            limit=limit,
            continue_=continue_,
            resourceVersion=resource_version,
        )
        call = Call("list", scheme.by_type(type), namespace, options=options)
        return await self.transport.list(call)

    def watch(
        self,
        type: type[T],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        resource_version: str = "",
        bookmarks: bool = True,
        timeout: int = 0,
    ) -> AsyncGenerator[Event[T], None]:
        """The changes after `resource_version`, until the server ends the watch.

        `timeout` (seconds) asks the server to end it by then. A version that is no longer kept,
        whether said at once or later, raises Gone. Who stops early closes the generator
        (`contextlib.aclosing`).
        """
        options = ListOptions(
            watch=True,
            labelSelector=label_selector,
            fieldSelector=field_selector,
            resourceVersion=resource_version,
            allowWatchBookmarks=bookmarks,
            timeoutSeconds=timeout or None,
        )
        return self.transport.watch(Call("watch", scheme.by_type(type), namespace, options=options))

    async def create(self, obj: T, *, namespace: str = "", field_manager: str = "") -> T:
        call = Call(
            "create",
            scheme.by_type(type(obj)),
            namespace or obj.metadata.namespace,  # type: ignore[attr-defined]
            body=obj,
            options=CreateOptions(fieldManager=field_manager),
        )
        return await self.transport.send(call, type(obj))

    async def update(self, obj: T, *, subresource: str = "", field_manager: str = "") -> T:
        """Replace the object; Conflict if its resourceVersion is not the current one."""
        meta = obj.metadata  # type: ignore[attr-defined]
        call = Call(
            "update",
            scheme.by_type(type(obj)),
            meta.namespace,
            meta.name,
            subresource,
            body=obj,
            options=UpdateOptions(fieldManager=field_manager),
        )
        return await self.transport.send(call, type(obj))

    async def patch(
        self,
        type: type[T],
        name: str,
        namespace: str = "",
        *,
        patch: Mapping[str, Any] | Sequence[Any] | bytes,
        style: PatchStyle = "merge",
        subresource: str = "",
        field_manager: str = "",
        force: bool = False,
    ) -> T:
        """Change part of the object; `patch` is plain dicts and lists, or encoded JSON."""
        raw = patch if isinstance(patch, bytes) else codec.encode(patch)
        call = Call(
            "patch",
            scheme.by_type(type),
            namespace,
            name,
            subresource,
            body=Body(raw, PATCH_TYPES[style]),
            options=PatchOptions(fieldManager=field_manager, force=force or None),
        )
        return await self.transport.send(call, type)

    async def delete(
        self,
        type: type[Any],
        name: str,
        namespace: str = "",
        *,
        uid: str = "",
        resource_version: str = "",
        grace_period: int | None = None,
        propagation: str = "",
    ) -> None:
        """Delete the object, if its uid and resourceVersion are those given; otherwise Conflict.

        Its end may lie ahead: finalizers and a grace period only mark it.
        """
        options = _delete_options(uid, resource_version, grace_period, propagation)
        call = Call("delete", scheme.by_type(type), namespace, name, options=options)
        await self.transport.send(call, Status)

    async def delete_collection(
        self,
        type: type[Any],
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        grace_period: int | None = None,
        propagation: str = "",
    ) -> None:
        call = Call(
            "deletecollection",
            scheme.by_type(type),
            namespace,
            options=_delete_options("", "", grace_period, propagation),
            selection=ListOptions(labelSelector=label_selector, fieldSelector=field_selector),
        )
        await self.transport.send(call, Status)

    async def create_subresource(
        self,
        type: type[Any],
        name: str,
        namespace: str,
        subresource: str,
        obj: Any,
        answer: type[A],
    ) -> A:
        """pods/binding, pods/eviction, serviceaccounts/token; what comes back is an `answer`.

        A server that answers with a plain success leaves it empty.
        """
        call = Call(
            "create",
            scheme.by_type(type),
            namespace,
            name,
            subresource,
            body=obj,
            options=CreateOptions(),
        )
        return await self.transport.send(call, answer)


def _delete_options(
    uid: str, resource_version: str, grace_period: int | None, propagation: str
) -> DeleteOptions:
    preconditions = None
    if uid or resource_version:
        preconditions = Preconditions(uid=uid or None, resourceVersion=resource_version or None)
    return DeleteOptions(
        gracePeriodSeconds=grace_period,
        propagationPolicy=propagation or None,
        preconditions=preconditions,
    )
