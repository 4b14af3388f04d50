"""Cells of Tables that several kinds with pods share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubepy.api.core.v1 import Container, PodTemplateSpec
from kubepy.api.meta.v1 import LabelSelector
from kubepy.meta import selectors

NONE = "<none>"


def names(containers: Iterable[Container]) -> str:
    return ",".join(container.name for container in containers)


def images(containers: Iterable[Container]) -> str:
    return ",".join(container.image for container in containers)


def template_cells(template: PodTemplateSpec) -> tuple[str, str]:
    """The columns Containers and Images."""
    containers = template.spec.containers
    return names(containers), images(containers)


def labels_cell(labels: Mapping[str, str]) -> str:
    """`a=b,c=d`"""
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels)) or NONE


def selector_cell(selector: LabelSelector | None) -> str:
    """`app=web,tier in (a,b)`"""
    if selector is None:
        return NONE
    try:
        return str(selectors.of(selector)) or NONE
    except selectors.SelectorError:
        return "<error>"
