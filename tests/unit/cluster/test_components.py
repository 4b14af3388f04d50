"""Every command line that a local cluster uses is one that the binaries take."""

import re
import time

import pytest

from kubepy.apiserver.config import PROGRAM as APISERVER
from kubepy.base import tls
from kubepy.base.files import write_file
from kubepy.cluster import components, pki
from kubepy.cluster.layout import BadName, Layout, checked_name
from kubepy.cluster.state import State
from kubepy.controllers.config import PROGRAM as CONTROLLERS
from kubepy.kubelet.config import PROGRAM as KUBELET
from kubepy.proxy.config import PROGRAM as PROXY
from kubepy.scheduler.config import PROGRAM as SCHEDULER

NOW = time.time()


@pytest.fixture(params=[False, True], ids=["namespaces", "host"])
def place(request, tmp_path):
    layout = Layout("c1", tmp_path)
    found = State(name="c1", slot=4, host=request.param, address="192.0.2.2", cgroup="kubepy-c1")
    place = components.place(layout, found)
    pki.ensure(layout.pki, pki.leaves(layout.node_name, place.node_address, (place.address,)),
               now=NOW)  # fmt: skip
    for name, content in components.files(place).items():
        write_file(layout.root / name, content)
    return place


@pytest.mark.parametrize(
    ("program", "flags"),
    [
        pytest.param(APISERVER, components.apiserver, id="kube-apiserver"),
        pytest.param(CONTROLLERS, components.controller_manager, id="kube-controller-manager"),
        pytest.param(SCHEDULER, components.scheduler, id="kube-scheduler"),
        pytest.param(KUBELET, components.kubelet, id="kubelet"),
        pytest.param(PROXY, components.kube_proxy, id="kube-proxy"),
    ],
)
def test_flags_are_understood_without_a_warning(place, program, flags):
    assert program.parse(flags(place)).warnings == ()


def test_the_apiserver_is_on_loopback_and_where_nodes_reach_it(place):
    config = APISERVER.parse(components.apiserver(place)).config
    assert config.bind_addresses == (place.address, "127.0.0.1")
    assert config.advertise_address == place.address != "127.0.0.1"


def test_the_apiserver_reaches_pods_from_inside_the_node(place):
    config = APISERVER.parse(components.apiserver(place)).config
    node = "" if place.state.host else str(place.layout.node_network)
    assert config.backend_network_namespace == node


def test_pods_have_a_cgroup_of_the_clusters_own(place):
    config = KUBELET.parse(components.kubelet(place)).config
    assert config.file.cgroupRoot == ("/kubepy-c1" if place.state.host else "/")


def test_a_cluster_keeps_its_authorities(place):
    layout = place.layout
    leaves = pki.leaves(layout.node_name, place.node_address, (place.address,))
    assert pki.ensure(layout.pki, leaves, now=NOW) == []
    moved = pki.leaves(layout.node_name, place.node_address, ("10.9.9.9",))
    assert pki.ensure(layout.pki, moved, now=NOW) == ["apiserver"]
    (layout.pki / "scheduler.key").unlink()
    assert pki.ensure(layout.pki, moved, now=NOW) == ["scheduler"]
    soon = NOW + 340 * 24 * 3600
    made = pki.ensure(layout.pki, moved, now=soon)
    assert "apiserver" in made and "ca" not in made and "sa" not in made


def test_a_kubeconfig_speaks_for_its_subject(place, tmp_path):
    layout = place.layout
    subject = next(s for s in pki.subjects("n1") if s.file == "kubelet")
    path = layout.kubeconfig("kubelet")
    authority = pki.authority(layout.pki)
    server = components.server_url(place, place.address)
    pki.write_kubeconfig(path, subject, authority, "c1", server, now=NOW)
    access = pki.load(path)
    assert access.server == f"https://{place.address}:6443"
    assert tls.is_issued_by(access.certificate, authority.certificate)
    assert access.user == "system:node:n1" and path.stat().st_mode & 0o777 == 0o600
    assert not pki.ends_soon(path, NOW) and pki.ends_soon(path, NOW + 340 * 24 * 3600)


@pytest.mark.parametrize("name", ["kubepy", "a", "a-1", "9"])
def test_names(name):
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", "a.b", "../x", "a" * 31, "a\n"])
def test_names_that_no_cluster_can_have(name):
    with pytest.raises(BadName, match=re.escape(repr(name))):
        checked_name(name)
