"""When a pod has to leave its node because of taints. Touches nothing."""

from __future__ import annotations

from collections.abc import Iterable

from kubepy.api.core.v1 import Pod, Taint, Toleration


def eviction_time(pod: Pod, taints: Iterable[Taint], first_seen: float) -> float | None:
    """The moment (seconds since 1970) from which the pod must go; None if it may stay.

    A taint counts from its timeAdded, or from `first_seen` if it does not say. The shortest of
    the tolerationSeconds that apply to it counts; a taint that nothing tolerates means at once.
    """
    moments = []
    for taint in taints:
        if taint.effect != "NoExecute":
            continue
        since = taint.timeAdded.unix() if taint.timeAdded is not None else first_seen
        matching = [t for t in pod.spec.tolerations if tolerates(t, taint)]
        if not matching:
            moments.append(since)
            continue
        limits = [t.tolerationSeconds for t in matching if t.tolerationSeconds is not None]
        if limits:
            moments.append(since + max(0, min(limits)))
    return min(moments, default=None)


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    match toleration.operator:
        case "" | "Equal":
            return bool(toleration.key) and toleration.value == taint.value
        case "Exists":
            return True
    return False
