"""coordination.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Int32, MicroTime, Rules, Wire, no_items

PACKAGE = "k8s.io.api.coordination.v1"
API_VERSION = "coordination.k8s.io/v1"


class LeaseSpec(Wire, frozen=True, kw_only=True):
    """Held until renewTime + leaseDurationSeconds, unless it is renewed."""

    holderIdentity: str | None = None
    leaseDurationSeconds: Int32 | None = None
    acquireTime: MicroTime | None = None
    renewTime: MicroTime | None = None
    leaseTransitions: Int32 | None = None
    strategy: str | None = None
    preferredHolder: str | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "strategy": Rules(values=("OldestEmulationVersion",)),
    }


class Lease(Wire, frozen=True, kw_only=True):
    """Who holds something, and until when: leader elections, and the heartbeats of nodes."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    spec: LeaseSpec = _field(default_factory=LeaseSpec)


class LeaseList(Wire, frozen=True, kw_only=True):
    """A list of Leases."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[Lease, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }
