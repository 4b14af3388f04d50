"""What the client asks of a transport: carry one call, one list, or one watch."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from kubepy.meta.calls import Call

T = TypeVar("T")


class Listing(Struct, Generic[T], frozen=True):
    """What a list answers; `continue_` is empty on the last page."""

    items: tuple[T, ...]
    resource_version: str
    continue_: str = ""


class Event(Struct, Generic[T], frozen=True):
    """A change that a watch reports; `type` is ADDED, MODIFIED, DELETED or BOOKMARK.

    A bookmark's object has nothing but its metadata.resourceVersion.
    """

    type: str
    object: T


class Transport(Protocol):
    """Raises ApiError for what the server refuses, ConnectionError if it is out of reach.

    Objects come as they are held in memory: kind and apiVersion empty.
    """

    async def send(self, call: Call, answer: type[T]) -> T:
        """The server's answer as an `answer`.

        For Status any answer will do: success is all that the caller wants to know.
        """

    async def list(self, call: Call) -> Listing[Any]: ...

    def watch(self, call: Call) -> AsyncGenerator[Event[Any], None]:
        """The events until the server ends the watch; an ERROR event is raised."""

    async def close(self) -> None: ...
