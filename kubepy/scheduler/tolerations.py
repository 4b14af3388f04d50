"""Which taints a pod's tolerations cover."""

from __future__ import annotations

from collections.abc import Iterable

from kubepy.api.core.v1 import Toleration
from kubepy.scheduler.nodetable import TaintKey

NO_SCHEDULE, PREFER_NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "PreferNoSchedule", "NoExecute"


def tolerates(toleration: Toleration, taint: TaintKey) -> bool:
    """Empty effect: any; empty key (with Exists): any."""
    if toleration.effect and toleration.effect != taint.effect:
        return False
    if toleration.key and toleration.key != taint.key:
        return False
    if toleration.operator == "Exists":
        return True
    if toleration.operator in ("", "Equal"):
        return toleration.value == taint.value
    return _compares(toleration, taint)


def untolerated(
    tolerations: tuple[Toleration, ...], taints: Iterable[TaintKey], effects: Iterable[str]
) -> list[TaintKey]:
    """The taints of these effects that none of the tolerations covers."""
    wanted = frozenset(effects)
    return [
        taint
        for taint in taints
        if taint.effect in wanted and not any(tolerates(t, taint) for t in tolerations)
    ]


def _compares(toleration: Toleration, taint: TaintKey) -> bool:
    """Gt and Lt: the taint's value, a number, is above or below the toleration's."""
    try:
        value, bound = int(taint.value), int(toleration.value)
    except ValueError:
        return False
    return value > bound if toleration.operator == "Gt" else value < bound
