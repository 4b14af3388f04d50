"""Which resources one server serves: those that the protos register, and custom ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kubepy.api import scheme
from kubepy.api.scheme import Resource

Known = tuple[Resource, ...]
"""Every resource of one moment. Whatever is derived from it is kept by it, as by any value."""


class Catalog:
    """The resources that are served now. Built-in ones never change."""

    def __init__(self) -> None:
        self.known: Known = scheme.resources()
        self._custom: dict[str, tuple[Resource, ...]] = {}
        self._by_plural: dict[tuple[str, str, str], Resource] = {}
        self.groups = frozenset(resource.group for resource in self.known)
        self.custom_groups: frozenset[str] = frozenset()
        self.custom_versions: frozenset[tuple[str, str]] = frozenset()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """`listener` is called whenever what is served has changed."""
        self._listeners.append(listener)

    def by_plural(self, group: str, version: str, plural: str) -> Resource | None:
        found = scheme.by_plural(group, version, plural)
        return found or self._by_plural.get((group, version, plural))

    def serve(self, definition: str, resources: Sequence[Resource]) -> None:
        """From now on these are the resources of a definition; none: it is served no more."""
        self._custom.pop(definition, None)
        if resources:
            self._custom[definition] = tuple(resources)
        custom = [each for _, group in sorted(self._custom.items()) for each in group]
        self._by_plural = {(r.group, r.version, r.plural): r for r in custom}
        self.custom_groups = frozenset(resource.group for resource in custom)
        self.custom_versions = frozenset((r.group, r.version) for r in custom)
        self.known = (*scheme.resources(), *custom)
        for listener in self._listeners:
            listener()
