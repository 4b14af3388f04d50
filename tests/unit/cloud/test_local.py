from __future__ import annotations

import pytest

from kubepy.api.core.v1 import Node, NodeAddress, NodeSpec, NodeStatus, NodeSystemInfo
from kubepy.api.meta.v1 import ObjectMeta
from kubepy.cloud.local import LocalInstances, Machine, label_value, read_machine
from kubepy.cloud.provider import UnknownInstance

MACHINE = Machine(id="m1", host="Box", boot="b1", product="Best PC (2)", addresses=("192.0.2.1",))
HERE = "local://m1/n1"


def node(
    name: str = "n1", machine: str = "", provider: str = "", *known: NodeAddress, boot: str = ""
) -> Node:
    return Node(
        metadata=ObjectMeta(name=name),
        spec=NodeSpec(providerID=provider),
        status=NodeStatus(nodeInfo=NodeSystemInfo(machineID=machine, bootID=boot), addresses=known),
    )


@pytest.mark.parametrize(
    ("asked", "is_ours"),
    [
        pytest.param(node(machine="m1"), True, id="its kubelet reports our id"),
        pytest.param(node(machine="m2"), False, id="another machine's id"),
        pytest.param(node(machine="m2", provider=HERE), True, id="known already"),
        pytest.param(node(provider="gce://x"), False, id="another cloud's"),
        pytest.param(node(boot="b1"), True, id="no id, our boot"),
        pytest.param(node("box", boot="b2"), False, id="no id, another boot"),
        pytest.param(node(machine="m2", boot="b1"), False, id="another id, whatever its boot"),
        pytest.param(node("box"), True, id="bears our name, and says nothing else"),
        pytest.param(node("n1"), False, id="says nothing"),
    ],
)
async def test_whose_node_it_is(asked: Node, is_ours: bool) -> None:
    instances = LocalInstances(MACHINE)
    for ask in (instances.exists, instances.is_shut_down, instances.describe):
        if is_ours:
            await ask(asked)
        else:
            with pytest.raises(UnknownInstance):
                await ask(asked)


async def test_what_it_says_of_a_node() -> None:
    internal = NodeAddress(type="InternalIP", address="10.0.0.1")
    found = await LocalInstances(MACHINE).describe(node("n1", "m1", "", internal))
    assert found.provider_id == HERE
    assert (found.type, found.zone, found.region) == ("Best-PC-2", "Box", "local")
    assert found.addresses == (internal,)
    assert found.labels == {"kubepy.io/machine-id": "m1"}


async def test_addresses_of_the_machine_for_a_node_of_its_name() -> None:
    found = await LocalInstances(MACHINE).describe(node("box", "m1"))
    assert [(one.type, one.address) for one in found.addresses] == [
        ("InternalIP", "192.0.2.1"),
        ("Hostname", "box"),
    ]
    assert (await LocalInstances(MACHINE).describe(node("n1", "m1"))).addresses == ()


def test_this_machine_can_be_read() -> None:
    machine = read_machine()
    assert machine.id and machine.host


@pytest.mark.parametrize(
    ("text", "value"), [("a b/c", "a-b-c"), ("-x-", "x"), ("y" * 99, "y" * 63), ("", "")]
)
def test_label_value(text: str, value: str) -> None:
    assert label_value(text) == value
