"""The status that a definition should have, by what it says and what its neighbours have. Pure."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.apiextensions.v1 import CustomResourceDefinition
from kubepy.api.types import Time
from kubepy.apiserver.crd import approval, names
from kubepy.apiserver.crd.names import ESTABLISHED, Condition, Taken, condition
from kubepy.meta import conditions
from kubepy.meta.conditions import FALSE, TRUE

TERMINATING = "Terminating"
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
NOT_ACCEPTED = condition(ESTABLISHED, FALSE, "NotAccepted", "not all names are accepted")
ACCEPTED = condition(
    ESTABLISHED, TRUE, "InitialNamesAccepted", "the initial names have been accepted"
)
PENDING = condition(
    TERMINATING,
    TRUE,
    "InstanceDeletionPending",
    "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
)
IN_PROGRESS = condition(
    TERMINATING, TRUE, "InstanceDeletionInProgress", "CustomResource deletion is in progress"
)
COMPLETED = condition(TERMINATING, FALSE, "InstanceDeletionCompleted", "removed all instances")
NEVER = condition(TERMINATING, FALSE, "NeverEstablished", "resource was never established")


def wanted(
    definition: CustomResourceDefinition, taken: Taken, now: float
) -> CustomResourceDefinition:
    """The definition with the names and conditions that it should have; itself if it has them."""
    verdict = names.accept(definition, taken)
    found = with_condition(definition, verdict.condition, now)
    status = found.status
    if status.acceptedNames != verdict.names:
        found = replace(found, status=replace(status, acceptedNames=verdict.names))
    if not names.is_established(definition):
        accepted = verdict.condition.status == TRUE
        found = with_condition(found, ACCEPTED if accepted else NOT_ACCEPTED, now)
    approved = approval.condition_of(definition)
    if approved is not None:
        found = with_condition(found, approved, now)
    return found


def with_condition(
    definition: CustomResourceDefinition, condition: Condition, now: float
) -> CustomResourceDefinition:
    """The definition with one condition set; itself if it has it already."""
    old = definition.status.conditions or ()
    new: Any = conditions.put(old, replace(condition, lastTransitionTime=Time.from_unix(now)))
    if new == old:
        return definition
    return replace(definition, status=replace(definition.status, conditions=new))


def is_terminating(definition: CustomResourceDefinition) -> bool:
    return definition.metadata.deletionTimestamp is not None
