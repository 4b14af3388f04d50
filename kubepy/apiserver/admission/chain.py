"""Admission: what may be created, changed and deleted beyond what a kind's own rules say.

A plugin is asked twice: first it may change the object, later it may only refuse. Which plugins
are asked about which resource is decided once for each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct

from kubepy.api.meta.v1 import StatusCause
from kubepy.api.scheme import Resource
from kubepy.apiserver.registry.resource_store import ResourceStore
from kubepy.meta.calls import User
from kubepy.meta.errors import Forbidden

CREATE, UPDATE, DELETE, CONNECT = "CREATE", "UPDATE", "DELETE", "CONNECT"


class Review(Struct, frozen=True):
    """One operation under review. `object` is None for deletes, `old` for creates."""

    operation: str
    resource: Resource
    subresource: str
    namespace: str
    name: str
    object: Any
    old: Any
    user: User
    dry_run: bool = False

    def forbid(self, why: str, causes: Sequence[StatusCause] = ()) -> Forbidden:
        """A refusal; an object that has no name yet goes by the prefix of its name."""
        name = self.name
        if not name and self.object is not None:
            name = self.object.metadata.name or self.object.metadata.generateName
        return Forbidden.of(self.resource, name, why, causes)


class Stores(Protocol):
    """Where plugins look things up."""

    def store(self, plural: str, group: str = "") -> ResourceStore:
        """The objects of a resource. KeyError if there is none."""


class Plugin(Protocol):
    """One concern. A plugin that only refuses gives back the object as it is."""

    NAME: str

    def handles(self, operation: str, resource: Resource, subresource: str) -> bool: ...

    async def admit(self, review: Review) -> Any:
        """The object, perhaps changed. Raises ApiError to refuse."""

    async def validate(self, review: Review) -> None:
        """Raises ApiError to refuse."""


class Refusing:
    """The half of a plugin that changes nothing."""

    async def admit(self, review: Review) -> Any:
        return review.object

    async def validate(self, review: Review) -> None:
        """Nothing to say the second time."""


Admit = Callable[[Review], Awaitable[Any]]


class Chain:
    """The plugins in their order."""

    def __init__(self, plugins: Sequence[Plugin]) -> None:
        self._plugins = tuple(plugins)
        self._chosen: dict[tuple[str, str, str], tuple[Plugin, ...]] = {}

    def plugins_for(self, operation: str, resource: Resource, subresource: str) -> Sequence[Plugin]:
        key = (operation, resource.group_resource, subresource)
        chosen = self._chosen.get(key)
        if chosen is None:
            chosen = tuple(p for p in self._plugins if p.handles(operation, resource, subresource))
            self._chosen[key] = chosen
        return chosen
