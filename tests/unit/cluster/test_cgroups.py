"""What mountinfo says of cgroups, and groups made in folders that look like it."""

import subprocess
from pathlib import Path

import pytest

from kubepy.cluster import cgroups
from kubepy.cluster.cgroups import Hierarchy

V2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = (
    "30 23 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro,mode=755\n"
    "31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate\n"
    "32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd\n"
    "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "34 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
    "35 30 0:31 / /elsewhere rw - cgroup cgroup rw,memory\n"
)


def test_version_2_alone():
    every = cgroups.hierarchies(V2)
    assert every == (Hierarchy(Path("/sys/fs/cgroup"), 2),)
    assert cgroups.is_unified(every)


def test_version_1_with_2_beside_it():
    every = cgroups.hierarchies(V1)
    assert {(h.point.name, h.version, h.options) for h in every} == {
        ("unified", 2, ""),
        ("systemd", 1, "none,name=systemd"),
        ("cpu,cpuacct", 1, "cpu,cpuacct"),
        ("memory", 1, "memory"),
    }
    assert not cgroups.is_unified(every)


@pytest.fixture
def unified(tmp_path):
    """A folder with the files of a v2 root; the kernel would make those of its children."""
    (tmp_path / "cgroup.controllers").write_text("cpu memory\n")
    (tmp_path / "cgroup.subtree_control").touch()
    return (Hierarchy(tmp_path, 2),)


def test_a_v2_group_hands_down_once_it_is_settled(unified, tmp_path):
    cgroups.make("kubepy-a", unified)
    group = tmp_path / "kubepy-a"
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+memory"  # the last one written
    (group / "cgroup.controllers").write_text("cpu\n")
    (group / "cgroup.subtree_control").touch()
    (group / "cgroup.procs").write_text("17\n")
    cgroups.settle("kubepy-a", unified)
    assert (group / "init" / "cgroup.procs").read_text() == "17"
    assert (group / "cgroup.subtree_control").read_text() == "+cpu"


def test_who_joins_a_v2_group_goes_to_its_leaf_but_for_its_founder(unified, tmp_path):
    cgroups.make("g", unified)
    leaf = tmp_path / "g" / "init"
    leaf.mkdir()
    for folder in (leaf, leaf.parent):
        (folder / "cgroup.procs").touch()
    subprocess.run([*cgroups.joining("g", unified), "true"], check=True)
    assert (leaf / "cgroup.procs").read_text() == "0\n"
    subprocess.run([*cgroups.joining("g", unified, founding=True), "true"], check=True)
    assert (leaf.parent / "cgroup.procs").read_text() == "0\n"


def test_who_cannot_join_does_not_run(unified, tmp_path):
    command = [*cgroups.joining("absent", unified), "touch", str(tmp_path / "ran")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 125 and "absent/init/cgroup.procs" in done.stderr
    assert not (tmp_path / "ran").exists()


def test_a_new_cpuset_gets_its_parents_processors(tmp_path):
    for file, text in (("cpuset.cpus", "0-3\n"), ("cpuset.mems", "0\n")):
        (tmp_path / file).write_text(text)
    cgroups.make("g", (Hierarchy(tmp_path, 1, "cpuset"),))
    assert (tmp_path / "g" / "cpuset.cpus").read_text() == "0-3\n"


def test_members_are_found_at_any_depth(tmp_path):
    deep = tmp_path / "g" / "kubepods" / "pod1"
    deep.mkdir(parents=True)
    (deep / "cgroup.procs").write_text("5\n6\n")
    (tmp_path / "g" / "cgroup.procs").write_text("4\n")
    assert cgroups.members("g", (Hierarchy(tmp_path, 1, "cpu"),)) == {4, 5, 6}
    assert cgroups.members("other", (Hierarchy(tmp_path, 1, "cpu"),)) == set()


def test_removal_goes_from_the_leaves_up(tmp_path):
    (tmp_path / "g" / "a" / "b").mkdir(parents=True)
    assert cgroups.remove("g", (Hierarchy(tmp_path, 1, "cpu"),)) == []
    assert not (tmp_path / "g").exists()
