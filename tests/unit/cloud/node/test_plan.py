from __future__ import annotations

import pytest

from kubepy.api.core.v1 import Node, NodeAddress, NodeSpec, NodeStatus, Taint
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.cloud.node import plan
from kubepy.cloud.provider import Instance

NEW = Taint(key="node.cloudprovider.kubernetes.io/uninitialized", effect="NoSchedule", value="true")
OTHER = Taint(key="other", effect="NoExecute")


def addresses(*texts: str) -> tuple[NodeAddress, ...]:
    """`InternalIP=10.0.0.1`"""
    pairs = (text.split("=") for text in texts)
    return tuple(NodeAddress(type=kind, address=address) for kind, address in pairs)


def node(*taints: Taint, known: tuple[NodeAddress, ...] = (), **meta: dict[str, str]) -> Node:
    return Node(
        metadata=ObjectMeta(name="n1", **meta),
        spec=NodeSpec(taints=taints),
        status=NodeStatus(addresses=known),
    )


MACHINE = Instance(
    provider_id="cloud://m1", type="big", zone="z1", region="r1", labels={"rack": "7"}
)


def test_a_new_node_gets_identity_labels_and_loses_the_taint() -> None:
    done = plan.initialized(node(NEW, OTHER, labels={"mine": "kept"}), MACHINE)
    assert done.spec == NodeSpec(providerID="cloud://m1", taints=(OTHER,))
    assert done.metadata.labels == {
        "mine": "kept",
        "rack": "7",
        "node.kubernetes.io/instance-type": "big",
        "beta.kubernetes.io/instance-type": "big",
        "topology.kubernetes.io/zone": "z1",
        "failure-domain.beta.kubernetes.io/zone": "z1",
        "topology.kubernetes.io/region": "r1",
        "failure-domain.beta.kubernetes.io/region": "r1",
    }
    assert plan.is_new(node(NEW)) and not plan.is_new(done)


def test_an_identity_that_is_there_stays() -> None:
    given = Node(spec=NodeSpec(providerID="cloud://m0"))
    assert plan.initialized(given, MACHINE).spec.providerID == "cloud://m0"


def test_what_the_cloud_does_not_know_is_left_alone() -> None:
    zone = {"topology.kubernetes.io/zone": "mine"}
    bare = Instance(provider_id="cloud://m1")
    assert plan.initialized(node(labels=zone), bare).metadata.labels == zone


def test_old_names_follow_new_ones() -> None:
    moved = node(labels={"topology.kubernetes.io/zone": "z2"})
    labels = plan.relabelled(moved).metadata.labels
    assert labels["failure-domain.beta.kubernetes.io/zone"] == "z2"
    assert plan.relabelled(node(labels=labels)) == node(labels=labels)


@pytest.mark.parametrize(
    ("known", "given", "found", "wanted"),
    [
        pytest.param(
            (), "", ("InternalIP=10.0.0.1", "Hostname=n1"), ("InternalIP=10.0.0.1", "Hostname=n1"),
            id="as the cloud says",
        ),
        pytest.param(
            ("Hostname=n1",), "", ("InternalIP=10.0.0.1",), ("InternalIP=10.0.0.1", "Hostname=n1"),
            id="the kubelet's host name is kept",
        ),
        pytest.param(
            (), "10.0.0.2", ("InternalIP=10.0.0.1", "ExternalIP=1.2.3.4", "InternalIP=10.0.0.2"),
            ("InternalIP=10.0.0.2", "InternalIP=10.0.0.1", "ExternalIP=1.2.3.4"),
            id="the kubelet's choice comes first",
        ),
        pytest.param(
            (), "fd00::1,10.0.0.1", ("InternalIP=10.0.0.1", "InternalIP=fd00:0::1"),
            ("InternalIP=fd00:0::1", "InternalIP=10.0.0.1"),
            id="two families",
        ),
        pytest.param(("InternalIP=10.0.0.9",), "", (), ("InternalIP=10.0.0.9",), id="says nothing"),
    ],
)  # fmt: skip
def test_addresses(
    known: tuple[str, ...], given: str, found: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    annotations = {"alpha.kubernetes.io/provided-node-ip": given} if given else {}
    asked = node(known=addresses(*known), annotations=annotations)
    done = plan.addressed(asked, Instance(provider_id="x", addresses=addresses(*found)))
    assert done.status.addresses == addresses(*wanted)


def test_an_address_that_the_machine_does_not_have() -> None:
    asked = node(annotations={"alpha.kubernetes.io/provided-node-ip": "10.0.0.9"})
    with pytest.raises(plan.AddressError, match=r"10\.0\.0\.9"):
        plan.addressed(asked, Instance(provider_id="x", addresses=addresses("InternalIP=10.0.0.1")))
