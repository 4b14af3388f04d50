"""Which kinds exist: the resources that the protos register, found by type, path or kind."""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from typing import Any

from msgspec import Struct

from kubepy.base.memo import cache

MODULES = (
    "kubepy.api.core.v1",
    "kubepy.api.admissionregistration.v1",
    "kubepy.api.apiextensions.v1",
    "kubepy.api.apiregistration.v1",
    "kubepy.api.apps.v1",
    "kubepy.api.authentication.v1",
    "kubepy.api.authorization.v1",
    "kubepy.api.autoscaling.v1",
    "kubepy.api.autoscaling.v2",
    "kubepy.api.batch.v1",
    "kubepy.api.certificates.v1",
    "kubepy.api.coordination.v1",
    "kubepy.api.discovery.v1",
    "kubepy.api.events.v1",
    "kubepy.api.flowcontrol.v1",
    "kubepy.api.meta.v1",
    "kubepy.api.networking.v1",
    "kubepy.api.node.v1",
    "kubepy.api.policy.v1",
    "kubepy.api.rbac.v1",
    "kubepy.api.resource.v1",
    "kubepy.api.scheduling.v1",
    "kubepy.api.storage.v1",
)


class Column(Struct, frozen=True):
    """A column of a resource's Table; `priority` 1 is shown with -o wide only."""

    name: str
    type: str
    format: str = ""
    priority: int = 0


class Subresource(Struct, frozen=True):
    """`group` and `version` say where the kind lives, if not in the resource's own."""

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""
    version: str = ""


class Resource(Struct, frozen=True, kw_only=True, dict=True, eq=False):
    """A REST resource: what its paths, its verbs and its kinds are called.

    Those that are defined at run time are of a subclass, and known to the server that serves them.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    module: str
    namespaced: bool = False
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    subresources: tuple[Subresource, ...] = ()
    columns: tuple[Column, ...] = ()
    deprecation: str = ""  # what every answer about a deprecated one warns of

    @cached_property
    def type(self) -> type[Any]:
        """The Struct of one object."""
        found: type[Any] = getattr(import_module(self.module), self.kind)
        return found

    @cached_property
    def list_type(self) -> Any:
        """The Struct type of a list; None for resources that can only be created (reviews)."""
        return getattr(import_module(self.module), f"{self.kind}List", None)

    @cached_property
    def group_version(self) -> str:
        """As `apiVersion` has it: `v1`, `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @cached_property
    def group_resource(self) -> str:
        """As messages have it: `pods`, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def subresource(self, name: str) -> Subresource | None:
        return next((sub for sub in self.subresources if sub.name == name), None)


@cache
def resources() -> tuple[Resource, ...]:
    """Every resource, in the order of discovery."""
    from kubepy.api.resources import RESOURCES  # imports this module

    return RESOURCES


@cache
def _by_plural() -> dict[tuple[str, str, str], Resource]:
    return {(r.group, r.version, r.plural): r for r in resources()}


@cache
def _by_kind() -> dict[tuple[str, str, str], Resource]:
    return {(r.group, r.version, r.kind): r for r in resources()}


@cache
def _by_module() -> dict[tuple[str, str], Resource]:
    found = {}
    for resource in resources():
        found[resource.module, resource.kind] = resource
        found[resource.module, f"{resource.kind}List"] = resource
    return found


def by_plural(group: str, version: str, plural: str) -> Resource | None:
    return _by_plural().get((group, version, plural))


def by_kind(group: str, version: str, kind: str) -> Resource | None:
    return _by_kind().get((group, version, kind))


def by_type(type_: type[Any]) -> Resource:
    """The resource of a Struct type or of its list type; KeyError if it is none."""
    own: Resource | None = getattr(type_, "RESOURCE", None)
    if own is not None:
        return own
    return _by_module()[type_.__module__, type_.__name__]


def api_version(type_: type[Any]) -> str:
    """The apiVersion of a Struct type, also of kinds that are no resources (Status, Scale)."""
    own: str | None = getattr(type_, "API_VERSION", None)
    return own or _module_version(type_)


@cache
def _module_version(type_: type[Any]) -> str:
    version: str = import_module(type_.__module__).API_VERSION
    return version


@cache
def type_of(group_version: str, kind: str) -> type[Any] | None:
    """The Struct of an apiVersion and kind, resources or not (`v1` also has the meta kinds)."""
    for name in MODULES:
        module = import_module(name)
        found = getattr(module, kind, None)
        if group_version == module.API_VERSION and "apiVersion" in getattr(
            found, "__struct_fields__", ()
        ):
            return found  # type: ignore[no-any-return]
    return None
