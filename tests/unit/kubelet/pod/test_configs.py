"""A pod as CRI's configurations; every field must exist in CRI's own messages."""

from __future__ import annotations

import pytest

from kubepy import pb
from kubepy.kubelet.pod import security
from kubepy.kubelet.pod.configs import ContainerInputs, container_config, sandbox_config
from kubepy.kubelet.pod.dns import Resolver
from kubepy.kubelet.runtime.model import Image
from kubepy.kubelet.volumes.mounts import Mount
from tests.unit.kubelet.pods import pod

IMAGE = Image(id="sha256:1")


def sandbox_of(of, **more):
    config = sandbox_config(
        of, 3, hostname="web", resolver=Resolver(("192.0.2.1",)), log_root="/logs",
        cgroup_parent="/kubepods/podu1", **more,
    )  # fmt: skip
    return pb.message("runtime.v1.PodSandboxConfig")(**config)


def container_of(of, image=IMAGE, **more):
    container = of.spec.containers[0]
    inputs = ContainerInputs(
        restarts=2, image=image, image_ref=image.id, environment={"A": "1"},
        mounts=[Mount("/in", "/out", read_only=True, propagation="Bidirectional")],
        resources={"cpu_shares": 2}, **more,
    )  # fmt: skip
    return pb.message("runtime.v1.ContainerConfig")(**container_config(of, container, inputs))


def test_sandbox():
    ports = [{"containerPort": 80, "hostPort": 8080, "protocol": "UDP"}, {"containerPort": 81}]
    of = pod({"name": "app", "ports": ports}, meta={"labels": {"app": "web"}})
    found = sandbox_of(of)
    assert found.metadata.attempt == 3
    assert found.hostname == "web"
    assert found.log_directory == "/logs/default_web_u1"
    assert found.linux.cgroup_parent == "/kubepods/podu1"
    assert found.labels["app"] == "web"
    assert found.labels["io.kubernetes.pod.uid"] == "u1"
    [port] = found.port_mappings
    assert (port.protocol, port.container_port, port.host_port) == (1, 80, 8080)


def test_sandbox_in_the_node_s_network():
    of = pod({"name": "app", "ports": [{"containerPort": 80, "hostPort": 80}]}, hostNetwork=True)
    found = sandbox_of(of)
    assert found.hostname == ""
    assert not found.port_mappings
    assert found.linux.security_context.namespace_options.network == security.NODE


def test_container():
    of = pod({"name": "app", "command": ["echo", "$(A)"], "tty": True, "workingDir": "/w"})
    found = container_of(of)
    assert list(found.command) == ["echo", "1"]
    assert found.log_path == "app/2.log"
    assert found.image.image == "sha256:1"
    assert found.annotations["io.kubernetes.container.restartCount"] == "2"
    assert found.annotations["io.kubernetes.pod.terminationGracePeriod"] == "30"
    assert found.labels["io.kubernetes.container.name"] == "app"
    assert (found.envs[0].key, found.envs[0].value) == ("A", b"1")
    [mount] = found.mounts
    assert (mount.container_path, mount.host_path) == ("/in", "/out")
    assert (mount.readonly, mount.propagation) == (True, 2)
    assert found.tty and found.working_dir == "/w"
    context = found.linux.security_context
    assert "/proc/kcore" in context.masked_paths
    assert context.seccomp.profile_type == security.UNCONFINED


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        pytest.param({"runAsUser": 5}, {}, {"run_as_user": 5}, id="the pod's user"),
        pytest.param({"runAsUser": 5}, {"runAsUser": 6}, {"run_as_user": 6}, id="its own user"),
        pytest.param(
            {}, {"privileged": True}, {"privileged": True, "masked_paths": []}, id="privileged"
        ),
        pytest.param(
            {}, {"allowPrivilegeEscalation": False}, {"no_new_privs": True}, id="no more rights"
        ),
        pytest.param(
            {"fsGroup": 7, "supplementalGroups": [8]},
            {},
            {"supplemental_groups": [7, 8]},
            id="groups",
        ),
        pytest.param(
            {}, {"readOnlyRootFilesystem": True}, {"readonly_rootfs": True}, id="read-only"
        ),
    ],
)
def test_security(outer, inner, expected):
    of = pod({"name": "app", "securityContext": inner}, securityContext=outer)
    context = container_of(of).linux.security_context
    for name, value in expected.items():
        found = getattr(context, name)
        if name == "run_as_user":
            found = found.value
        assert (list(found) if isinstance(value, list) else found) == value


@pytest.mark.parametrize(
    ("context", "image", "problem"),
    [
        ({"runAsUser": 0}, IMAGE, "runAsUser breaks non-root policy"),
        ({}, IMAGE, "image will run as root"),
        ({}, Image(id="i", username="app"), "image has non-numeric user \\(app\\)"),
        ({"runAsUser": 1}, IMAGE, ""),
        ({}, Image(id="i", uid=7), ""),
    ],
)
def test_run_as_non_root(context, image, problem):
    of = pod({"name": "app", "securityContext": {"runAsNonRoot": True, **context}})
    if problem:
        with pytest.raises(security.SecurityProblem, match=problem):
            container_of(of, image)
    else:
        assert container_of(of, image).linux.security_context.HasField("run_as_user")


@pytest.mark.parametrize(
    ("spec", "target", "pid"),
    [
        ({}, "", security.CONTAINER),
        ({"shareProcessNamespace": True}, "", security.POD),
        ({"hostPID": True}, "", security.NODE),
        ({}, "abc", security.TARGET),
        ({"shareProcessNamespace": True}, "abc", security.POD),
    ],
)
def test_whose_processes_are_seen(spec, target, pid):
    found = container_of(pod(**spec), target=target).linux.security_context.namespace_options
    assert found.pid == pid
    assert found.target_id == (target if pid == security.TARGET else "")
