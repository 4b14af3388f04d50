"""PodTemplate: a template of pods, kept for itself."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import PodTemplate
from kubepy.apiserver.registry.core.podspec.cells import labels_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.template import template_errors
from kubepy.apiserver.registry.core.podspec.warnings import respecified, template_warnings
from kubepy.apiserver.registry.finalizers import finalizer_errors
from kubepy.apiserver.registry.strategy import Strategy
from kubepy.meta.errors import FieldError


def default(template: PodTemplate) -> PodTemplate:
    return replace(template, template=default_template(template.template))


def validate(template: PodTemplate) -> list[FieldError]:
    return finalizer_errors(template.metadata) + template_errors(template.template, "template")


def validate_update(new: PodTemplate, old: PodTemplate) -> list[FieldError]:
    return validate(new)


def warnings(template: PodTemplate) -> list[str]:
    return template_warnings(template.template, "template")


def update_warnings(new: PodTemplate, old: PodTemplate) -> list[str]:
    return template_warnings(new.template, "template") if respecified(new, old) else []


def row(template: PodTemplate, now: float) -> tuple[Any, ...]:
    inner = template.template
    return (template.metadata.name, *template_cells(inner), labels_cell(inner.metadata.labels))


STRATEGY = Strategy(
    default=default,
    validate_create=validate,
    validate_update=validate_update,
    warnings=warnings,
    update_warnings=update_warnings,
    row=row,
    generation=True,
    returns_deleted=True,
)
