"""Which pods nobody will ever clean up otherwise. Touches nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kubepy.api.core.v1 import Pod
from kubepy.controllers import pods as ask

FINISHED_LIMIT = 12_500  # --terminated-pod-gc-threshold
GRACE = 40.0  # seconds that a node must be missing: it may register again


def finished(pods: Sequence[Pod], limit: int = FINISHED_LIMIT) -> list[Pod]:
    """The oldest of the finished pods beyond the limit; 0 means that there is none."""
    ended = [pod for pod in pods if ask.is_finished(pod)]
    if limit <= 0 or len(ended) <= limit:
        return []
    ended.sort(key=lambda pod: (pod.metadata.creationTimestamp or "", pod.metadata.name))
    return ended[: len(ended) - limit]


def orphaned(pods: Sequence[Pod], gone: Collection[str]) -> list[Pod]:
    """The pods on nodes that have been gone for long."""
    return [pod for pod in pods if pod.spec.nodeName in gone]


def never_started(pods: Sequence[Pod]) -> list[Pod]:
    """The pods that are being deleted and were never given to a node: no kubelet will do it."""
    return [
        pod for pod in pods if pod.metadata.deletionTimestamp is not None and not pod.spec.nodeName
    ]
