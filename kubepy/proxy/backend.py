"""What the proxier needs from whatever forwards the packets: the kernel, or this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from kubepy.base.tasks import Failure
from kubepy.proxy.rules import Settings
from kubepy.proxy.services import Forwarding

Wanted = Mapping[str, Sequence[Forwarding]]
"""What each Service `namespace/name` forwards; nothing if it is gone."""


class BackendError(Failure):
    """What is wanted is not in force; the proxier replaces everything and tries again."""


class Unsupported(BackendError):
    """This machine cannot forward this way at all."""


class Backend(Protocol):
    mode: str  # as /proxyMode says it

    async def open(self) -> None:
        """Find out what can be done here. Raises Unsupported."""

    async def replace(self, settings: Settings, wanted: Wanted) -> None:
        """Forward exactly this, whatever was before. Raises BackendError."""

    async def change(self, wanted: Wanted) -> None:
        """Forward these Services so, and all others as before. Raises BackendError."""

    async def is_intact(self) -> bool:
        """Whether all is as it was left, as far as a quick look tells. Raises BackendError."""

    async def close(self) -> None:
        """Free what this process holds."""

    async def remove(self) -> None:
        """Take everything of this proxy off the machine, and nothing else."""
