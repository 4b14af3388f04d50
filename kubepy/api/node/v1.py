"""node.k8s.io/v1: the wire types.

Generated from protos by hack/generate.py: edit the .proto and run `make update`.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import field as _field

from kubepy.api.core import v1 as core_v1
from kubepy.api.meta import v1 as meta_v1
from kubepy.api.types import Quantity, Rules, Wire, empty_string, no_items

PACKAGE = "k8s.io.api.node.v1"
API_VERSION = "node.k8s.io/v1"


class Overhead(Wire, frozen=True, kw_only=True):
    """What a pod takes beside its containers, as for the virtual machine around it."""

    podFixed: dict[str, Quantity] = _field(default_factory=dict)


class RuntimeClass(Wire, frozen=True, kw_only=True):
    """Which of a node's runtimes runs a pod, and what that costs."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ObjectMeta = _field(default_factory=meta_v1.ObjectMeta)
    handler: str = _field(default_factory=empty_string)
    overhead: Overhead | None = None
    scheduling: Scheduling | None = None

    __rules__: ClassVar[dict[str, Rules]] = {
        "handler": Rules(required=True),
    }


class RuntimeClassList(Wire, frozen=True, kw_only=True):
    """A list of RuntimeClasses."""

    kind: str = ""
    apiVersion: str = ""
    metadata: meta_v1.ListMeta = _field(default_factory=meta_v1.ListMeta)
    items: tuple[RuntimeClass, ...] = _field(default_factory=no_items)

    __rules__: ClassVar[dict[str, Rules]] = {
        "items": Rules(required=True),
    }


class Scheduling(Wire, frozen=True, kw_only=True):
    """Keeps the pods of a RuntimeClass on the nodes that have the runtime."""

    nodeSelector: dict[str, str] = _field(default_factory=dict)
    tolerations: tuple[core_v1.Toleration, ...] = ()

    __rules__: ClassVar[dict[str, Rules]] = {
        "nodeSelector": Rules(map_type="atomic"),
        "tolerations": Rules(list_type="atomic"),
    }
