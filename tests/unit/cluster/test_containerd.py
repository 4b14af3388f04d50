"""containerd's configuration, read as containerd reads it."""

import json
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace

from kubepy.cluster import containerd
from kubepy.cluster.containerd import ContainerdError, Mirror, Settings

SETTINGS = Settings(
    version=(1, 6, 20), data=Path("/d"), run=Path("/run/k"), socket=Path("/run/k/c.sock"),
    cni_plugins="/cni", cni_config=Path("/d/cni"), registries=Path("/d/certs.d"), shim="/shim",
    runtime="/usr/sbin/runc", snapshotter="overlayfs", apparmor=False, full_capabilities=False,
)  # fmt: skip


def config(**changes):
    return tomllib.loads(containerd.config(replace(SETTINGS, **changes)))


def test_version_1_reads_configuration_version_2():
    read = config()
    cri = read["plugins"]["io.containerd.grpc.v1.cri"]
    assert read["version"] == 2 and read["root"] == "/d/root"
    assert cri["sandbox_image"] == "registry.k8s.io/pause:3.10"
    assert cri["containerd"]["runtimes"]["runc"]["options"]["BinaryName"] == "/usr/sbin/runc"
    assert cri["cni"] == {"bin_dir": "/cni", "conf_dir": "/d/cni"}
    assert cri["registry"]["config_path"] == "/d/certs.d"


def test_version_2_reads_configuration_version_3():
    read = config(version=(2, 1, 9))
    plugins = read["plugins"]
    runtime = plugins["io.containerd.cri.v1.runtime"]
    assert read["version"] == 3
    assert plugins["io.containerd.cri.v1.images"]["pinned_images"] == {
        "sandbox": "registry.k8s.io/pause:3.10"
    }
    assert runtime["cni"]["bin_dirs"] == ["/cni"]
    assert runtime["containerd"]["runtimes"]["runc"]["runtime_path"] == "/shim"
    assert plugins["io.containerd.grpc.v1.cri"]["stream_server_address"] == "127.0.0.1"


@pytest.mark.parametrize("version", [(1, 7, 24), (2, 1, 9)])
def test_what_the_machine_cannot_do_is_not_asked_for(version):
    def cri(read):
        plugins = read["plugins"]
        return plugins.get("io.containerd.cri.v1.runtime") or plugins["io.containerd.grpc.v1.cri"]

    poor = cri(config(version=version))
    rich = cri(config(version=version, apparmor=True, full_capabilities=True))
    assert poor["restrict_oom_score_adj"] and poor["disable_apparmor"]
    assert not rich["restrict_oom_score_adj"] and not rich["disable_apparmor"]


@pytest.mark.parametrize(
    ("text", "mirror"),
    [
        ("http://127.0.0.1:5000", Mirror("_default", "http://127.0.0.1:5000")),
        ("docker.io=https://m.example/", Mirror("docker.io", "https://m.example")),
    ],
)
def test_mirrors(text, mirror):
    assert containerd.mirror(text) == mirror


@pytest.mark.parametrize("text", ["x", "=http://a", "docker.io=ftp://a", "http://", "http://a:x"])
def test_what_is_no_mirror_is_refused(text):
    with pytest.raises(ContainerdError, match="is no registry mirror"):
        containerd.mirror(text)


def test_a_mirror_on_loopback_has_another_name_inside_a_node():
    local = Mirror("_default", "http://localhost:5000")
    inside = tomllib.loads(containerd.hosts(local, inside=True))
    outside = tomllib.loads(containerd.hosts(local, inside=False))
    assert list(inside["host"]) == ["http://host.kubepy.internal:5000"]
    assert list(outside["host"]) == ["http://localhost:5000"]
    remote = Mirror("_default", "https://m.example")
    assert list(tomllib.loads(containerd.hosts(remote, inside=True))["host"]) == [remote.url]


def test_only_mirrors_on_loopback_open_a_port():
    texts = ("http://127.0.0.1:5000", "https://m.example:7", "http://localhost", "http://[::1]:8")
    assert containerd.loopback_ports(map(containerd.mirror, texts)) == (5000, 80, 8)


def test_the_pod_network_is_a_bridge_with_host_ports():
    network = json.loads(containerd.bridge_conflist("cni0", Path("/d/ipam"), "10.244.0.0/24"))
    bridge, portmap = network["plugins"]
    assert bridge["ipam"]["ranges"] == [[{"subnet": "10.244.0.0/24"}]]
    assert bridge["hairpinMode"] and portmap["capabilities"] == {"portMappings": True}
