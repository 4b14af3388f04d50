"""What the kubelet does with real containers. Run by test_kubelet.py, inside a node."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import pytest

from kubepy import testing
from kubepy.api import codec
from kubepy.api.core.v1 import ConfigMap, Event, Node, Pod, Secret
from kubepy.base.clock import SystemClock
from kubepy.base.durations import Seconds
from kubepy.client.client import Client
from kubepy.kubelet.config import Config, KubeletConfiguration
from kubepy.kubelet.run import run
from kubepy.kubelet.runtime.cri import Runtime, RuntimeFault
from kubepy.meta import errors

NODE = "e2e-node"
PATIENCE = 40.0  # seconds until a case gives up; they take far less

FOLDER = Path(os.environ["NODE_FOLDER"])
ENDPOINT = f"unix://{os.environ['NODE_SOCKET']}"
LOGS = FOLDER / "pod-logs"
CGROUPS = Path("/sys/fs/cgroup")


class Kubelet:
    """The kubelet under test, which can be stopped and started again."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.manifests = FOLDER / "manifests"
        self.manifests.mkdir(exist_ok=True)
        self.config = Config(
            file=KubeletConfiguration(
                containerRuntimeEndpoint=ENDPOINT,
                podLogsDir=str(LOGS),
                staticPodPath=str(self.manifests),
                port=0,
                evictionHard={},
                containerLogMaxSize="10Ki",
                containerLogMonitorInterval=Seconds(0.2),
            ),
            hostname_override=NODE,
            node_ip=os.environ["NODE_ADDRESS"],
            root_dir=str(FOLDER / "kubelet"),
        )
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        work = run(self.config, self.client, clock=SystemClock(), rng=random.Random(1))
        self.task = asyncio.create_task(work)

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def create(self, name: str, *containers: dict[str, Any], **spec: Any) -> Pod:
        return await self.client.create(pod(name, *containers, **spec))

    async def until(self, name: str, holds: Callable[[Pod], Any]) -> Pod:
        """The pod, as soon as the condition holds."""
        selector = f"metadata.name={name}"
        async with asyncio.timeout(PATIENCE):
            found = await self.client.list(Pod, "default", field_selector=selector)
            for item in found.items:
                if holds(item):
                    return item
            watch = self.client.watch(
                Pod,
                "default",
                field_selector=selector,
                resource_version=found.resource_version,
            )
            async with aclosing(watch):
                async for event in watch:
                    if isinstance(event.object, Pod) and holds(event.object):
                        return event.object
        raise AssertionError(f"the watch of {name} ended")

    async def running(self, name: str) -> Pod:
        return await self.until(name, lambda p: p.status.phase == "Running" and is_ready(p))

    async def gone(self, name: str) -> None:
        """Delete the pod, and wait until it is gone."""
        with suppress(errors.NotFound):
            await self.client.delete(Pod, name, "default")
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    found = await self.client.get(Pod, name, "default")
                except errors.NotFound:
                    return
                revision = found.metadata.resourceVersion
                await self.until_changed(name, revision)

    async def until_changed(self, name: str, revision: str) -> None:
        watch = self.client.watch(
            Pod, "default", field_selector=f"metadata.name={name}", resource_version=revision
        )
        async with aclosing(watch):
            async for event in watch:
                if event.type != "BOOKMARK":
                    return

    async def events(self, name: str) -> list[tuple[str, str]]:
        found = await self.client.list(Event, "default")
        return [(e.reason, e.message) for e in found.items if e.involvedObject.name == name]


def pod(name: str, *containers: dict[str, Any], **spec: Any) -> Pod:
    init = [_container(c) for c in spec.pop("init", ())]
    metadata = {"name": name, "namespace": "default", **spec.pop("meta", {})}
    body = {
        "nodeName": NODE,
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": False,
        "containers": [_container(c) for c in containers],
        "initContainers": init,
        **spec,
    }
    return codec.from_builtins(Pod, {"metadata": metadata, "spec": body})


def _container(given: dict[str, Any]) -> dict[str, Any]:
    return {"name": "app", "image": "busybox", "imagePullPolicy": "IfNotPresent", **given}


def shell(script: str, **more: Any) -> dict[str, Any]:
    """A container that runs a script and ends at once when told to."""
    return {"command": ["sh", "-c", f"trap 'exit 0' TERM\n{script}"], **more}


SLEEP = "while :; do sleep 1000 & wait; done"


def is_ready(found: Pod) -> bool:
    return any(c.type == "Ready" and c.status == "True" for c in found.status.conditions)


def status_of(found: Pod, name: str = "app") -> Any:
    every = (*found.status.containerStatuses, *found.status.initContainerStatuses)
    every += found.status.ephemeralContainerStatuses
    return next((s for s in every if s.name == name), None)


def log_of(found: Pod, name: str = "app", number: int = 0) -> str:
    meta = found.metadata
    path = LOGS / f"{meta.namespace}_{meta.name}_{meta.uid}" / name / f"{number}.log"
    return "\n".join(line.split(" ", 3)[3] for line in path.read_text().splitlines())


def pod_cgroups(uid: str) -> list[Path]:
    tops = [top / "kubepods" for top in (CGROUPS, *CGROUPS.iterdir())]
    groups = [top / qos / f"pod{uid}" for top in tops for qos in ("", "burstable", "besteffort")]
    return [group for group in groups if group.exists()]


_seeds = itertools.count(1)


@pytest.fixture
async def apiserver() -> AsyncIterator[testing.TestServer]:
    """Of another seed each time: a node that outlives clusters must not see a uid twice."""
    async with testing.apiserver(seed=next(_seeds)) as server:
        yield server


@pytest.fixture
async def kubelet(client: Client) -> AsyncIterator[Kubelet]:
    made = Kubelet(client)
    made.start()
    try:
        yield made
    finally:
        for item in (await client.list(Pod, "default")).items:
            await client.delete(Pod, item.metadata.name, "default", grace_period=0)
        for manifest in made.manifests.iterdir():
            manifest.unlink()
        await made.stop()
        await _clear()


async def _clear() -> None:
    """Whatever a case left in the runtime."""
    runtime = Runtime(ENDPOINT)
    for sandbox in await runtime.sandboxes():
        await runtime.stop_sandbox(sandbox.id)
        await runtime.remove_sandbox(sandbox.id)
    await runtime.close()


async def test_the_node_is_registered_and_ready(kubelet: Kubelet) -> None:
    async with asyncio.timeout(PATIENCE):
        watch = kubelet.client.watch(Node)
        async with aclosing(watch):
            async for event in watch:
                conditions = {c.type: c.status for c in event.object.status.conditions}
                if conditions.get("Ready") == "True":
                    break
    node = await kubelet.client.get(Node, NODE)
    assert node.status.addresses[0].address == os.environ["NODE_ADDRESS"]
    assert node.status.nodeInfo.containerRuntimeVersion.startswith("containerd://")
    assert any("busybox" in name for image in node.status.images for name in image.names)


async def test_a_pod_runs_is_told_of_and_leaves_nothing(kubelet: Kubelet) -> None:
    await kubelet.create("web", shell(f"echo hello; {SLEEP}"))
    found = await kubelet.running("web")
    assert found.status.podIP.startswith("10.244.7.")
    assert log_of(found) == "hello"
    assert pod_cgroups(found.metadata.uid)
    reasons = [reason for reason, _ in await kubelet.events("web")]
    assert reasons[:3] == ["Pulled", "Created", "Started"]
    await kubelet.gone("web")
    assert not pod_cgroups(found.metadata.uid)
    assert not (FOLDER / "kubelet" / "pods" / found.metadata.uid).exists()


async def test_environment_and_arguments(kubelet: Kubelet) -> None:
    await kubelet.client.create(_object(ConfigMap, "settings", {"color": "blue"}))
    await kubelet.client.create(_object(Secret, "keys", {"password": "aGVtbGln"}))
    env = [
        {"name": "WHO", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "MEM", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory"}}},
        {"name": "COLOR", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "color"}}},
        {"name": "SAYS", "value": "$(WHO) is $(COLOR), not $$(COLOR) or $(NOBODY)"},
    ]
    container = {
        "env": env,
        "envFrom": [{"prefix": "KEY_", "secretRef": {"name": "keys"}}],
        "resources": {"limits": {"memory": "64Mi"}},
        "command": ["sh", "-c", 'echo "$1"; echo "$IP $MEM $KEY_password"', "x", "$(SAYS)"],
    }
    await kubelet.create("env", container, restartPolicy="Never")
    found = await kubelet.until("env", lambda p: p.status.phase == "Succeeded")
    said, numbers = log_of(found).splitlines()
    assert said == "env is blue, not $(COLOR) or $(NOBODY)"
    assert numbers == f"{found.status.podIP} {64 << 20} hemlig"


async def test_a_missing_config_map_is_waited_for(kubelet: Kubelet) -> None:
    await kubelet.create("patient", shell(SLEEP, envFrom=[{"configMapRef": {"name": "late"}}]))
    await kubelet.until("patient", _waits_for("CreateContainerConfigError"))
    assert ("Failed", 'Error: configmap "late" not found') in await kubelet.events("patient")
    await kubelet.client.create(_object(ConfigMap, "late", {"a": "b"}))
    await kubelet.running("patient")


async def test_init_containers_and_sidecars(kubelet: Kubelet) -> None:
    mount = {"volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}
    first = {"name": "first", **shell("echo one >> /shared/order"), **mount}
    side = {"name": "side", **shell(f"echo two >> /shared/order; {SLEEP}"), **mount}
    wait = "while ! grep -q two /shared/order; do :; done; echo three >> /shared/order"
    last = {"name": "last", **shell(wait), **mount}
    await kubelet.create(
        "ordered",
        {**shell(f"cat /shared/order; {SLEEP}"), **mount},
        init=[first, {**side, "restartPolicy": "Always"}, last],
        volumes=[{"name": "shared", "emptyDir": {}}],
    )
    found = await kubelet.running("ordered")
    assert log_of(found).split() == ["one", "two", "three"]
    assert [s.ready for s in found.status.initContainerStatuses] == [True, True, True]
    assert status_of(found, "side").state.running is not None


async def test_a_crash_is_backed_off_and_explained(kubelet: Kubelet) -> None:
    await kubelet.create("crash", shell("echo because > /dev/termination-log; exit 3"))
    found = await kubelet.until("crash", _waits_for("CrashLoopBackOff"))
    status = status_of(found)
    assert found.status.phase == "Running"
    assert status.restartCount == 1
    assert status.lastState.terminated.exitCode == 3
    assert status.lastState.terminated.message == "because\n"
    assert status.state.waiting.message.startswith("back-off 10s restarting failed container=app")


async def test_a_log_explains_where_asked_to(kubelet: Kubelet) -> None:
    talks = shell("echo no such luck; exit 1", terminationMessagePolicy="FallbackToLogsOnError")
    await kubelet.create("talks", talks, restartPolicy="Never")
    found = await kubelet.until("talks", lambda p: p.status.phase == "Failed")
    assert status_of(found).state.terminated.message == "no such luck\n"


async def test_a_long_log_is_rotated(kubelet: Kubelet) -> None:
    line = "x" * 100
    script = f"for i in $(seq 200); do echo {line}; done; while :; do echo tick; sleep 0.1; done"
    await kubelet.create("chatty", {"command": ["sh", "-c", script]})
    found = await kubelet.running("chatty")
    folder = LOGS / f"default_chatty_{found.metadata.uid}" / "app"
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(_is_rotated, folder):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert len(log_of(found).splitlines()) < 200


def _is_rotated(folder: Path) -> bool:
    """Old lines lie beside the current log, and the runtime writes to that again."""
    current = folder / "0.log"
    return len(list(folder.iterdir())) > 1 and current.exists() and b"tick" in current.read_bytes()


async def test_liveness_restarts_and_readiness_does_not(kubelet: Kubelet) -> None:
    serve = "mkdir /www; echo ok > /www/ok; httpd -p 8080 -h /www; " + SLEEP
    probes = {
        "livenessProbe": {
            "exec": {"command": ["test", "!", "-e", "/www/dead"]},
            "periodSeconds": 1,
            "failureThreshold": 1,
        },
        "readinessProbe": {"httpGet": {"path": "/ok", "port": 8080}, "periodSeconds": 1},
        "startupProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1, "failureThreshold": 30},
    }
    await kubelet.create("probed", shell(serve, **probes))
    found = await kubelet.running("probed")
    assert status_of(found).restartCount == 0
    await _in(found, "mv /www/ok /www/away")
    unready = await kubelet.until("probed", lambda p: not is_ready(p))
    assert status_of(unready).containerID == status_of(found).containerID
    await _in(found, "touch /www/dead")
    again = await kubelet.until("probed", lambda p: status_of(p).restartCount == 1 and is_ready(p))
    assert status_of(again).lastState.terminated is not None
    events = await kubelet.events("probed")
    assert ("Killing", "Container app failed liveness probe, will be restarted") in events
    assert ("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404") in events


async def test_hooks(kubelet: Kubelet) -> None:
    folder = FOLDER / "hooks"
    mount = [{"name": "host", "mountPath": "/host"}]
    lifecycle = {
        "postStart": {"exec": {"command": ["sh", "-c", "echo started >> /host/said"]}},
        "preStop": {"exec": {"command": ["sh", "-c", "echo stopping >> /host/said"]}},
    }
    await kubelet.create(
        "hooked",
        shell(SLEEP, lifecycle=lifecycle, volumeMounts=mount),
        volumes=[{"name": "host", "hostPath": {"path": str(folder), "type": "DirectoryOrCreate"}}],
    )
    await kubelet.running("hooked")
    await kubelet.gone("hooked")
    assert (folder / "said").read_text().split() == ["started", "stopping"]


async def test_limits_are_the_kernel_s(kubelet: Kubelet) -> None:
    limits = {"limits": {"cpu": "200m", "memory": "32Mi"}}
    await kubelet.create("bounded", shell(SLEEP, resources=limits))
    found = await kubelet.running("bounded")
    assert found.status.qosClass == "Guaranteed"
    read = {p.name: p.read_text().strip() for c in pod_cgroups(found.metadata.uid)
            for p in c.iterdir() if p.name in ("memory.limit_in_bytes", "memory.max",
                                              "cpu.cfs_quota_us", "cpu.max")}  # fmt: skip
    assert read.get("memory.limit_in_bytes", read.get("memory.max")) == str(32 << 20)
    assert read.get("cpu.cfs_quota_us", read.get("cpu.max", "").split(" ")[0]) == "20000"


async def test_out_of_memory(kubelet: Kubelet) -> None:
    greedy = shell("x=a; while :; do x=$x$x; done", resources={"limits": {"memory": "16Mi"}})
    await kubelet.create("greedy", greedy, restartPolicy="Never")
    found = await kubelet.until("greedy", lambda p: p.status.phase == "Failed")
    ended = status_of(found).state.terminated
    assert (ended.reason, ended.exitCode) == ("OOMKilled", 137)


async def test_security_context(kubelet: Kubelet) -> None:
    context = {"runAsUser": 1000, "readOnlyRootFilesystem": True, "runAsNonRoot": True}
    script = "id -u; id -G; touch /x 2>/dev/null || echo read-only"
    await kubelet.create(
        "careful",
        shell(script, securityContext=context),
        securityContext={"fsGroup": 2000},
        restartPolicy="Never",
    )
    found = await kubelet.until("careful", lambda p: p.status.phase == "Succeeded")
    user, groups, root = log_of(found).splitlines()
    assert (user, root) == ("1000", "read-only")
    assert "2000" in groups.split()
    await kubelet.create("rooted", shell(SLEEP, securityContext={"runAsNonRoot": True}))
    refused = await kubelet.until("rooted", _waits_for("CreateContainerConfigError"))
    assert "image will run as root" in status_of(refused).state.waiting.message


async def test_host_network_and_names(kubelet: Kubelet) -> None:
    aliases = [{"ip": "10.0.0.7", "hostnames": ["seven"]}]
    script = "hostname; grep seven /etc/hosts; cat /etc/resolv.conf; " + SLEEP
    await kubelet.create(
        "named",
        shell(script),
        hostname="short",
        hostAliases=aliases,
        dnsPolicy="None",
        dnsConfig={"nameservers": ["10.0.0.53"], "searches": ["here.example"]},
    )
    found = await kubelet.running("named")
    lines = log_of(found).splitlines()
    assert lines[0] == "short"
    assert "10.0.0.7\tseven" in lines
    assert {"nameserver 10.0.0.53", "search here.example"} <= set(lines)
    await kubelet.create("hosted", shell("hostname -i; " + SLEEP), hostNetwork=True)
    hosted = await kubelet.running("hosted")
    assert hosted.status.podIP == hosted.status.hostIP == os.environ["NODE_ADDRESS"]


async def test_images_that_are_not_here(kubelet: Kubelet) -> None:
    absent = {"image": "busybox:none", "imagePullPolicy": "Never"}
    await kubelet.create("absent", absent)
    found = await kubelet.until("absent", _waits_for("ErrImageNeverPull"))
    waiting = status_of(found).state.waiting
    assert waiting.message == (
        'Container image "busybox:none" is not present with pull policy of Never'
    )
    await kubelet.create("nowhere", {"image": "127.0.0.1:1/x:1"})
    await kubelet.until("nowhere", _waits_for("ErrImagePull"))
    backing = await kubelet.until("nowhere", _waits_for("ImagePullBackOff"))
    message = status_of(backing).state.waiting.message
    assert message.startswith('Back-off pulling image "127.0.0.1:1/x:1": ErrImagePull: ')
    await kubelet.gone("nowhere")


async def test_a_restarted_kubelet_goes_on_and_touches_nothing(kubelet: Kubelet) -> None:
    probe = {"exec": {"command": ["true"]}, "periodSeconds": 1}
    await kubelet.create("stays", shell(SLEEP, readinessProbe=probe))
    await kubelet.create("dies", {"command": ["sh", "-c", "sleep 1000; exit 7"]})
    before = await kubelet.running("stays"), await kubelet.running("dies")
    await kubelet.stop()
    await _in(before[1], "while ! pidof sleep; do :; done; kill $(pidof sleep)", check=False)
    kubelet.start()
    again = await kubelet.until("dies", lambda p: status_of(p).restartCount == 1)
    assert status_of(again).lastState.terminated.exitCode == 7
    after = await kubelet.running("stays")
    assert status_of(after).containerID == status_of(before[0]).containerID
    assert status_of(after).restartCount == 0
    assert after.status.conditions == before[0].status.conditions


async def test_a_pod_deleted_while_the_kubelet_was_away(kubelet: Kubelet) -> None:
    await kubelet.create("orphan", shell(SLEEP))
    found = await kubelet.running("orphan")
    await kubelet.stop()
    await kubelet.client.delete(Pod, "orphan", "default", grace_period=0)
    kubelet.start()
    await _until_empty(found.metadata.uid)


async def lose_sandbox(found: Pod) -> None:
    runtime = Runtime(ENDPOINT)
    [sandbox] = await runtime.sandboxes(found.metadata.uid)
    with suppress(RuntimeFault):  # the kubelet may have noticed, and stop it at the same time
        await runtime.stop_sandbox(sandbox.id)
    await runtime.close()


async def test_a_lost_sandbox_is_made_anew(kubelet: Kubelet) -> None:
    await kubelet.create("lost", shell(SLEEP))
    found = await kubelet.running("lost")
    await lose_sandbox(found)
    again = await kubelet.until("lost", lambda p: status_of(p).restartCount >= 1 and is_ready(p))
    assert again.status.podIP
    assert status_of(again).containerID != status_of(found).containerID


async def test_a_pod_that_never_restarts_fails_with_its_sandbox(kubelet: Kubelet) -> None:
    await kubelet.create("once", shell(SLEEP), restartPolicy="Never")
    found = await kubelet.running("once")
    await lose_sandbox(found)
    await kubelet.until("once", lambda p: p.status.phase in ("Failed", "Succeeded"))


async def test_a_deadline(kubelet: Kubelet) -> None:
    await kubelet.create("slow", shell(SLEEP), activeDeadlineSeconds=1)
    found = await kubelet.until("slow", lambda p: p.status.phase == "Failed")
    assert found.status.reason == "DeadlineExceeded"
    ended = await kubelet.until("slow", lambda p: status_of(p).state.terminated is not None)
    assert ended.status.phase == "Failed"


async def test_an_ephemeral_container_looks_into_another(kubelet: Kubelet) -> None:
    await kubelet.create("watched", shell(SLEEP))
    await kubelet.running("watched")
    debug = _container({"name": "debug", "command": ["sh", "-c", "ps | head -3"],
                        "targetContainerName": "app"})  # fmt: skip
    patch = {"spec": {"ephemeralContainers": [debug]}}
    await kubelet.client.patch(
        Pod, "watched", "default", patch=patch, style="strategic", subresource="ephemeralcontainers"
    )
    ended = lambda p: (s := status_of(p, "debug")) and s.state.terminated  # noqa: E731
    found = await kubelet.until("watched", ended)
    assert "trap 'exit 0' TERM" in log_of(found, "debug")


async def test_a_static_pod_and_its_mirror(kubelet: Kubelet) -> None:
    manifest = codec.encode_typed(pod("static", shell(SLEEP)))
    (kubelet.manifests / "static.yaml").write_bytes(manifest)
    name = f"static-{NODE}"
    found = await kubelet.running(name)
    assert found.metadata.annotations["kubernetes.io/config.source"] == "file"
    assert found.metadata.ownerReferences[0].kind == "Node"
    container = status_of(found).containerID
    await kubelet.client.delete(Pod, name, "default")
    again = await kubelet.until(
        name, lambda p: p.metadata.uid != found.metadata.uid and is_ready(p)
    )
    assert status_of(again).containerID == container
    (kubelet.manifests / "static.yaml").unlink()
    uid = again.metadata.annotations["kubernetes.io/config.hash"]
    await _until_empty(uid)


async def _in(found: Pod, script: str, *, check: bool = True) -> None:
    """Run a script in the pod's container."""
    runtime = Runtime(ENDPOINT)
    id = status_of(found).containerID.removeprefix("containerd://")
    done = await runtime.execute(id, ["sh", "-c", script], 10)
    await runtime.close()
    assert done.exit_code == 0 or not check, done.stderr


async def _until_empty(uid: str) -> None:
    """Until runtime and cgroups hold nothing of the pod."""
    runtime = Runtime(ENDPOINT)
    async with asyncio.timeout(PATIENCE):
        while await _something_left(runtime, uid):  # noqa: ASYNC110 - nobody tells of all three
            await asyncio.sleep(0.05)
    await runtime.close()


async def _something_left(runtime: Runtime, uid: str) -> bool:
    found = await runtime.sandboxes(uid), await runtime.containers(uid), pod_cgroups(uid)
    return any(found)


def _object(type_: type[Any], name: str, data: dict[str, str]) -> Any:
    body = {"metadata": {"name": name, "namespace": "default"}, "data": data}
    return codec.from_builtins(type_, body)


def _waits_for(reason: str) -> Callable[[Pod], bool]:
    def holds(found: Pod) -> bool:
        status = status_of(found)
        return bool(status and status.state.waiting and status.state.waiting.reason == reason)

    return holds
