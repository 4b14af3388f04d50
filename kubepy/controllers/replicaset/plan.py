"""The ReplicaSet policy: which pods to create and delete, and what to report. Touches nothing.

ReplicationControllers follow the same policy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from kubepy.api.core.v1 import Pod, PodTemplateSpec
from kubepy.controllers import pods as ask

BURST = 500  # actions a pass; the next pass goes on where this one stopped
DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
MAX_COST = 2**31 - 1


class Create(Struct, frozen=True):
    """One more pod from the set's template."""


class Delete(Struct, frozen=True):
    name: str
    uid: str  # a precondition: spare a newer pod that took the name


def decide(
    wanted: int, pods: Sequence[Pod], *, related: Sequence[Pod] = (), now: float = 0.0
) -> list[Create | Delete]:
    """The actions that bring `pods` to `wanted`; empty means settled.

    `related` are the pods of all sets that have the same owner (the old and the new ReplicaSets
    of a Deployment): a node that bears many of them gives one up first.
    """
    live = [pod for pod in pods if ask.is_active(pod)]
    surplus = len(live) - wanted
    if surplus <= 0:
        return [Create()] * min(-surplus, BURST)
    crowd = Counter(pod.spec.nodeName for pod in related if ask.is_active(pod))
    cheapest_first = sorted(live, key=lambda pod: deletion_rank(pod, crowd, now))
    chosen = cheapest_first[: min(surplus, BURST)]
    return [Delete(pod.metadata.name, pod.metadata.uid) for pod in chosen]


def deletion_rank(pod: Pod, crowd: Mapping[str, int], now: float) -> tuple[Any, ...]:
    """Where a pod stands in the order of deletion; the smallest goes first.

    Ages count by powers of two, so that pods of about the same age are chosen by chance (their
    uid) and not always the newest, which may all stand in one zone.
    """
    ready = ask.is_ready(pod)
    since = ask.ready_since(pod)
    created = pod.metadata.creationTimestamp
    return (
        bool(pod.spec.nodeName),
        {"Pending": 0, "Unknown": 1}.get(pod.status.phase, 2),
        ready,
        deletion_cost(pod),
        -crowd.get(pod.spec.nodeName, 0),
        _age_bucket(since.unix() if since else None, now) if ready else 0,
        -ask.restarts(pod),
        _age_bucket(created.unix() if created else None, now),
        pod.metadata.uid,
    )


def deletion_cost(pod: Pod) -> int:
    """What the annotation says; 0 if it says nothing sensible."""
    text = pod.metadata.annotations.get(DELETION_COST, "")
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or (len(digits) > 1 and digits[0] == "0"):
        return 0
    return int(text) if abs(int(text)) <= MAX_COST else 0


def _age_bucket(moment: float | None, now: float) -> int:
    """The power of two of an age in nanoseconds; what has no moment counts as young."""
    if moment is None or now <= moment:
        return -1
    return int((now - moment) * 1_000_000_000).bit_length() - 1


class Tally(Struct, frozen=True, kw_only=True):
    """The counts of a status."""

    replicas: int
    fullyLabeledReplicas: int
    readyReplicas: int
    availableReplicas: int
    terminatingReplicas: int


def tally(
    pods: Sequence[Pod], template: PodTemplateSpec, min_ready_seconds: int, now: float
) -> Tally:
    live = [pod for pod in pods if ask.is_active(pod)]
    wanted = template.metadata.labels.items()
    return Tally(
        replicas=len(live),
        fullyLabeledReplicas=sum(wanted <= pod.metadata.labels.items() for pod in live),
        readyReplicas=sum(map(ask.is_ready, live)),
        availableReplicas=sum(ask.is_available(pod, min_ready_seconds, now) for pod in live),
        terminatingReplicas=sum(map(ask.is_terminating, pods)),
    )


def next_change(pods: Sequence[Pod], min_ready_seconds: int, now: float) -> float | None:
    """Seconds until time alone makes some ready pod available; None if it will not."""
    waits = [
        wait
        for pod in pods
        if ask.is_active(pod)
        and (wait := ask.until_available(pod, min_ready_seconds, now)) is not None
    ]
    return min(waits, default=None)
