"""PodTemplate: a template of pods, kept for itself."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import PodTemplate
from kubepy.apiserver.registry.core.podspec.cells import labels_cell, template_cells
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.strategy import Strategy


def default(template: PodTemplate) -> PodTemplate:
    return replace(template, template=default_template(template.template))


def row(template: PodTemplate, now: float) -> tuple[Any, ...]:
    inner = template.template
    return (template.metadata.name, *template_cells(inner), labels_cell(inner.metadata.labels))


STRATEGY = Strategy(default=default, row=row, generation=True, returns_deleted=True)
