from pathlib import Path

import pytest

from kubepy.cluster import machine


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1\n", (1, 6, 20)),
        ("containerd containerd.io 1.7.24 88bf19b2105c8b17560993bee28a01ddc2f97182", (1, 7, 24)),
        ("containerd github.com/containerd/containerd/v2 v2.1.9 abc", (2, 1, 9)),
        ("nothing", (0, 0, 0)),
    ],
)
def test_containerd_version(text, version):
    assert machine.containerd_version(text) == version


def test_capabilities():
    status = "Name:\tx\nCapEff:\t000001fffeffffff\n"
    assert not machine.has_capability(status, machine.CAP_SYS_RESOURCE)
    assert machine.has_capability(status, 21)
    assert machine.has_capability("CapEff:\t000001ffffffffff\n", machine.CAP_SYS_RESOURCE)


MOUNTS = (
    "1 0 8:1 / / rw - overlay overlay rw\n"
    "2 1 8:2 / /var/lib rw - ext4 /dev/sdb rw\n"
    "3 1 8:3 / /var/library rw - xfs /dev/sdc rw\n"
)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/tmp", "overlay"), ("/var/lib/kubepy", "ext4"), ("/var/lib", "ext4"),
     ("/var/library/x", "xfs"), ("/var", "overlay")],
)  # fmt: skip
def test_the_file_system_of_a_folder(folder, kind):
    assert machine.filesystem_of(MOUNTS, Path(folder)) == kind


def test_overlays_do_not_stack():
    assert machine.can_overlay("nodev\toverlay\n", MOUNTS, Path("/var/lib/kubepy"))
    assert not machine.can_overlay("nodev\toverlay\n", MOUNTS, Path("/tmp"))
    assert not machine.can_overlay("\text4\n", MOUNTS, Path("/var/lib/kubepy"))


def test_what_is_missing_comes_with_its_packages(monkeypatch):
    monkeypatch.setattr(machine, "which", lambda name: "")
    monkeypatch.setattr(machine, "CNI_FOLDERS", ())
    with pytest.raises(machine.Missing) as caught:
        machine.look(Path("/var/lib/kubepy"))
    message = str(caught.value)
    assert "CNI plugin bridge" in message and "\n" not in message
    assert message.endswith(
        "apt-get install containerd containernetworking-plugins iproute2 iptables nftables runc "
        "util-linux"
    )
