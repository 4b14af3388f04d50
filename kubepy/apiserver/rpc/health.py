"""grpc.health.v1.Health: the services that are there serve, until the server begins to end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from kubepy import pb

SERVICE = "grpc.health.v1.Health"
_Request: Any = pb.message("grpc.health.v1.HealthCheckRequest")
_Response: Any = pb.message("grpc.health.v1.HealthCheckResponse")


def _encoded(status: int) -> bytes:
    return bytes(_Response(status=status).SerializeToString())


SERVING = _encoded(_Response.SERVING)
NOT_SERVING = _encoded(_Response.NOT_SERVING)
SERVICE_UNKNOWN = _encoded(_Response.SERVICE_UNKNOWN)


class Health:
    """One for all ports. An empty name asks about the server as a whole."""

    def __init__(self, services: Sequence[str]) -> None:
        self._known = {"", *services}
        self._leaving = asyncio.Event()
        self._closed = asyncio.Event()

    def leave(self) -> None:
        """From now on nothing serves, and whoever watches is told."""
        self._leaving.set()

    def close(self) -> None:
        """Ends all watches."""
        self.leave()
        self._closed.set()

    def handlers(self) -> Mapping[str, Any]:
        return {
            f"/{SERVICE}/Check": grpc.unary_unary_rpc_method_handler(self._check),
            f"/{SERVICE}/Watch": grpc.unary_stream_rpc_method_handler(self._watch),
        }

    async def _check(self, raw: bytes, context: Any) -> bytes:
        if await _service(raw, context) not in self._known:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return NOT_SERVING if self._leaving.is_set() else SERVING

    async def _watch(self, raw: bytes, context: Any) -> AsyncIterator[bytes]:
        """Each status when it begins. No service comes later, so an unknown one stays so."""
        if await _service(raw, context) not in self._known:
            yield SERVICE_UNKNOWN
        else:
            if not self._leaving.is_set():
                yield SERVING
                await self._leaving.wait()
            yield NOT_SERVING
        await self._closed.wait()


async def _service(raw: bytes, context: Any) -> str:
    """The name that is asked about. Ends the call if there is none."""
    try:
        return str(_Request.FromString(raw).service)
    except DecodeError as problem:
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(problem))
        raise AssertionError("abort raises") from None
