"""Groups under k8s.io and kubernetes.io are the community's: definitions there name an approval.

Pure. KEP-1111.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.apiserver.crd.names import Condition, condition
from kubepy.meta.conditions import FALSE, TRUE
from kubepy.meta.errors import FieldError, invalid, required
from kubepy.meta.gotext import quote

ANNOTATION = "api-approved.kubernetes.io"
CONFORMANT = "KubernetesAPIApprovalPolicyConformant"
PROTECTED = ("k8s.io", "kubernetes.io")
MORE = "see https://github.com/kubernetes/enhancements/pull/1111"
MISSING = f'protected groups must have approval annotation "{ANNOTATION}", {MORE}'
UNREADABLE = (
    f'protected groups must have approval annotation "{ANNOTATION}" with either a URL or a reason '
    f'starting with "unapproved", {MORE}'
)


def is_protected(group: str) -> bool:
    return group in PROTECTED or group.endswith(tuple(f".{each}" for each in PROTECTED))


def state_of(annotations: dict[str, str]) -> tuple[str, str]:
    """Missing, Bypassed, Approved or Invalid, and the words for it."""
    text = annotations.get(ANNOTATION)
    if text is None:
        return "Missing", MISSING
    if text.startswith("unapproved"):
        return "Bypassed", f"not approved: {quote(text)}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "Invalid", UNREADABLE
    if parts.scheme and parts.netloc:
        return "Approved", f"approved in {text}"
    return "Invalid", UNREADABLE


def condition_of(definition: CustomResourceDefinition) -> Condition | None:
    """The condition of a definition in a protected group; None elsewhere."""
    if not is_protected(definition.spec.group):
        return None
    state, message = state_of(definition.metadata.annotations)
    reason = {"Bypassed": "UnapprovedAnnotation"}.get(state, f"{state}Annotation")
    return condition(CONFORMANT, TRUE if state == "Approved" else FALSE, reason, message)


def validate(
    new: CustomResourceDefinition, old: CustomResourceDefinition | None
) -> list[FieldError]:
    """A definition that had an approval keeps it; a new one needs it."""
    if not is_protected(new.spec.group):
        return []
    path = f"metadata.annotations[{ANNOTATION}]"
    state, message = state_of(new.metadata.annotations)
    if old is not None and state_of(old.metadata.annotations)[0] == state:
        return []
    match state:
        case "Invalid":
            return [invalid(path, new.metadata.annotations[ANNOTATION], message)]
        case "Missing":
            return [required(path, message)]
    return []
