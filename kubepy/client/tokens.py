"""The bearer token of an access, read again as it is rotated."""

from __future__ import annotations

import asyncio

from kubepy.base.clock import Clock
from kubepy.client.kubeconfig import Access

LIFETIME = 60.0  # seconds until a token file is read again


class TokenSource:
    """The token that a request is to bear."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._file = access.token_file
        self._token = access.token
        self._clock = clock
        self._until = 0.0

    async def current(self) -> str:
        """Empty if the access has none. OSError if the file cannot be read."""
        if self._file is not None and self._clock.monotonic() >= self._until:
            self._token = (await asyncio.to_thread(self._file.read_text)).strip()
            self._until = self._clock.monotonic() + LIFETIME
        return self._token
