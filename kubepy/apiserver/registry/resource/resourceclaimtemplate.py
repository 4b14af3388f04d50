"""ResourceClaimTemplate: the claim that each pod gets its own one of."""

from __future__ import annotations

from msgspec.structs import replace

from kubepy.api.resource.v1 import ResourceClaimTemplate
from kubepy.apiserver.registry.resource.claims import default_spec, spec_errors
from kubepy.apiserver.registry.strategy import Strategy, age_row
from kubepy.apiserver.registry.values import immutable
from kubepy.meta.errors import FieldError
from kubepy.meta.labels import check_annotations, check_labels


def default(template: ResourceClaimTemplate) -> ResourceClaimTemplate:
    spec = replace(template.spec, spec=default_spec(template.spec.spec))
    return replace(template, spec=spec)


def validate(template: ResourceClaimTemplate) -> list[FieldError]:
    meta = template.spec.metadata
    errors = check_annotations(meta.annotations, "spec.metadata.annotations")
    errors += check_labels(meta.labels, "spec.metadata.labels")
    return errors + spec_errors(template.spec.spec, "spec.spec")


def validate_update(new: ResourceClaimTemplate, old: ResourceClaimTemplate) -> list[FieldError]:
    return immutable(new.spec, old.spec, "spec")


STRATEGY = Strategy(
    returns_deleted=True,
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    row=age_row,
)
