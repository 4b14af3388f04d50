"""Calls to an apiserver in the same process: nothing is encoded, the objects are shared."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, TypeVar

from msgspec.structs import replace

from kubepy.api.custom import Custom
from kubepy.client.transport import Event, Listing
from kubepy.meta import errors
from kubepy.meta.calls import ERROR, Answer, Call, Handler, Items, User

T = TypeVar("T")


class DirectTransport:
    """Calls go to `handler` as `user`, who is taken for authenticated; `user_agent` says what
    program it is, for the owners of what it writes."""

    def __init__(self, handler: Handler, user: User, *, user_agent: str) -> None:
        self._handler = handler
        self._user = user
        self._user_agent = user_agent

    async def send(self, call: Call, answer: type[T]) -> T:
        call = replace(call, user_agent=self._user_agent)
        reply = await self._handler.handle(call, self._user)
        if isinstance(reply, Answer) and isinstance(reply.object, _expected(answer)):
            return reply.object  # type: ignore[no-any-return]
        return answer()

    async def list(self, call: Call) -> Listing[Any]:
        reply = await self._handler.handle(call, self._user)
        assert isinstance(reply, Items)
        return Listing(
            tuple(item.object for item in reply.items),
            reply.metadata.resourceVersion,
            reply.metadata.continue_,
        )

    async def watch(self, call: Call) -> AsyncGenerator[Event[Any], None]:
        watch = await self._handler.watch(call, self._user)
        try:
            while batch := await watch.batch():
                for event in batch:
                    if event.type == ERROR:
                        raise errors.from_status(event.object)
                    yield Event(event.type, event.object)
        finally:
            watch.close()

    async def close(self) -> None:
        """Nothing is held."""


def _expected(answer: type[Any]) -> type[Any]:
    """Of a custom kind the server has a type of its own."""
    return Custom if issubclass(answer, Custom) else answer
