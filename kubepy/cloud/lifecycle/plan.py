"""What becomes of a node whose machine is gone or switched off: pure."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from kubepy.api.core.v1 import Node, Taint
from kubepy.meta import conditions

SHUTDOWN = Taint(key="node.cloudprovider.kubernetes.io/shutdown", effect="NoSchedule")


class Keep(Struct, frozen=True):
    """Nothing to do."""


class Delete(Struct, frozen=True):
    """The machine is gone: so is the node."""


class Retaint(Struct, frozen=True):
    """Tell by a taint whether the machine is switched off."""

    node: Node


def needs_asking(node: Node) -> bool:
    """A node that is ready has a machine; of the others the cloud must be asked."""
    return not conditions.is_true(node.status.conditions, "Ready")


def decide(node: Node, *, exists: bool, shut_down: bool) -> Keep | Delete | Retaint:
    """A node that is ready counts as one that exists and runs."""
    if not exists:
        return Delete()
    others = tuple(taint for taint in node.spec.taints if taint.key != SHUTDOWN.key)
    tainted = len(others) < len(node.spec.taints)
    if tainted == shut_down:
        return Keep()
    taints = (*others, SHUTDOWN) if shut_down else others
    return Retaint(replace(node, spec=replace(node.spec, taints=taints)))
