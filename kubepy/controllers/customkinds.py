"""The custom kinds of a cluster, as controllers that treat all kinds alike follow them."""

from __future__ import annotations

from collections.abc import Callable

from kubepy.api import custom
from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.api.custom import CustomKind
from kubepy.client.informer import Informer
from kubepy.meta import conditions


def followed(definition: CustomResourceDefinition) -> str:
    """The version to read a kind in: that which needs no conversion, if it is served; empty: it is
    not served at all. Pure."""
    established = conditions.find(definition.status.conditions or (), "Established")
    if established is None or established.status != "True":
        return ""
    served = [version for version in definition.spec.versions if version.served]
    stored = (version.name for version in served if version.storage)
    return next(stored, served[0].name if served else "")


class CustomKinds:
    """One CustomKind for each definition that is served, the same one for as long as it is."""

    def __init__(self, definitions: Informer[CustomResourceDefinition]) -> None:
        self._definitions = definitions
        self._kinds: dict[str, CustomKind] = {}
        self._listeners: list[Callable[[CustomKind | None, CustomKind | None], None]] = []
        definitions.subscribe(self._changed)

    def all(self) -> list[CustomKind]:
        return list(self._kinds.values())

    def by_kind(self, api_version: str, kind: str) -> CustomKind | None:
        """The kind that an owner reference names, in whichever version it is read."""
        group = api_version.rpartition("/")[0]
        for found in self._kinds.values():
            if (found.group, found.kind) == (group, kind):
                return found
        return None

    def subscribe(self, on_change: Callable[[CustomKind | None, CustomKind | None], None]) -> None:
        """Have `on_change(old, new)` called for each kind that is there, comes, or goes."""
        self._listeners.append(on_change)
        for kind in self.all():
            on_change(None, kind)

    def _changed(
        self, old: CustomResourceDefinition | None, new: CustomResourceDefinition | None
    ) -> None:
        definition = new or old
        assert definition is not None
        name = definition.metadata.name
        known = self._kinds.get(name)
        version = followed(new) if new is not None else ""
        wanted = custom.kind_of(definition, version) if version else None
        if known is not None and wanted is not None and _signature(known) == _signature(wanted):
            return
        if known is None and wanted is None:
            return
        self._kinds.pop(name, None)
        if wanted is not None:
            self._kinds[name] = wanted
        for listener in self._listeners:
            listener(known, wanted)


def _signature(kind: CustomKind) -> tuple[str, ...]:
    return kind.group, kind.version, kind.kind, kind.plural, kind.list_kind
