"""What a node should say of the machine it is: pure.

A kubelet that is told `--cloud-provider=external` starts its node with the taint
`node.cloudprovider.kubernetes.io/uninitialized`, so that nothing is scheduled there before the
node has its addresses and its place. Both are the cloud's to say.
"""

from __future__ import annotations

import ipaddress

from msgspec.structs import replace

from kubepy.api.core.v1 import Node, NodeAddress
from kubepy.cloud.provider import Instance

UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized"
PROVIDED_NODE_IP = "alpha.kubernetes.io/provided-node-ip"  # an annotation: the kubelet's --node-ip
TYPE_LABELS = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
ZONE_LABELS = ("topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone")
REGION_LABELS = ("topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region")
# Old names that follow the new ones, where a node has the new one.
OLD_NAMES = dict((TYPE_LABELS, ZONE_LABELS, REGION_LABELS))


class AddressError(ValueError):
    """The kubelet was given an address that the machine does not have."""


def is_new(node: Node) -> bool:
    """Whether it still waits for the cloud."""
    return any(taint.key == UNINITIALIZED for taint in node.spec.taints)


def initialized(node: Node, instance: Instance) -> Node:
    """The node with its machine's identity and labels, open for pods."""
    labels = {**node.metadata.labels, **instance.labels}
    for names, value in (
        (TYPE_LABELS, instance.type),
        (ZONE_LABELS, instance.zone),
        (REGION_LABELS, instance.region),
    ):
        if value:
            labels |= dict.fromkeys(names, value)
    taints = tuple(taint for taint in node.spec.taints if taint.key != UNINITIALIZED)
    provider_id = node.spec.providerID or instance.provider_id
    return replace(
        node,
        metadata=replace(node.metadata, labels=labels),
        spec=replace(node.spec, providerID=provider_id, taints=taints),
    )


def relabelled(node: Node) -> Node:
    """The node with the old names of its labels saying what the new ones say."""
    labels = node.metadata.labels
    wanted = {old: labels[new] for new, old in OLD_NAMES.items() if new in labels}
    if wanted.items() <= labels.items():
        return node
    return replace(node, metadata=replace(node.metadata, labels={**labels, **wanted}))


def addressed(node: Node, instance: Instance) -> Node:
    """The node with its machine's addresses. Raises AddressError.

    Those that the kubelet was given (--node-ip) come first of their type. A host name that only
    the kubelet knows is kept.
    """
    found = instance.addresses
    if not found:
        return node
    if not any(one.type == "Hostname" for one in found):
        found += tuple(one for one in node.status.addresses if one.type == "Hostname")
    if given := node.metadata.annotations.get(PROVIDED_NODE_IP):
        found = _preferred(found, [part.strip() for part in given.split(",")])
    if found == node.status.addresses:
        return node
    return replace(node, status=replace(node.status, addresses=found))


def _preferred(addresses: tuple[NodeAddress, ...], given: list[str]) -> tuple[NodeAddress, ...]:
    first: list[NodeAddress] = []
    for text in given:
        matching = [one for one in addresses if _same(one.address, text)]
        if not matching:
            raise AddressError(
                f"failed to get node address from cloud provider that matches ip: {text}"
            )
        first += matching
    types = {one.type for one in first}
    rest = [one for one in addresses if one not in first]
    same_type = [one for one in rest if one.type in types]
    return (*first, *same_type, *(one for one in rest if one.type not in types))


def _same(left: str, right: str) -> bool:
    try:
        return ipaddress.ip_address(left) == ipaddress.ip_address(right)
    except ValueError:
        return False
