"""scheduling.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, Rules, Wire, no_items, zero

PACKAGE = "k8s.io.api.scheduling.v1"
API_VERSION = "scheduling.k8s.io/v1"


class PriorityClass(Wire, frozen=True, kw_only=True):
    """A name for a pod's priority. The number behind it never changes."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    value: Int32 = _field(default_factory=zero)
    globalDefault: bool = False
    description: str = ""
    preemptionPolicy: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "preemptionPolicy": Rules(values=("Never", "PreemptLowerPriority")),
    }


class PriorityClassList(Wire, frozen=True, kw_only=True):
    """A list of PriorityClasses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[PriorityClass, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }
