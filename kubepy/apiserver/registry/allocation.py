"""Things of which there is only one each, taken while an object is written: addresses, ports.

A kind whose objects need some has an `Allocation`. It is asked before a write is stored, and told
how that ended; and it is told of objects that are gone.
"""

from __future__ import annotations

from typing import Any, Protocol

Taken = Any  # what one write took; only its own allocator looks inside


class Allocation(Protocol):
    """The allocator of one kind."""

    async def take(self, obj: Any, old: Any, *, dry_run: bool) -> tuple[Any, Taken]:
        """The object with what it lacks filled in, and what was taken for it.

        `old` is the object before an update, None for a create. Raises ApiError (Invalid,
        InternalError) if there is nothing left or what it asks for belongs to another.
        """

    async def settle(self, obj: Any, taken: Taken, *, stored: bool) -> None:
        """How the write of `obj` ended: not stored gives back everything that was taken for it;
        stored, what the old object had and this one has not.
        """

    def doubt(self, taken: Taken) -> None:
        """The write was cut off: whether it is stored will show."""

    async def release(self, obj: Any) -> None:
        """The object has been deleted."""
