"""Pod templates, and the selectors that must find what comes of them."""

from __future__ import annotations

from kubepy.api.core.v1 import PodTemplateSpec
from kubepy.apiserver.registry.core.podspec.annotations import (
    annotation_errors,
    profile_mismatches,
)
from kubepy.apiserver.registry.core.podspec.spec import spec_errors
from kubepy.meta.errors import FieldError, forbidden, invalid, not_supported
from kubepy.meta.labels import check_annotations, check_labels
from kubepy.meta.selectors import Selector


def template_errors(template: PodTemplateSpec, path: str) -> list[FieldError]:
    errors = check_labels(template.metadata.labels, f"{path}.labels")
    annotations = template.metadata.annotations
    errors += check_annotations(annotations, f"{path}.annotations")
    errors += annotation_errors(annotations, template.spec, f"{path}.annotations")
    errors += spec_errors(template.spec, f"{path}.spec")
    errors += profile_mismatches(annotations, template.spec, f"{path}.spec")
    if template.spec.ephemeralContainers:
        why = "ephemeral containers not allowed in pod template"
        errors.append(forbidden(f"{path}.spec.ephemeralContainers", why))
    return errors


def selection_errors(selector: Selector, template: PodTemplateSpec, path: str) -> list[FieldError]:
    """The selector must match the pods of the template."""
    labels = template.metadata.labels
    if selector.empty or selector.matches(labels):
        return []
    why = "`selector` does not match template `labels`"
    return [invalid(f"{path}.metadata.labels", labels or None, why)]


def endless_errors(template: PodTemplateSpec, path: str, kind: str) -> list[FieldError]:
    """The pods of these kinds run until somebody deletes them."""
    errors = []
    policy = template.spec.restartPolicy
    if policy != "Always":
        errors.append(not_supported(f"{path}.spec.restartPolicy", policy, ("Always",)))
    if template.spec.activeDeadlineSeconds is not None:
        why = f"activeDeadlineSeconds in {kind} is not Supported"
        errors.append(forbidden(f"{path}.spec.activeDeadlineSeconds", why))
    return errors
