"""policy/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Int64, IntOrString, Rules, Time, Wire, no_items, zero

PACKAGE = "k8s.io.api.policy.v1"
API_VERSION = "policy/v1"


class Eviction(Wire, frozen=True, kw_only=True):
    """Deletes a pod unless a PodDisruptionBudget forbids it: posted to pods/eviction."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    deleteOptions: meta_v1.DeleteOptions | None = None


class PodDisruptionBudgetSpec(Wire, frozen=True, kw_only=True):
    """minAvailable or maxUnavailable, never both."""

    minAvailable: IntOrString | None = None
    selector: meta_v1.LabelSelector | None = None
    maxUnavailable: IntOrString | None = None
    unhealthyPodEvictionPolicy: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "selector": Rules(patch_strategy="replace"),
        "unhealthyPodEvictionPolicy": Rules(values=("IfHealthyBudget", "AlwaysAllow")),
    }


class PodDisruptionBudgetStatus(Wire, frozen=True, kw_only=True):
    """How many pods there are and should be, and how many may be evicted now."""

    observedGeneration: Int64 = 0
    disruptedPods: dict[str, Time | None] = _field(default_factory=dict)
    disruptionsAllowed: Int32 = _field(default_factory=zero)
    currentHealthy: Int32 = _field(default_factory=zero)
    desiredHealthy: Int32 = _field(default_factory=zero)
    expectedPods: Int32 = _field(default_factory=zero)
    conditions: tuple[meta_v1.Condition, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "conditions": Rules(
            list_type="map", patch_merge_key="type", patch_strategy="merge", list_map_keys=("type",)
        ),
    }


class PodDisruptionBudget(Wire, frozen=True, kw_only=True):
    """How many pods of a set may be away on purpose at a time."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: PodDisruptionBudgetSpec = _field(default_factory=PodDisruptionBudgetSpec)
    status: PodDisruptionBudgetStatus = _field(default_factory=PodDisruptionBudgetStatus)


class PodDisruptionBudgetList(Wire, frozen=True, kw_only=True):
    """A list of PodDisruptionBudgets."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[PodDisruptionBudget, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }
