"""The numbers of a rollout: how many more pods, how many fewer, and which sets get them.

Functions of sizes; nothing here knows of conditions or revisions.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from kubepy.api.apps.v1 import Deployment, ReplicaSet
from kubepy.api.types import IntOrString

MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"


class Fences(Struct, frozen=True):
    """How far the number of pods may stray from the wanted one during a rollout."""

    surge: int
    unavailable: int


def resolve(value: IntOrString | None, total: int, *, up: bool) -> int:
    """A number, or a percentage of `total` rounded up or down."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    hundredths = int(value.removesuffix("%")) * total
    return -(-hundredths // 100) if up else hundredths // 100


def fences(deployment: Deployment) -> Fences:
    """maxSurge and maxUnavailable in pods; never both 0, or nothing could move."""
    rolling = deployment.spec.strategy.rollingUpdate
    wanted = deployment.spec.replicas or 0
    if deployment.spec.strategy.type == "Recreate" or rolling is None:
        return Fences(0, 0)
    surge = resolve(rolling.maxSurge, wanted, up=True)
    unavailable = resolve(rolling.maxUnavailable, wanted, up=False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Fences(surge, min(unavailable, wanted) if wanted else 0)


def size(replicaset: ReplicaSet | None) -> int:
    return (replicaset.spec.replicas or 0) if replicaset is not None else 0


def total(sets: Sequence[ReplicaSet | None]) -> int:
    return sum(map(size, sets))


def grown(deployment: Deployment, new: ReplicaSet | None, sets: Sequence[ReplicaSet | None]) -> int:
    """The size that the new set may have now: wanted pods, as long as the surge leaves room."""
    wanted = deployment.spec.replicas or 0
    if deployment.spec.strategy.type == "Recreate":
        return wanted
    room = wanted + fences(deployment).surge - total(sets)
    if room <= 0:
        return size(new)
    return size(new) + min(room, wanted - size(new))


def shrunk(deployment: Deployment, new: ReplicaSet, old: Sequence[ReplicaSet]) -> dict[str, int]:
    """New sizes of old sets, by name; those that stay are left out.

    Unhealthy pods go first, since losing them costs nothing. What may go at all is what exceeds
    the wanted availability, not counting new pods that are still to become available.

    Example: 10 wanted, 2 may be unavailable; old 8 (8 available), new 5 (0 available):
    13 - 8 - 5 = 0, so nothing goes until new pods are available.
    """
    wanted = deployment.spec.replicas or 0
    least = wanted - fences(deployment).unavailable
    expected = size(new) - new.status.availableReplicas
    allowed = total([*old, new]) - least - expected
    if allowed <= 0:
        return {}
    oldest_first = sorted(old, key=age)
    sizes = {rs.metadata.name: size(rs) for rs in oldest_first}
    for rs in oldest_first:
        unhealthy = size(rs) - rs.status.availableReplicas
        gone = max(0, min(allowed, unhealthy))
        sizes[rs.metadata.name] -= gone
        allowed -= gone
    surplus = sum(rs.status.availableReplicas for rs in (*old, new)) - least
    for rs in oldest_first:
        gone = max(0, min(surplus, sizes[rs.metadata.name]))
        sizes[rs.metadata.name] -= gone
        surplus -= gone
    return {rs.metadata.name: n for rs in old if (n := sizes[rs.metadata.name]) != size(rs)}


def scaled(deployment: Deployment, sets: Sequence[ReplicaSet]) -> dict[str, int]:
    """The sizes of the active sets after the Deployment was scaled in the middle of a rollout.

    Each keeps its share; the largest takes what rounding leaves over.
    """
    wanted = deployment.spec.replicas or 0
    allowed = wanted + fences(deployment).surge if wanted > 0 else 0
    missing = allowed - total(sets)
    newest = -1 if missing > 0 else 1  # of equal size, grow the newer and shrink the older first
    order = sorted(sets, key=lambda rs: (-size(rs), _signed_age(rs, newest)))
    sizes = {rs.metadata.name: size(rs) for rs in order}
    if missing == 0 or not order:
        return sizes
    given = 0
    for rs in order:
        share = _share(deployment, rs, missing - given, missing > 0)
        sizes[rs.metadata.name] += share
        given += share
    largest = order[0].metadata.name
    sizes[largest] = max(0, sizes[largest] + missing - given)
    return sizes


def _share(deployment: Deployment, rs: ReplicaSet, left: int, growing: bool) -> int:
    if size(rs) == 0 or left == 0:
        return 0
    fraction = _fraction(deployment, rs)
    return min(fraction, left) if growing else max(fraction, left)


def _fraction(deployment: Deployment, rs: ReplicaSet) -> int:
    """By how much a set grows or shrinks when the whole does, before rounding is evened out."""
    wanted = deployment.spec.replicas or 0
    if wanted == 0:
        return -size(rs)
    text = rs.metadata.annotations.get(MAX_REPLICAS, "")
    before = int(text) if text.isdecimal() and int(text) > 0 else deployment.status.replicas
    if before == 0:
        return 0
    now = wanted + fences(deployment).surge
    share = size(rs) * now / before
    return int(share + 0.5) - size(rs)


def age(rs: ReplicaSet) -> tuple[str, str]:
    """Sorts the oldest first; those of one second by name."""
    return rs.metadata.creationTimestamp or "", rs.metadata.name


def _signed_age(rs: ReplicaSet, sign: int) -> tuple[float, str]:
    created = rs.metadata.creationTimestamp
    return sign * (created.unix() if created else 0.0), rs.metadata.name
