"""ComponentStatus: how one component of the control plane is."""

from __future__ import annotations

from typing import Any

from kubepy.api.core.v1 import ComponentStatus
from kubepy.apiserver.registry.strategy import Strategy


def row(component: ComponentStatus, now: float) -> tuple[Any, ...]:
    health = next((c for c in component.conditions if c.type == "Healthy"), None)
    if health is None:
        return component.metadata.name, "Unknown", "", ""
    word = "Healthy" if health.status == "True" else "Unhealthy"
    return component.metadata.name, word, health.message, health.error


STRATEGY = Strategy(row=row)
