"""`kubepy up --host`: the node in the machine's own namespaces, on a machine made of namespaces."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubectl import wait_for
from local_cluster import FETCH, ROOT

from kubepy.cluster import cgroups, machine, namespaces, processes
from kubepy.cluster.containerd import Settings, bridge_conflist, config
from kubepy.cluster.holder import Plan
from kubepy.cluster.images import oci, pause
from kubepy.cluster.layout import Layout
from kubepy.cluster.namespaces import Inside

pytestmark = pytest.mark.e2e

GROUP = "kubepy-e2e.machine"
NAME = "e2e-host"
ADDRESS = "192.0.2.9"  # of no real machine (RFC 5737)
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "containers": [
            {
                "name": "c",
                "image": "busybox",
                "imagePullPolicy": "IfNotPresent",
                "command": ["sh", "-c", "hostname > /index.html; exec httpd -f -p 8080 -h /"],
                "ports": [{"containerPort": 8080, "hostPort": 8085}],
            }
        ]
    },
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
}


class Machine:
    """Namespaces that look like a whole machine to whoever runs in them."""

    def __init__(self, inside: Inside, home: Path) -> None:
        self.inside = inside
        self.home = home

    def run(self, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        join = cgroups.joining(self.inside.cgroup, cgroups.here())
        return subprocess.run(
            [*join, *self.inside.command(command)],
            input=text, capture_output=True, text=True, timeout=120,
            env=os.environ | {"HOME": str(self.home), "PYTHONPATH": str(ROOT), "KUBECONFIG": ""},
        )  # fmt: skip

    def output(self, *command: str, text: str = "") -> str:
        done = self.run(*command, text=text)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def kubepy(self, *arguments: str) -> str:
        command = (sys.executable, str(ROOT / "cmd" / "kubepy"), *arguments, "--name", NAME)
        return self.output(*command)

    def traces(self) -> dict[str, str]:
        """What a cluster could change on the machine."""
        return {
            "links": self.output("ip", "-brief", "link"),
            "routes": self.output("ip", "route"),
            "mounts": self.output("cat", "/proc/mounts"),
            # iptables leaves its empty base chains; nothing refers to a cluster in them
            "jumps": "".join(
                line for line in self.output("nft", "list", "ruleset").splitlines()
                if "jump" in line or "kubepy" in line
            ),
            "cgroups": "\n".join(
                sorted(map(str, Path("/sys/fs/cgroup").glob(f"*/{GROUP}/kubepy*")))
            ),
            "files": str(Layout(NAME).root.exists()),
        }  # fmt: skip


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Machine]:
    if os.geteuid() != 0:
        pytest.skip("a node needs root")
    tools = machine.look(tmp_path)
    program = tmp_path / "pause"
    program.write_bytes(pause.executable(oci.architecture()))
    program.chmod(0o755)
    plan = Plan("e2e-machine", "/run/e2e", str(program), tools.ip, -1)
    holder = namespaces.start(plan, tools, GROUP, tmp_path / "holder.log")
    inside = Inside(holder, tools, GROUP)
    try:
        inside.run(
            [tools.ip, "-batch", "-"],
            f"link add eth0 type bridge\naddr add {ADDRESS}/24 dev eth0\nlink set eth0 up\n"
            "route add default via 192.0.2.1\n",
        )
        yield Machine(inside, tmp_path)
    finally:
        processes.stop(holder, grace=0)
        every = cgroups.here()
        cgroups.kill(GROUP, every)
        assert cgroups.remove(GROUP, every) == []
        shutil.rmtree(Layout(NAME).root, ignore_errors=True)


def serve(host: Machine) -> None:
    """A pod that answers at its service's address and at a port of the machine."""
    objects = {"apiVersion": "v1", "kind": "List", "items": [POD, SERVICE]}
    host.output("kubectl", "apply", "-f", "-", text=json.dumps(objects))
    host.output("kubectl", "wait", "--for=condition=Ready", "pod/web", "--timeout=60s")
    service = json.loads(host.output("kubectl", "get", "service", "web", "-o", "json"))
    address = service["spec"]["clusterIP"]
    for url in (f"http://{address}/", f"http://{ADDRESS}:8085/"):
        wait_for(lambda: host.run(sys.executable, "-c", FETCH, url).stdout.strip() == "web", url)  # noqa: B023


def test_it_serves_and_leaves_nothing(host: Machine) -> None:
    before = host.traces()
    host.kubepy("up", "--host")
    serve(host)
    assert "is running already" in host.kubepy("up", "--host")
    assert (
        "--host"
        in host.run(sys.executable, str(ROOT / "cmd" / "kubepy"), "up", "--name", NAME).stderr
    )
    host.kubepy("down")
    assert host.traces() == before


def test_after_a_crash_it_leaves_nothing(host: Machine) -> None:
    before = host.traces()
    host.kubepy("up", "--host")
    serve(host)
    found = json.loads(Layout(NAME).state.read_bytes())
    for process in found["processes"].values():
        host.output("kill", "-KILL", str(process["pid"]))
    host.kubepy("down")
    assert host.traces() == before


def test_a_containerd_that_is_given_keeps_what_is_its_own(host: Machine, tmp_path: Path) -> None:
    tools = host.inside.machine
    socket, data = Path("/run/e2e/containerd.sock"), tmp_path / "containerd"
    wanted = Settings(
        version=tools.containerd_version, data=data, run=Path("/run/e2e"), socket=socket,
        cni_plugins=tools.cni, cni_config=data / "cni", registries=data / "certs.d",
        shim=tools.shim, runtime=tools.runtime, snapshotter="native", apparmor=False,
        full_capabilities=tools.full_capabilities,
    )  # fmt: skip
    (data / "cni").mkdir(parents=True)
    (data / "config.toml").write_text(config(wanted))
    network = bridge_conflist("theirs0", data / "ipam", "10.244.0.0/24")
    (data / "cni" / "10-theirs.conflist").write_bytes(network)
    command = [tools.containerd, "--config", str(data / "config.toml")]
    process = host.inside.spawn(command, tmp_path / "containerd.log")
    ctr = (tools.ctr, "--address", str(socket), "--namespace", "k8s.io")
    wait_for(lambda: host.run(*ctr, "version").returncode == 0, "containerd")
    host.kubepy("up", "--host", "--containerd-socket", str(socket))
    host.kubepy("image", "build")
    serve(host)

    host.kubepy("down")

    assert processes.is_alive(process)
    assert host.output(*ctr, "containers", "list", "--quiet") == ""
    assert "busybox" in host.output(*ctr, "images", "list", "--quiet")
