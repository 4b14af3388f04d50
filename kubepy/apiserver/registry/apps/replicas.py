"""Selectors and templates of the kinds that keep pods of one template alive."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import PodTemplateSpec
from kubepy.api.meta.v1 import LabelSelector
from kubepy.apiserver.registry.core.podspec.template import (
    endless_errors,
    selection_errors,
    template_errors,
)
from kubepy.meta import selectors
from kubepy.meta.errors import FieldError, invalid, required
from kubepy.meta.labels import check_label_selector


def selector_errors(
    selector: LabelSelector | None, path: str, *, kind: str = ""
) -> list[FieldError]:
    """`kind`, if given, must select something."""
    if selector is None:
        return [required(path)]
    errors = check_label_selector(selector, path)
    if kind and not selector.matchLabels and not selector.matchExpressions:
        errors.append(invalid(path, selector, f"empty selector is invalid for {kind}"))
    return errors


def replica_spec_errors(
    selector: LabelSelector | None, template: PodTemplateSpec, path: str
) -> list[FieldError]:
    """Of a ReplicaSet and of a Deployment, which makes them."""
    errors = selector_errors(selector, f"{path}.selector", kind="deployment")
    where = f"{path}.template"
    try:
        found = selectors.of(selector)
    except selectors.SelectorError:
        return [*errors, invalid(f"{path}.selector", selector, "invalid label selector")]
    errors += selection_errors(found, template, where)
    errors += template_errors(template, where)
    return errors + endless_errors(template, where, "ReplicaSet")


def selector_change(new: LabelSelector | None, old: LabelSelector | None) -> list[FieldError]:
    return [] if new == old else [invalid("spec.selector", new, "field is immutable")]


def collisions_errors(new: Any, old: Any) -> list[FieldError]:
    """The count of names that were taken already only grows. Takes the statuses."""
    now, before = new.collisionCount, old.collisionCount
    if before is None or (now is not None and now >= before):
        return []
    return [invalid("status.collisionCount", now or 0, "cannot be decremented")]
