"""grpc.health.v1.Health, by hand: two messages of one field each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import grpc

SERVING = b"\x08\x01"  # HealthCheckResponse{status: SERVING}
LENGTH_DELIMITED_1 = 0x0A


class Health:
    """Says SERVING of the services that are there, for as long as the port is open."""

    SERVICE = "grpc.health.v1.Health"

    def __init__(self, services: Sequence[str]) -> None:
        self._known = {"", self.SERVICE, *services}

    def handlers(self) -> Mapping[str, Any]:
        return {
            f"/{self.SERVICE}/Check": grpc.unary_unary_rpc_method_handler(self._check),
            f"/{self.SERVICE}/Watch": grpc.unary_stream_rpc_method_handler(self._watch),
        }

    async def _check(self, raw: bytes, context: Any) -> bytes:
        if service_of(raw) not in self._known:
            await context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return SERVING

    async def _watch(self, raw: bytes, context: Any) -> AsyncIterator[bytes]:
        yield await self._check(raw, context)
        await asyncio.Event().wait()  # nothing changes before the connection ends


def service_of(raw: bytes) -> str:
    """HealthCheckRequest.service."""
    if len(raw) < 2 or raw[0] != LENGTH_DELIMITED_1:
        return ""
    return raw[2:].decode("utf-8", "replace")
