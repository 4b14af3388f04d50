"""A custom kind as a REST resource: what the scheme would say of it, were it built in. Pure."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from kubepy.api import custom
from kubepy.api.apiextensions.v1 import CustomResourceDefinition, CustomResourceDefinitionVersion
from kubepy.api.custom import CustomKind, CustomList
from kubepy.api.scheme import Subresource
from kubepy.apiserver.crd import columns
from kubepy.apiserver.crd.form import Form

SUBRESOURCE_VERBS = ("get", "patch", "update")


class CustomResource(CustomKind, frozen=True, kw_only=True, dict=True, eq=False):
    """One version of a custom kind."""

    definition: str  # the name of its CustomResourceDefinition
    storage_version: str
    form: Form
    strategy: Any = None  # a registry.strategy.Strategy
    schema: bytes = b"{}"
    """The definition's schema as JSON: what is published of it, when somebody asks."""

    @cached_property
    def type(self) -> type[Any]:
        return custom.define(self.kind, self.group_version, form=self.form, resource=self)

    @cached_property
    def list_type(self) -> Any:
        return custom.define(self.list_kind, self.group_version, CustomList, resource=self)


def resource_of(
    definition: CustomResourceDefinition,
    version: CustomResourceDefinitionVersion,
    form: Form,
    strategy: Any,
    schema: bytes,
) -> CustomResource:
    """The resource that one version of a definition with accepted names is served as."""
    spec, names = definition.spec, definition.status.acceptedNames
    return CustomResource(
        group=spec.group,
        version=version.name,
        kind=names.kind,
        plural=names.plural,
        singular=names.singular,
        module=custom.__name__,
        namespaced=spec.scope == "Namespaced",
        short_names=names.shortNames,
        categories=names.categories,
        verbs=custom.VERBS,
        subresources=tuple(_subresources(version, names.kind)),
        columns=columns.columns(version.additionalPrinterColumns),
        deprecation=deprecation(spec.group, version, names.kind),
        definition=definition.metadata.name,
        storage_version=storage_version(definition),
        list_kind=names.listKind,
        form=form,
        strategy=strategy,
        schema=schema,
    )


def storage_version(definition: CustomResourceDefinition) -> str:
    return next((v.name for v in definition.spec.versions if v.storage), "")


def _subresources(version: CustomResourceDefinitionVersion, kind: str) -> list[Subresource]:
    found = []
    wanted = version.subresources
    if wanted is not None and wanted.status is not None:
        found.append(Subresource(name="status", kind=kind, verbs=SUBRESOURCE_VERBS))
    if wanted is not None and wanted.scale is not None:
        found.append(
            Subresource(
                name="scale",
                kind="Scale",
                group="autoscaling",
                version="v1",
                verbs=SUBRESOURCE_VERBS,
            )
        )
    return found


def deprecation(group: str, version: CustomResourceDefinitionVersion, kind: str) -> str:
    """What clients of a deprecated version are warned of."""
    if not version.deprecated:
        return ""
    return version.deprecationWarning or f"{group}/{version.name} {kind} is deprecated"
