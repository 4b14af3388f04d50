"""The quality of service that a pod's requests and limits buy."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from kubepy.api.core.v1 import PodSpec, ResourceRequirements
from kubepy.api.types import Quantity

GUARANTEED, BURSTABLE, BEST_EFFORT = "Guaranteed", "Burstable", "BestEffort"

_COUNTED = ("cpu", "memory")


def qos_class(spec: PodSpec) -> str:
    """Guaranteed: every container has limits for CPU and memory, and requests as much.
    BestEffort: nobody asks for any. Burstable: the rest."""
    whole = spec.resources
    if whole is not None and (whole.requests or whole.limits):
        asked = [whole]
    else:
        asked = [container.resources for container in (*spec.initContainers, *spec.containers)]
    requests = _sum(one.requests for one in asked)
    limits = _sum(one.limits for one in asked)
    if not requests and not limits:
        return BEST_EFFORT
    if all(map(_is_limited, asked)) and requests == limits:
        return GUARANTEED
    return BURSTABLE


def _sum(amounts: Iterable[dict[str, Quantity]]) -> dict[str, Fraction]:
    total: dict[str, Fraction] = {}
    for one in amounts:
        for name in _COUNTED:
            if name in one and (amount := one[name].exact()).numerator > 0:
                total[name] = total[name] + amount if name in total else amount
    return total


def _is_limited(resources: ResourceRequirements) -> bool:
    limits = resources.limits
    return all(name in limits and limits[name].exact().numerator > 0 for name in _COUNTED)
