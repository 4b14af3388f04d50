"""Checks of labels, annotations and label selectors, wherever an object bears them."""

from __future__ import annotations

from collections.abc import Mapping

from kubepy.api.meta.v1 import LabelSelector, LabelSelectorRequirement
from kubepy.meta import names
from kubepy.meta.errors import FieldError, forbidden, invalid, required, too_long

ANNOTATIONS_SIZE = 256 * 1024  # bytes of all keys and values together


def check_labels(labels: Mapping[str, str], path: str) -> list[FieldError]:
    found = []
    for key in sorted(labels):
        value = labels[key]
        found += [invalid(path, key, text) for text in names.label_key(key)]
        found += [invalid(path, value, text) for text in names.label_value(value)]
    return found


def check_annotations(annotations: Mapping[str, str], path: str) -> list[FieldError]:
    """Keys are label keys of any case; values are any text."""
    found = []
    size = 0
    for key in sorted(annotations):
        found += [invalid(path, key, text) for text in names.label_key(key.lower())]
        size += len(key.encode()) + len(annotations[key].encode())
    if size > ANNOTATIONS_SIZE:
        found.append(too_long(path, "", ANNOTATIONS_SIZE))
    return found


def check_label_selector(
    selector: LabelSelector | None, path: str, *, lax: bool = False
) -> list[FieldError]:
    """The rules of a LabelSelector in a spec. `lax` leaves invalid values alone, as rules for
    objects that were stored before the check existed do."""
    if selector is None:
        return []
    found = []
    for key in sorted(selector.matchLabels):
        found += _check_label_key(key, f"{path}.matchLabels")
        value = selector.matchLabels[key]
        if not lax:
            found += [
                invalid(f"{path}.matchLabels", value, text) for text in names.label_value(value)
            ]
    for index, expression in enumerate(selector.matchExpressions):
        found += _check_expression(expression, f"{path}.matchExpressions[{index}]", lax)
    return found


def _check_label_key(key: str, path: str) -> list[FieldError]:
    return [invalid(path, key, text) for text in names.label_key(key)]


def _check_expression(
    expression: LabelSelectorRequirement, path: str, lax: bool
) -> list[FieldError]:
    found = []
    match expression.operator:
        case "In" | "NotIn":
            if not expression.values:
                why = "must be specified when `operator` is 'In' or 'NotIn'"
                found.append(required(f"{path}.values", why))
        case "Exists" | "DoesNotExist":
            if expression.values:
                why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                found.append(forbidden(f"{path}.values", why))
        case operator:
            why = "not a valid selector operator"
            found.append(invalid(f"{path}.operator", operator, why))
    found += _check_label_key(expression.key, f"{path}.key")
    if not lax:
        for index, value in enumerate(expression.values):
            found += [
                invalid(f"{path}.values[{index}]", value, text) for text in names.label_value(value)
            ]
    return found
