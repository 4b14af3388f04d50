"""What controllers ask of a pod. Functions of values; the time is an argument."""

from __future__ import annotations

from kubepy.api.core.v1 import Pod, PodCondition
from kubepy.api.types import Time


def condition(pod: Pod, type: str) -> PodCondition | None:
    for found in pod.status.conditions:  # a plain loop: asked of every pod in every pass
        if found.type == type:
            return found
    return None


def is_finished(pod: Pod) -> bool:
    """It has run and will not run again."""
    return pod.status.phase in ("Succeeded", "Failed")


def is_active(pod: Pod) -> bool:
    """It runs or will run, and nobody deletes it."""
    return not is_finished(pod) and pod.metadata.deletionTimestamp is None


def is_terminating(pod: Pod) -> bool:
    """It is being deleted and has not come to its end."""
    return not is_finished(pod) and pod.metadata.deletionTimestamp is not None


def is_ready(pod: Pod) -> bool:
    ready = condition(pod, "Ready")
    return ready is not None and ready.status == "True"


def ready_since(pod: Pod) -> Time | None:
    """Since when a ready pod has been ready."""
    ready = condition(pod, "Ready")
    return ready.lastTransitionTime if ready is not None and ready.status == "True" else None


def is_available(pod: Pod, min_ready_seconds: int, now: float) -> bool:
    """Ready for so long without a break."""
    if not is_ready(pod):
        return False
    if min_ready_seconds == 0:
        return True
    since = ready_since(pod)
    return since is not None and since.unix() + min_ready_seconds <= now


def until_available(pod: Pod, min_ready_seconds: int, now: float) -> float | None:
    """Seconds until a ready pod becomes available; None if time alone will not do it."""
    since = ready_since(pod)
    if since is None or is_available(pod, min_ready_seconds, now):
        return None
    return since.unix() + min_ready_seconds - now


def restarts(pod: Pod) -> int:
    """The restarts of the container that was restarted most."""
    return max((status.restartCount for status in pod.status.containerStatuses), default=0)
