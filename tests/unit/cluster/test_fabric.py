import socket

import pytest

from kubepy.cluster import fabric
from kubepy.cluster.fabric import Fabric, NoRoom
from kubepy.cluster.state import Ports


@pytest.mark.parametrize(
    ("taken", "routes", "slot"),
    [
        pytest.param([], [], 0, id="nothing in the way"),
        pytest.param([0, 1], [], 2, id="other clusters"),
        pytest.param([], ["default", "172.30.0.0/24", "10.0.0.0/8"], 1, id="somebody's network"),
        pytest.param([1], ["172.30.0.0/30", "172.30.2.7"], 3, id="both"),
    ],
)
def test_the_first_free_slot(taken, routes, slot):
    assert fabric.choose_slot(taken, routes) == slot


def test_no_slot_is_left():
    with pytest.raises(NoRoom, match=r"172\.30\.0\.0/16"):
        fabric.choose_slot([], ["172.16.0.0/12"])


def test_ports_of_a_slot_that_others_have_are_passed_over():
    first = fabric.choose_ports(150, [])
    assert first.https == Ports().https + 1500
    second = fabric.choose_ports(150, [first.grpc])
    assert not {second.https, second.grpc, second.egress} & {first.grpc}


def test_a_wanted_port_that_is_in_use_is_named():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(NoRoom, match=f"port {port} is in use"):
            fabric.choose_ports(0, [], port)


def test_slots_share_nothing():
    one, two = Fabric(1), Fabric(2)
    for name in ("link", "port", "subnet", "gateway", "node"):
        assert getattr(one, name) != getattr(two, name)
    assert not set(one.routes(host=False)) & set(two.routes(host=False))
    assert len(Fabric(199).port) < 16  # the kernel's limit


def test_service_and_pod_addresses_lead_nowhere_on_the_machine():
    assert Fabric(3).routes(host=False) == (
        "unreachable 10.96.0.0/16 metric 30003",
        "unreachable 10.244.0.0/16 metric 30003",
    )
    assert Fabric(3).routes(host=True)[0] == "10.96.0.0/16 dev kubepy3 metric 30003"


PORTMAP = [line.split() for line in (
    "-P PREROUTING ACCEPT",
    "-N CNI-HOSTPORT-DNAT",
    "-N CNI-HOSTPORT-MASQ",
    "-N DOCKER",
    "-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
    "-A PREROUTING -j DOCKER",
    "-A POSTROUTING -j CNI-HOSTPORT-MASQ",
    "-A CNI-HOSTPORT-MASQ -j MASQUERADE",
)]  # fmt: skip


def test_host_port_chains_that_nobody_uses_are_taken_out():
    assert [" ".join(command) for command in fabric.removal(PORTMAP)] == [
        "-D PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT",
        "-D POSTROUTING -j CNI-HOSTPORT-MASQ",
        "-F CNI-HOSTPORT-DNAT",
        "-F CNI-HOSTPORT-MASQ",
        "-X CNI-HOSTPORT-DNAT",
        "-X CNI-HOSTPORT-MASQ",
    ]


def test_somebodys_host_ports_stay():
    theirs = ["-A", "CNI-HOSTPORT-DNAT", "-p", "tcp", "-j", "CNI-DN-1234"]
    assert fabric.removal([*PORTMAP, theirs]) == []
    assert fabric.removal([["-P", "PREROUTING", "ACCEPT"]]) == []
