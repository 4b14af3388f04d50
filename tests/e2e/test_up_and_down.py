"""`kubepy up` and `down`, with crashes at bad moments: what comes up, and what is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from kubectl import Kubectl
from local_cluster import ROOT, Cluster

from kubepy.cluster.fabric import Fabric
from kubepy.cluster.layout import RUN

pytestmark = pytest.mark.e2e


@pytest.fixture
def own(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A name for a cluster of this test's own; whatever it leaves is taken down."""
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    cluster = Cluster(f"e2e-{abs(hash(request.node.name)) % 10**6}", tmp_path / "config")
    yield cluster
    cluster.kubepy("down")


def up(cluster: Cluster, *options: str) -> str:
    result = cluster.kubepy("up", *options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def traces(cluster: Cluster, slot: int) -> list[str]:
    """What there is of a cluster on this machine, of every kind of thing that it makes."""
    name, link = cluster.name, Fabric(slot).link
    found = [str(path) for path in (cluster.layout.root, RUN / name) if path.exists()]
    # not by glob: other clusters' groups come and go, which is an error to it
    for folder, groups, _ in os.walk("/sys/fs/cgroup"):
        found += [f"{folder}/{group}" for group in groups if group.startswith(f"kubepy-{name}")]
    found += [r for r in Fabric(slot).routes(host=False) if r in output("ip", "route")]
    found += [entry["ifname"] for entry in json.loads(output("ip", "-json", "link"))
              if entry["ifname"].startswith(link)]  # fmt: skip
    found += [m for m in Path("/proc/mounts").read_text().splitlines() if f"/{name}/" in m]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = process.read_bytes().decode().split("\0")
        except OSError:
            continue
        if any(f"kubepy/{name}/" in word or word == name for word in words):
            found.append(" ".join(words))
    if cluster.kubeconfig.exists() and name in cluster.kubeconfig.read_text():
        found.append(str(cluster.kubeconfig))
    return found


def kill(cluster: Cluster, *names: str) -> None:
    for name in names:
        os.kill(cluster.state["processes"][name]["pid"], signal.SIGKILL)


def test_nothing_is_left_after_down(own: Cluster) -> None:
    own.kubeconfig.write_text(yaml.safe_dump({"clusters": [{"name": "other", "cluster": {}}]}))
    up(own)
    slot = own.state["slot"]
    kubectl = Kubectl(own.kubeconfig)
    kubectl(
        "run", "a", "--image=busybox", "--image-pull-policy=IfNotPresent", "--", "sleep", "1000"
    )
    kubectl("wait", "--for=condition=Ready", "pod/a", "--timeout=60s")
    assert len(traces(own, slot)) > 5

    down = own.kubepy("down")

    assert down.returncode == 0, down.stderr
    assert traces(own, slot) == []
    assert [c["name"] for c in yaml.safe_load(own.kubeconfig.read_text())["clusters"]] == ["other"]
    assert own.kubepy("down").stdout == f"There is no cluster '{own.name}'.\n"


def test_started_twice_it_says_so(own: Cluster) -> None:
    up(own)
    before = own.state
    assert "is running already" in up(own)
    assert own.state == before


def test_two_side_by_side(own: Cluster, cluster: Cluster) -> None:
    up(own)
    mine, other = own.state, cluster.state
    assert mine["slot"] != other["slot"]
    assert not set(mine["ports"].values()) & set(other["ports"].values())
    Kubectl(own.kubeconfig)("create", "configmap", "here")
    missing = Kubectl(cluster.kubeconfig).run("get", "configmap", "here")
    assert "NotFound" in missing.stderr

    assert own.kubepy("down").returncode == 0
    assert cluster.kubepy("status").returncode == 0
    assert Fabric(other["slot"]).routes(host=False)[0] in output("ip", "route")


def test_what_was_killed_leaves_nothing(own: Cluster) -> None:
    up(own)
    slot = own.state["slot"]
    kill(own, "holder", "control-plane")
    assert own.kubepy("status").returncode == 1
    assert own.kubepy("down").returncode == 0
    assert traces(own, slot) == []


def test_what_was_stopped_leaves_nothing(own: Cluster) -> None:
    up(own)
    slot = own.state["slot"]
    for name in ("node", "containerd", "control-plane"):
        os.kill(own.state["processes"][name]["pid"], signal.SIGSTOP)
    assert own.kubepy("down").returncode == 0
    assert traces(own, slot) == []


@pytest.mark.parametrize("moment", ["holder", "containerd", "node"])
def test_an_up_that_was_killed_leaves_nothing(own: Cluster, moment: str) -> None:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cmd" / "kubepy"), "up", "--name", own.name],
        stdout=subprocess.DEVNULL,
        env=os.environ | {"KUBECONFIG": str(own.kubeconfig), "PYTHONPATH": str(ROOT)},
    )
    log = own.layout.logs / f"{moment}.log"
    while not log.exists() and process.poll() is None:  # made right before the process starts
        time.sleep(0.001)
    process.kill()
    process.wait()
    slot = own.state["slot"]
    assert own.kubepy("down").returncode == 0
    assert traces(own, slot) == []


def test_after_a_reboot_it_comes_up_with_what_it_held(own: Cluster) -> None:
    up(own)
    Kubectl(own.kubeconfig)("create", "configmap", "kept", "--from-literal=a=b")
    ports, slot = own.state["ports"], own.state["slot"]
    kill(own, "holder", "control-plane")
    subprocess.run(["ip", "link", "del", Fabric(slot).link], check=True)
    state = own.state
    for each in state["processes"].values():  # PIDs of another boot are somebody else's now
        each |= {"pid": os.getpid(), "boot": "the one before"}
    own.layout.state.write_text(json.dumps(state))

    up(own)

    assert own.state["ports"] == ports
    kept = Kubectl(own.kubeconfig).get("configmap", "kept")
    assert kept["data"] == {"a": "b"}


def test_the_apiserver_finds_a_node_that_was_made_anew(own: Cluster) -> None:
    rules = output("ip", "rule")
    up(own)
    healthy = f"/api/v1/nodes/{own.layout.node_name}/proxy/healthz"
    kubectl = Kubectl(own.kubeconfig)
    assert kubectl("get", "--raw", healthy) == "ok"
    kill(own, "holder")

    up(own)

    assert kubectl("get", "--raw", healthy) == "ok"
    assert output("ip", "rule") == rules


def test_its_kubeconfig_alone_is_enough(cluster: Cluster, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    alone.write_text(cluster.kubepy("kubeconfig").stdout)
    nodes = Kubectl(alone)("get", "nodes", "-o", "name")
    assert nodes.strip() == f"node/{cluster.layout.node_name}"


def test_the_services_addresses_end_at_the_machine(cluster: Cluster) -> None:
    for address in ("10.96.0.1", "10.244.0.5"):
        asked = subprocess.run(["ip", "route", "get", address], capture_output=True, text=True)
        assert asked.returncode != 0, asked.stdout


def test_a_pod_reaches_the_apiserver_by_the_kubernetes_service(cluster: Cluster) -> None:
    fetch = (
        "import http.client, ssl; c = http.client.HTTPSConnection('10.96.0.1', "
        f"context=ssl.create_default_context(cafile='{cluster.layout.pki / 'ca.crt'}')); "
        "c.request('GET', '/version'); print(c.getresponse().read().decode())"
    )
    asked = cluster.in_node(sys.executable, "-c", fetch)
    assert json.loads(asked.stdout)["minor"] == "36", asked.stderr


def test_images_are_loaded_from_files(own: Cluster, cluster: Cluster, tmp_path: Path) -> None:
    from kubepy.cluster.images import oci
    from kubepy.cluster.images.oci import Entry, Image

    archive = tmp_path / "app.tar"
    image = Image(("example.com/app:v1",), (Entry("etc/motd", b"hello\n"),), command=("/x",))
    archive.write_bytes(oci.archive(image, oci.architecture()))
    loaded = cluster.kubepy("image", "load", str(archive))
    assert "example.com/app:v1" in loaded.stdout, loaded.stderr
    missing = cluster.kubepy("image", "load", str(tmp_path / "none.tar"))
    assert (missing.returncode, missing.stderr) == (
        1, f"kubepy: error: {tmp_path / 'none.tar'}: there is no such file\n",
    )  # fmt: skip
