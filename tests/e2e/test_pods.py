"""What a pod may ask for, seen through kubectl, with every binary run by hand."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from by_hand import Hand
from kubectl import Kubectl, is_ready, wait_for

pytestmark = pytest.mark.e2e

NAMESPACE = "features"
FOREVER = "trap 'exit 0' TERM; while :; do sleep 1 & wait; done"
HERE = ("--image=busybox", "--image-pull-policy=IfNotPresent")

ASK_WITH_TOKEN = """
import http.client, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
connection = http.client.HTTPSConnection("10.96.0.1", context=context, timeout=10)
token = sys.stdin.read()
connection.request("GET", sys.argv[2], headers={"Authorization": f"Bearer {token}"})
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"""


def shell(name: str, script: str, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "image": "busybox",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
        **more,
    }


def pod(name: str, *containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": list(containers), **spec},
    }


def mounts(**paths: str) -> list[dict[str, str]]:
    return [{"name": name, "mountPath": path} for name, path in paths.items()]


def saying(word: str) -> dict[str, Any]:
    """A hook that says it in the container's log."""
    return {"exec": {"command": ["sh", "-c", f"echo {word} > /proc/1/fd/1"]}}


SHARING = pod(
    "sharing",
    shell(
        "app",
        f"cat /shared/first; {FOREVER}",
        volumeMounts=mounts(shared="/shared", about="/about", token="/token"),
        resources={"limits": {"cpu": "250m", "memory": "64Mi"}},
        env=[
            {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
            {"name": "CPU", "valueFrom": {"resourceFieldRef": {
                "resource": "limits.cpu", "divisor": "1m"}}},
        ],
    ),
    shell("beside", f"echo beside > /shared/second; {FOREVER}",
          volumeMounts=mounts(shared="/shared")),
    initContainers=[
        shell("one", "echo one > /shared/first", volumeMounts=mounts(shared="/shared")),
        shell("two", "echo two >> /shared/first", volumeMounts=mounts(shared="/shared")),
    ],
    volumes=[
        {"name": "shared", "emptyDir": {}},
        {"name": "about", "downwardAPI": {"items": [
            {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
            {"path": "memory", "resourceFieldRef": {
                "containerName": "app", "resource": "limits.memory", "divisor": "1Mi"}},
        ]}},
        {"name": "token", "projected": {"sources": [
            {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
            {"configMap": {"name": "kube-root-ca.crt",
                           "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        ]}},
    ],
)  # fmt: skip
PODS = (
    SHARING,
    pod("hosted", shell("app", FOREVER), hostNetwork=True),
    pod("greedy", shell("app", "x=a; while :; do x=$x$x; done",
                        resources={"limits": {"memory": "16Mi"}}), restartPolicy="Never"),
    pod("careful", shell("app", "id -u; grep CapEff /proc/self/status; "
                         "touch /x 2>/dev/null || echo kept out",
                         securityContext={"runAsUser": 1000, "readOnlyRootFilesystem": True,
                                          "capabilities": {"drop": ["ALL"]}}),
        restartPolicy="Never"),
    pod("probed", shell("app", f"sleep 2; touch /up; {FOREVER}",
                        startupProbe={"exec": {"command": ["test", "-e", "/up"]},
                                      "periodSeconds": 1, "failureThreshold": 60},
                        livenessProbe={"exec": {"command": ["test", "-e", "/up"]},
                                       "periodSeconds": 1, "failureThreshold": 1})),
    pod("hooked", shell("app", "trap 'echo asked; exit 0' TERM; while :; do sleep 1 & wait; done",
                        lifecycle={"postStart": saying("hi"), "preStop": saying("bye")}),
        terminationGracePeriodSeconds=20),
    pod("stubborn", shell("app", "trap 'echo no' TERM; while :; do sleep 1 & wait; done")),
    pod("listening", shell("app", "cat", stdin=True, stdinOnce=True), restartPolicy="Never"),
)  # fmt: skip


@pytest.fixture(scope="module")
def kubectl(hand: Hand) -> Iterator[Kubectl]:
    admin = Kubectl(hand.kubeconfig)
    admin("create", "namespace", NAMESPACE)
    kubectl = Kubectl(hand.kubeconfig, NAMESPACE)
    wait_for(lambda: kubectl.run("get", "serviceaccount", "default").returncode == 0, "its account")
    kubectl.apply(*PODS)
    yield kubectl
    admin.run("delete", "namespace", NAMESPACE, "--wait=false")


def running(kubectl: Kubectl, name: str) -> dict[str, Any]:
    kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s", timeout=70)
    found: dict[str, Any] = kubectl.get("pod", name)
    return found


def ended(kubectl: Kubectl, name: str) -> dict[str, Any]:
    """The state in which the pod's one container ended."""

    def look() -> dict[str, Any]:
        status = kubectl.get("pod", name)["status"]
        finished = status["phase"] in ("Succeeded", "Failed")
        terminated: dict[str, Any] = (
            status["containerStatuses"][0]["state"]["terminated"] if finished else {}
        )
        return terminated

    return wait_for(look, f"the end of {name}")


def test_init_containers_and_a_shared_folder(kubectl: Kubectl) -> None:
    running(kubectl, "sharing")
    assert kubectl("logs", "sharing", "-c", "app") == "one\ntwo\n"
    wait_for(
        lambda: (
            kubectl.run("exec", "sharing", "-c", "app", "--", "cat", "/shared/second").stdout
            == "beside\n"
        ),
        "the other container's file",
    )


def test_a_pod_knows_about_itself(hand: Hand, kubectl: Kubectl) -> None:
    running(kubectl, "sharing")
    script = "cat /about/labels; echo; cat /about/memory; echo; echo $NODE $CPU"
    told = kubectl("exec", "sharing", "-c", "app", "--", "sh", "-c", script).split("\n")
    assert told[:3] == ['app="sharing"', "64", f"{hand.layout.node_name} 250"]


@pytest.mark.parametrize(
    "folder", ["/token", "/var/run/secrets/kubernetes.io/serviceaccount"], ids=["own", "default"]
)
def test_a_pods_token_is_good_for_the_apiserver(hand: Hand, kubectl: Kubectl, folder: str) -> None:
    running(kubectl, "sharing")
    token = kubectl("exec", "sharing", "-c", "app", "--", "cat", f"{folder}/token")
    authority = kubectl("exec", "sharing", "-c", "app", "--", "cat", f"{folder}/ca.crt")
    assert authority.strip() == (hand.layout.pki / "ca.crt").read_text().strip()
    words = [sys.executable, "-c", ASK_WITH_TOKEN, str(hand.layout.pki / "ca.crt")]
    path = f"/api/v1/namespaces/{NAMESPACE}/secrets"
    status, _, body = hand.inside.run([*words, path], token).partition(" ")
    assert status == "403"
    assert f'User "system:serviceaccount:{NAMESPACE}:default" cannot' in json.loads(body)["message"]
    status, _, _ = hand.inside.run([*words, path], token[:-6] + "AAAAAA").partition(" ")
    assert status == "401"


def test_a_pod_in_the_nodes_network(hand: Hand, kubectl: Kubectl) -> None:
    found = running(kubectl, "hosted")
    assert found["status"]["podIP"] == found["status"]["hostIP"] == hand.place.node_address
    assert kubectl("exec", "hosted", "--", "hostname").strip() == hand.layout.node_name


def test_too_much_memory(kubectl: Kubectl) -> None:
    terminated = ended(kubectl, "greedy")
    assert (terminated["reason"], terminated["exitCode"]) == ("OOMKilled", 137)
    assert "OOMKilled" in kubectl("get", "pod", "greedy")


def test_as_little_power_as_asked_for(kubectl: Kubectl) -> None:
    ended(kubectl, "careful")
    user, capabilities, kept_out = kubectl("logs", "careful").splitlines()
    assert (user, capabilities.split(), kept_out) == ("1000", ["CapEff:", "0" * 16], "kept out")


def test_liveness_kills_and_startup_delays(kubectl: Kubectl) -> None:
    first = running(kubectl, "probed")["status"]["containerStatuses"][0]
    assert (first["restartCount"], first["started"]) == (0, True)
    kubectl("exec", "probed", "--", "rm", "/up")
    restarted = wait_for(
        lambda: (
            (s := kubectl.get("pod", "probed")["status"]["containerStatuses"][0])["restartCount"]
            and s
        ),
        "the restart",
    )
    assert restarted["containerID"] != first["containerID"]
    why = "failed liveness probe, will be restarted"
    wait_for(lambda: why in kubectl("describe", "pod", "probed"), "the event that says why")


def test_hooks_and_the_last_words_of_a_followed_log(kubectl: Kubectl) -> None:
    running(kubectl, "hooked")
    following = subprocess.Popen(
        kubectl.command("logs", "-f", "hooked"), stdout=subprocess.PIPE, text=True,
        env=kubectl.environment(),
    )  # fmt: skip
    assert following.stdout is not None
    assert following.stdout.readline() == "hi\n"
    kubectl("delete", "pod", "hooked")
    said, _ = following.communicate(timeout=30)
    assert said.split() == ["bye", "asked"]


def test_who_does_not_stop_is_stopped(kubectl: Kubectl) -> None:
    running(kubectl, "stubborn")
    kubectl("delete", "pod", "stubborn", "--timeout=60s", timeout=70)
    assert "NotFound" in kubectl.run("get", "pod", "stubborn").stderr


def test_a_static_pod_has_a_mirror(hand: Hand, kubectl: Kubectl) -> None:
    manifest = pod("static", shell("app", FOREVER))
    manifest["metadata"]["namespace"] = NAMESPACE
    file, name = hand.layout.root / "manifests" / "static.yaml", f"static-{hand.layout.node_name}"
    file.write_text(yaml.safe_dump(manifest))
    wait_for(lambda: kubectl.run("get", "pod", name).returncode == 0, "the mirror")
    before = running(kubectl, name)
    assert before["metadata"]["annotations"]["kubernetes.io/config.source"] == "file"

    def mirrored_again() -> dict[str, Any]:
        found = kubectl.run("get", "pod", name, "-o", "json")
        mirror: dict[str, Any] = json.loads(found.stdout) if found.returncode == 0 else before
        is_new = mirror["metadata"]["uid"] != before["metadata"]["uid"]
        return mirror if is_new and is_ready(mirror) else {}

    kubectl("delete", "pod", name, "--wait=false")
    again = wait_for(mirrored_again, "a new mirror")
    ids = [p["status"]["containerStatuses"][0]["containerID"] for p in (before, again)]
    assert ids[0] == ids[1]

    file.unlink()
    wait_for(lambda: "NotFound" in kubectl.run("get", "pod", name).stderr, "its end")


def test_attaching_to_what_runs(kubectl: Kubectl) -> None:
    running(kubectl, "listening")
    said = kubectl("attach", "-i", "listening", stdin="hello\n")
    assert said.endswith("hello\n")
    assert ended(kubectl, "listening")["reason"] == "Completed"


def test_running_a_command_once(kubectl: Kubectl) -> None:
    once = kubectl(
        "run",
        "once",
        "-i",
        "--rm",
        "--restart=Never",
        *HERE,
        "--",
        "cat",
        stdin="in and out\n",
    )
    assert once.startswith("in and out\n")
    assert "NotFound" in kubectl.run("get", "pod", "once").stderr


def on_a_terminal(kubectl: Kubectl, typed: bytes, *arguments: str) -> bytes:
    """What a kubectl shows that runs on a terminal on which somebody types."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        kubectl.command(*arguments), stdin=theirs, stdout=theirs, stderr=subprocess.STDOUT,
        env=kubectl.environment(),
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    with open(ours, "r+b", buffering=0) as terminal:
        terminal.write(typed)
        try:
            while chunk := terminal.read(1024):
                seen += chunk
        except OSError:  # the other end is closed
            pass
    assert process.wait(timeout=60) == 0, seen
    return seen


def test_running_on_a_terminal(kubectl: Kubectl) -> None:
    script = "read line; echo got $line"
    run = ("run", "term", "-it", "--rm", "--restart=Never", *HERE, "--", "sh", "-c", script)
    assert b"got typed\r\n" in on_a_terminal(kubectl, b"typed\n", *run)


def test_debugging_beside_a_container(kubectl: Kubectl) -> None:
    running(kubectl, "sharing")
    debug = ("debug", "-it", "sharing", *HERE, "--target=app", "--", "sh", "-c")
    if kubectl.minor_version() < 23:  # these send a kind that Kubernetes gave up in v1.23
        refused = kubectl.run("debug", "sharing", *HERE, "--", "true")
        assert "EphemeralContainers" in refused.stderr
        return
    seen = on_a_terminal(kubectl, b"go\n", *debug, "read line; ps -o args")
    assert b"cat /shared/first" in seen


def test_nobody_measures_yet(kubectl: Kubectl) -> None:
    told = kubectl.run("top", "pods")
    assert (told.returncode, told.stderr) == (1, "error: Metrics API not available\n")
