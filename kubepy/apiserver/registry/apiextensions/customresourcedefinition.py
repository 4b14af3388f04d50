"""CustomResourceDefinition: a kind that the server serves because somebody asked for it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apiextensions.v1 import (
    CustomResourceConversion,
    CustomResourceDefinition,
    CustomResourceDefinitionNames,
    CustomResourceDefinitionStatus,
)
from kubepy.api.meta.v1 import DeleteOptions
from kubepy.api.types import Time
from kubepy.apiserver.crd import status
from kubepy.apiserver.crd.definition import conversion, spec
from kubepy.apiserver.crd.resource import storage_version
from kubepy.apiserver.registry import deletion
from kubepy.apiserver.registry.deletion import Plan, Rules
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta.errors import Conflict


def default(definition: CustomResourceDefinition) -> CustomResourceDefinition:
    given = definition.spec
    return replace(
        definition,
        spec=replace(
            given,
            names=_names(given.names),
            conversion=_conversion(given.conversion),
        ),
    )


def _names(names: CustomResourceDefinitionNames) -> CustomResourceDefinitionNames:
    kind = names.kind
    return replace(
        names,
        singular=names.singular or kind.lower(),
        listKind=names.listKind or (f"{kind}List" if kind else ""),
    )


def _conversion(given: CustomResourceConversion | None) -> CustomResourceConversion:
    if given is None:
        return CustomResourceConversion(strategy=conversion.NONE)
    webhook = given.webhook
    client = webhook.clientConfig if webhook else None
    if webhook is None or client is None or client.service is None or client.service.port:
        return given
    service = replace(client.service, port=conversion.DEFAULT_PORT)
    return replace(given, webhook=replace(webhook, clientConfig=replace(client, service=service)))


def prepare_create(definition: CustomResourceDefinition) -> CustomResourceDefinition:
    stored = storage_version(definition)
    fresh = CustomResourceDefinitionStatus(storedVersions=(stored,) if stored else None)
    return replace(definition, status=fresh)


def prepare_update(
    new: CustomResourceDefinition, old: CustomResourceDefinition
) -> CustomResourceDefinition:
    """Objects are stored as the storage version from now on; the old ones may still be there."""
    kept, stored = old.status.storedVersions or (), storage_version(new)
    if stored and stored not in kept:
        kept = (*kept, stored)
    return replace(new, status=replace(old.status, storedVersions=kept or None))


def prepare_status(
    new: CustomResourceDefinition, old: CustomResourceDefinition
) -> CustomResourceDefinition:
    return replace(old, status=new.status)


def plan_delete(
    definition: CustomResourceDefinition, wanted: DeleteOptions, rules: Rules, now: float
) -> Plan:
    """The first delete marks it; the finalizer goes when all objects of the kind are gone."""
    check_preconditions(definition, wanted)
    meta = definition.metadata
    if meta.deletionTimestamp is not None:
        return deletion.plan(definition, wanted, rules, now)
    finalizers = meta.finalizers
    if status.FINALIZER not in finalizers:
        finalizers = (*finalizers, status.FINALIZER)
    meta = replace(meta, deletionTimestamp=Time.from_unix(now), finalizers=finalizers)
    return Plan(status.with_condition(replace(definition, metadata=meta), status.PENDING, now))


def check_preconditions(definition: CustomResourceDefinition, wanted: DeleteOptions) -> None:
    """Raises Conflict, in this kind's own words."""
    given, meta = wanted.preconditions, definition.metadata
    for name, asked, found in (
        ("UID", given and given.uid, meta.uid),
        ("ResourceVersion", given and given.resourceVersion, meta.resourceVersion),
    ):
        if asked is not None and asked != found:
            raise Conflict.of(
                "customresourcedefinitions.apiextensions.k8s.io",
                meta.name,
                f"Precondition failed: {name} in precondition: {asked}, {name} in object meta: "
                f"{found}",
            )


def row(definition: CustomResourceDefinition, now: float) -> tuple[Any, ...]:
    """This kind shows a time where others show an age."""
    return definition.metadata.name, definition.metadata.creationTimestamp


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    prepare_update=prepare_update,
    prepare_status=prepare_status,
    validate_create=spec.validate_create,
    validate_update=spec.validate_update,
    validate_status=spec.validate_status,
    plan_delete=plan_delete,
    row=row,
    name_rule=spec.name_rule,
    generation=True,
    unconditional_update=False,
)
