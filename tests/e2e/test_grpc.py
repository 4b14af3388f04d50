"""The same objects over gRPC, by a client that knows no proto file: reflection tells it all."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from kubectl import Kubectl
from local_cluster import Cluster

pytestmark = pytest.mark.e2e

SECONDS = 20.0
MASTER = "grpc-e2e"


class Reflected:
    """What grpcurl does: asks the server what there is, and calls it."""

    def __init__(self, channel: grpc.Channel) -> None:
        self.channel = channel
        self.database = ProtoReflectionDescriptorDatabase(channel)
        self.pool = DescriptorPool(self.database)

    def call(self, method: str, body: dict[str, Any]) -> Any:
        """One answer, or an iterator of them, as JSON would have it."""
        descriptor = self._descriptor(method)
        request = json_format.ParseDict(body, GetMessageClass(descriptor.input_type)())
        answer_type = GetMessageClass(descriptor.output_type)
        streams = descriptor.server_streaming
        kind = self.channel.unary_stream if streams else self.channel.unary_unary
        callable_ = kind(
            f"/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=answer_type.FromString,
        )
        reply = callable_(request, timeout=SECONDS)
        if not streams:
            return json_format.MessageToDict(reply)
        return (json_format.MessageToDict(message) for message in reply)

    def converse(self, method: str, *bodies: dict[str, Any]) -> Any:
        """A stream both ways: says all of `bodies`, and answers an iterator of what it hears."""
        descriptor = self._descriptor(method)
        request_type = GetMessageClass(descriptor.input_type)
        call = self.channel.stream_stream(
            f"/{method}",
            request_serializer=request_type.SerializeToString,
            response_deserializer=GetMessageClass(descriptor.output_type).FromString,
        )
        requests = [json_format.ParseDict(body, request_type()) for body in bodies]
        return call(iter(requests), timeout=SECONDS)

    def _descriptor(self, method: str) -> Any:
        service, _, name = method.partition("/")
        return self.pool.FindServiceByName(service).methods_by_name[name]


def read(path: Path) -> bytes:
    return path.read_bytes()


@pytest.fixture
def mutual(cluster: Cluster) -> Iterator[Reflected]:
    pki = cluster.layout.pki
    credentials = grpc.ssl_channel_credentials(
        read(pki / "ca.crt"), read(pki / "admin.key"), read(pki / "admin.crt")
    )
    with grpc.secure_channel(f"127.0.0.1:{cluster.state['ports']['grpc']}", credentials) as channel:
        yield Reflected(channel)


def test_reflection_lists_a_service_for_each_resource(mutual: Reflected) -> None:
    services = set(mutual.database.get_services())

    assert {"kubepy.core.v1.Pods", "kubepy.apps.v1.Deployments", "kubepy.core.v1.Services"} <= (
        services
    )


def test_objects_are_written_read_and_watched(cluster: Cluster, mutual: Reflected) -> None:
    kubectl = Kubectl(cluster.kubeconfig)
    kubectl.run("delete", "configmap", MASTER)
    created = mutual.call(
        "kubepy.core.v1.ConfigMaps/Create",
        {
            "namespace": "default",
            "object": {"metadata": {"name": MASTER}, "data": {"a": "1"}},
        },
    )
    version = created["metadata"]["resourceVersion"]
    events = mutual.call(
        "kubepy.core.v1.ConfigMaps/Watch",
        {"namespace": "default", "options": {"resourceVersion": version}},
    )
    kubectl("patch", "configmap", MASTER, "--type=merge", "-p", '{"data":{"a":"2"}}')
    kubectl("delete", "configmap", MASTER)

    seen = [next(events) for _ in range(2)]
    assert [event["type"] for event in seen] == ["MODIFIED", "DELETED"]
    assert seen[0]["object"]["data"] == {"a": "2"}
    pods = mutual.call("kubepy.core.v1.Pods/List", {"namespace": "default"})
    shown = {pod["metadata"]["uid"] for pod in kubectl.get("pods")["items"]}
    assert {pod["metadata"]["uid"] for pod in pods.get("items", [])} == shown


@pytest.fixture
def gadgets(cluster: Cluster) -> Iterator[Kubectl]:
    """A kind that no proto file knows."""
    kubectl = Kubectl(cluster.kubeconfig)
    names = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "listKind": "GadgetList"}
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer", "maximum": 9}}}
        },
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    kubectl.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "gadgets.grpc.example.com"},
            "spec": {
                "group": "grpc.example.com",
                "scope": "Namespaced",
                "names": names,
                "versions": [version],
            },
        }
    )
    kubectl("wait", "--for=condition=Established", "crd/gadgets.grpc.example.com")
    yield kubectl
    kubectl("delete", "crd", "gadgets.grpc.example.com")


def test_custom_resources_need_no_proto_file(mutual: Reflected, gadgets: Kubectl) -> None:
    kind = {
        "group": "grpc.example.com",
        "version": "v1",
        "resource": "gadgets",
        "namespace": "default",
    }
    gadget = {
        "apiVersion": "grpc.example.com/v1",
        "kind": "Gadget",
        "metadata": {"name": MASTER},
        "spec": {"size": 3},
    }
    events = mutual.call("kubepy.v1.Dynamic/Watch", kind)
    created = mutual.call("kubepy.v1.Dynamic/Create", {**kind, "object": gadget})
    assert next(events) == {"type": "ADDED", "object": created}
    assert gadgets.get("gadget", MASTER)["spec"] == {"size": 3}
    gadgets("patch", "gadget", MASTER, "--type=merge", "-p", '{"spec":{"size":4}}')
    assert next(events)["object"]["spec"] == {"size": 4}
    patch = {
        "content_type": "application/merge-patch+json",
        "patch": base64.b64encode(b'{"spec":{"size":10}}').decode(),
    }
    with pytest.raises(grpc.RpcError) as caught:
        mutual.call("kubepy.v1.Dynamic/Patch", {**kind, "name": MASTER, **patch})
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "spec.size in body should be less than or equal to 9" in caught.value.details()
    mutual.call("kubepy.v1.Dynamic/Delete", {**kind, "name": MASTER})
    assert next(events)["type"] == "DELETED"


def test_a_refusal_bears_kubernetes_status(mutual: Reflected) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        mutual.call("kubepy.core.v1.Pods/Get", {"namespace": "default", "name": "absent"})

    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert caught.value.details() == 'pods "absent" not found'


@pytest.fixture(scope="module")
def server(cluster: Cluster) -> Iterator[str]:
    """A pod that answers HTTP at port 8080 with its name, and nothing elsewhere."""
    kubectl = Kubectl(cluster.kubeconfig)
    command = "mkdir /www; hostname > /www/index.html; exec httpd -f -p 8080 -h /www"
    container = {
        "name": "httpd",
        "image": "busybox",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", command],
        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 1},
    }
    metadata = {"name": MASTER, "labels": {"app": MASTER}}
    spec = {"terminationGracePeriodSeconds": 0, "containers": [container]}
    kubectl.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
    kubectl.ready(f"app={MASTER}", 1)
    yield MASTER
    kubectl("delete", "pod", MASTER, "--wait=false")


def test_a_command_runs_in_a_pod(mutual: Reflected, server: str) -> None:
    options = {"command": ["cat"], "stdin": True, "stdout": True}
    heard = mutual.converse(
        "kubepy.core.v1.Pods/Exec",
        {"start": {"namespace": "default", "name": server, "options": options}},
        {"stdin": base64.b64encode(b"hello").decode()},
        {"close_stdin": True},
    )
    first, last = heard
    assert (first.stdout, last.status.status) == (b"hello", "Success")


def test_a_port_of_a_pod_is_forwarded(mutual: Reflected, server: str) -> None:
    request = b"GET / HTTP/1.0\r\n\r\n"
    heard = mutual.converse(
        "kubepy.core.v1.Pods/PortForward",
        {"start": {"namespace": "default", "name": server, "port": 8080}},
        {"data": base64.b64encode(request).decode()},
    )
    answer = b"".join(message.data for message in heard)
    assert answer.startswith(b"HTTP/1.")
    assert answer.rpartition(b"\r\n\r\n")[2].decode().strip() == server


def test_a_port_that_nobody_listens_at(mutual: Reflected, server: str) -> None:
    heard = mutual.converse(
        "kubepy.core.v1.Pods/PortForward",
        {"start": {"namespace": "default", "name": server, "port": 8081}},
    )
    with pytest.raises(grpc.RpcError) as caught:
        list(heard)

    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert caught.value.details().startswith("error forwarding port 8081 to pod ")
    assert "connection refused" in caught.value.details()


def test_a_token_opens_the_other_port(cluster: Cluster) -> None:
    kubectl = Kubectl(cluster.kubeconfig)
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    asked = kubectl("create", "--raw", path, "-f", "-", stdin='{"spec":{}}')
    token = json.loads(asked)["status"]["token"]
    credentials = grpc.composite_channel_credentials(
        grpc.ssl_channel_credentials(read(cluster.layout.pki / "ca.crt")),
        grpc.access_token_call_credentials(token),
    )
    port = cluster.state["ports"]["grpc_token"]
    with grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
        reflected = Reflected(channel)
        review = reflected.call(
            "kubepy.authentication.v1.SelfSubjectReviews/Create", {"object": {}}
        )
        with pytest.raises(grpc.RpcError) as caught:
            reflected.call("kubepy.core.v1.Secrets/List", {"namespace": "kube-system"})

    assert review["status"]["userInfo"]["username"] == "system:serviceaccount:default:default"
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
