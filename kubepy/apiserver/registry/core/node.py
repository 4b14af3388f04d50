"""Node: a machine; its addresses, taints, and what it can give."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kubepy.api.core.v1 import Node, NodeStatus, Taint
from kubepy.apiserver.registry import network
from kubepy.apiserver.registry.strategy import Strategy, age
from kubepy.meta import names
from kubepy.meta.errors import FieldError, duplicate, forbidden, invalid, not_supported

EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


def default(node: Node) -> Node:
    """podCIDR and podCIDRs say the same; allocatable is the capacity unless it is told."""
    spec, status = node.spec, node.status
    if spec.podCIDR and spec.podCIDRs[:1] != (spec.podCIDR,):
        spec = replace(spec, podCIDRs=(spec.podCIDR,))
    elif spec.podCIDRs and not spec.podCIDR:
        spec = replace(spec, podCIDR=spec.podCIDRs[0])
    if status.capacity and not status.allocatable:
        status = replace(status, allocatable=dict(status.capacity))
    return replace(node, spec=spec, status=status)


def prepare_create(node: Node) -> Node:
    """A kubelet registers its node with its status."""
    return node


def prepare_status(new: Node, old: Node) -> Node:
    return replace(new, spec=old.spec)


def validate(node: Node) -> list[FieldError]:
    errors = _taint_errors(node.spec.taints)
    for index, cidr in enumerate(node.spec.podCIDRs):
        errors += network.cidr_errors(f"spec.podCIDRs[{index}]", cidr)
    families = [":" in cidr for cidr in node.spec.podCIDRs]
    if len(families) > 2 or len(families) == 2 and families[0] == families[1]:
        why = "may specify no more than one CIDR for each IP family"
        errors.append(invalid("spec.podCIDRs", node.spec.podCIDRs, why))
    return errors


def _taint_errors(taints: tuple[Taint, ...]) -> list[FieldError]:
    errors: list[FieldError] = []
    seen = set()
    for index, taint in enumerate(taints):
        path = f"metadata.taints[{index}]"
        errors += [invalid(f"{path}.key", taint.key, m) for m in names.label_key(taint.key)]
        messages = names.label_value(taint.value)
        errors += [invalid(f"{path}.value", taint.value, message) for message in messages]
        if taint.effect not in EFFECTS:
            errors.append(not_supported(f"{path}.effect", taint.effect, EFFECTS))
        if (taint.key, taint.effect) in seen:
            error = duplicate(path, taint)
            why = "taints must be unique by key and effect pair"
            errors.append(replace(error, detail=why))
        seen.add((taint.key, taint.effect))
    return errors


def validate_update(new: Node, old: Node) -> list[FieldError]:
    errors = []
    if old.spec.podCIDRs and new.spec.podCIDRs != old.spec.podCIDRs:
        why = 'node updates may not change podCIDR except from "" to valid'
        errors.append(forbidden("spec.podCIDRs", why))
    if old.spec.providerID and new.spec.providerID != old.spec.providerID:
        why = 'node updates may not change providerID except from "" to valid'
        errors.append(forbidden("spec.providerID", why))
    # Kubernetes' strategy asks the rules of a new node as well as those of an update.
    return _taint_errors(new.spec.taints) + errors + validate(new)


def validate_status(new: Node, old: Node) -> list[FieldError]:
    errors = []
    for name in ("capacity", "allocatable"):
        for key, amount in sorted(getattr(new.status, name).items()):
            if amount.exact() < 0:
                why = "must be greater than or equal to 0"
                errors.append(invalid(f"status.{name}.{key}", amount, why))
    addresses = new.status.addresses
    for index, address in enumerate(addresses):
        if address in addresses[:index]:
            errors.append(duplicate(f"status.addresses[{index}]", address))
    return errors


# ---- kubectl get


def row(node: Node, now: float) -> tuple[Any, ...]:
    info = node.status.nodeInfo
    return (
        node.metadata.name,
        _status(node),
        ",".join(_roles(node)) or "<none>",
        age(node.metadata.creationTimestamp, now),
        info.kubeletVersion,
        _address(node.status, "InternalIP"),
        _address(node.status, "ExternalIP"),
        info.osImage or "<unknown>",
        _kernel(node),
        info.containerRuntimeVersion or "<unknown>",
    )


def _kernel(node: Node) -> str:
    info = node.status.nodeInfo
    if not info.kernelVersion:
        return "<unknown>"
    return (
        f"{info.kernelVersion} ({info.architecture})" if info.architecture else info.kernelVersion
    )


def _status(node: Node) -> str:
    ready = [condition for condition in node.status.conditions if condition.type == "Ready"]
    words = ["Ready" if condition.status == "True" else "NotReady" for condition in ready]
    words = words or ["Unknown"]
    if node.spec.unschedulable:
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(node: Node) -> list[str]:
    roles = set()
    for key, value in node.metadata.labels.items():
        if key.startswith(_ROLE_PREFIX) and len(key) > len(_ROLE_PREFIX):
            roles.add(key.removeprefix(_ROLE_PREFIX))
        elif key == _ROLE_LABEL and value:
            roles.add(value)
    return sorted(roles)


def _address(status: NodeStatus, kind: str) -> str:
    return next((a.address for a in status.addresses if a.type == kind), "<none>")


def fields(node: Node) -> dict[str, str]:
    return {"spec.unschedulable": "true" if node.spec.unschedulable else "false"}


STRATEGY = Strategy(
    default=default,
    prepare_create=prepare_create,
    prepare_status=prepare_status,
    validate_create=validate,
    validate_update=validate_update,
    validate_status=validate_status,
    row=row,
    fields=fields,
)
