"""What a Deployment reports: counts, and conditions in Kubernetes' words. Touches nothing."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from kubepy.api.apps.v1 import (
    Deployment,
    DeploymentCondition,
    DeploymentStatus,
    ReplicaSet,
)
from kubepy.api.types import Time
from kubepy.controllers.deployment.arithmetic import fences, total

AVAILABLE, PROGRESSING, REPLICA_FAILURE = "Available", "Progressing", "ReplicaFailure"
COMPLETE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
NO_DEADLINE = 2**31 - 1  # a progressDeadlineSeconds that means none

Conditions = tuple[DeploymentCondition, ...]


def find(conditions: Conditions, type: str) -> DeploymentCondition | None:
    return next((c for c in conditions if c.type == type), None)


def without(conditions: Conditions, type: str) -> Conditions:
    return tuple(c for c in conditions if c.type != type)


def with_condition(conditions: Conditions, new: DeploymentCondition) -> Conditions:
    """The conditions with a new one; one of the same status and reason stays as it is."""
    known = find(conditions, new.type)
    if known is not None and known.status == new.status:
        if known.reason == new.reason:
            return conditions
        new = replace(new, lastTransitionTime=known.lastTransitionTime)
    return (*without(conditions, new.type), new)


def condition(type: str, status: str, reason: str, message: str, now: float) -> DeploymentCondition:
    time = Time.from_unix(now)
    return DeploymentCondition(
        type=type,
        status=status,
        reason=reason,
        message=message,
        lastUpdateTime=time,
        lastTransitionTime=time,
    )


def deadline(deployment: Deployment) -> int | None:
    """Seconds that a rollout may go without progress; None if for ever."""
    seconds = deployment.spec.progressDeadlineSeconds
    return None if seconds is None or seconds == NO_DEADLINE else seconds


def pause_condition(deployment: Deployment, now: float) -> DeploymentCondition | None:
    """What to tell about a Deployment that has just been paused or resumed; else None.

    Time spent in a pause must not count as lack of progress.
    """
    if deadline(deployment) is None:
        return None
    known = find(deployment.status.conditions, PROGRESSING)
    if known is not None and known.reason == TIMED_OUT:
        return None
    told = known is not None and known.reason == PAUSED
    if deployment.spec.paused and not told:
        return condition(PROGRESSING, "Unknown", PAUSED, "Deployment is paused", now)
    if not deployment.spec.paused and told:
        return condition(PROGRESSING, "Unknown", "DeploymentResumed", "Deployment is resumed", now)
    return None


def count(
    deployment: Deployment, new: ReplicaSet | None, sets: Sequence[ReplicaSet], now: float
) -> DeploymentStatus:
    """The counts, and whether enough pods are available; the other conditions as they were."""
    available = sum(rs.status.availableReplicas for rs in sets)
    wanted = deployment.spec.replicas or 0
    if available >= wanted - fences(deployment).unavailable:
        enough = condition(
            AVAILABLE,
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
            now,
        )
    else:
        enough = condition(
            AVAILABLE,
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
            now,
        )
    return DeploymentStatus(
        observedGeneration=deployment.metadata.generation,
        replicas=sum(rs.status.replicas for rs in sets),
        updatedReplicas=new.status.replicas if new is not None else 0,
        readyReplicas=sum(rs.status.readyReplicas for rs in sets),
        availableReplicas=available,
        unavailableReplicas=max(0, total(sets) - available),
        terminatingReplicas=_terminating(sets),
        collisionCount=deployment.status.collisionCount,
        conditions=with_condition(deployment.status.conditions, enough),
    )


def _terminating(sets: Sequence[ReplicaSet]) -> int | None:
    """None if some set's controller does not count them."""
    counts = [rs.status.terminatingReplicas for rs in sets]
    return None if None in counts else sum(n for n in counts if n is not None)


def is_complete(deployment: Deployment, status: DeploymentStatus) -> bool:
    """Every pod is of the new template and available, and no other is left."""
    wanted = deployment.spec.replicas or 0
    return (
        status.updatedReplicas == wanted
        and status.replicas == wanted
        and status.availableReplicas == wanted
        and status.observedGeneration >= deployment.metadata.generation
    )


def has_progressed(before: DeploymentStatus, after: DeploymentStatus) -> bool:
    return (
        after.updatedReplicas > before.updatedReplicas
        or after.replicas - after.updatedReplicas < before.replicas - before.updatedReplicas
        or after.readyReplicas > before.readyReplicas
        or after.availableReplicas > before.availableReplicas
    )


def has_timed_out(deployment: Deployment, now: float) -> bool:
    """No progress has been noticed for longer than the deadline."""
    known = find(deployment.status.conditions, PROGRESSING)
    seconds = deadline(deployment)
    if known is None or seconds is None or known.reason == COMPLETE:
        return False
    if known.reason == TIMED_OUT:
        return True
    since = known.lastUpdateTime
    return since is not None and since.unix() + seconds < now


def roll(
    deployment: Deployment, new: ReplicaSet | None, sets: Sequence[ReplicaSet], now: float
) -> DeploymentStatus:
    """The status of a Deployment that is rolling out, or has rolled out."""
    status = count(deployment, new, sets, now)
    conditions = status.conditions
    subject = (
        f'ReplicaSet "{new.metadata.name}"' if new else (f'Deployment "{deployment.metadata.name}"')
    )
    known = find(deployment.status.conditions, PROGRESSING)
    settled = (
        status.replicas == status.updatedReplicas and known is not None and known.reason == COMPLETE
    )
    if deadline(deployment) is None:
        conditions = without(conditions, PROGRESSING)
    elif settled:
        pass  # the rollout is over; pods that fail later are no lack of progress
    elif is_complete(deployment, status):
        text = f"{subject} has successfully progressed."
        done = condition(PROGRESSING, "True", COMPLETE, text, now)
        conditions = with_condition(conditions, done)
    elif has_progressed(deployment.status, status):
        moving = condition(
            PROGRESSING, "True", "ReplicaSetUpdated", f"{subject} is progressing.", now
        )
        if known is not None and known.status == "True":
            moving = replace(moving, lastTransitionTime=known.lastTransitionTime)
        # Told anew each time: its lastUpdateTime is the last progress, which the deadline needs.
        conditions = (*without(conditions, PROGRESSING), moving)
    elif has_timed_out(deployment, now):
        text = f"{subject} has timed out progressing."
        conditions = with_condition(
            conditions, condition(PROGRESSING, "False", TIMED_OUT, text, now)
        )
    return replace(status, conditions=_with_failure(conditions, new, sets))


def _with_failure(
    conditions: Conditions, new: ReplicaSet | None, sets: Sequence[ReplicaSet]
) -> Conditions:
    """A set that cannot create or delete pods lends the Deployment its condition."""
    for rs in ([new] if new is not None else []) + list(sets):
        for failure in rs.status.conditions:
            if failure.type == REPLICA_FAILURE:
                return with_condition(
                    conditions,
                    DeploymentCondition(
                        type=REPLICA_FAILURE,
                        status=failure.status,
                        reason=failure.reason,
                        message=failure.message,
                        lastUpdateTime=failure.lastTransitionTime,
                        lastTransitionTime=failure.lastTransitionTime,
                    ),
                )
    return without(conditions, REPLICA_FAILURE)


def next_check(deployment: Deployment, status: DeploymentStatus, now: float) -> float | None:
    """Seconds until the deadline has to be looked at, if nothing happens before; None if never."""
    known = find(status.conditions, PROGRESSING)
    seconds = deadline(deployment)
    if known is None or seconds is None or known.lastUpdateTime is None:
        return None
    if is_complete(deployment, status) or known.reason in (TIMED_OUT, PAUSED, COMPLETE):
        return None
    return max(1.0, known.lastUpdateTime.unix() + seconds - now + 1.0)
