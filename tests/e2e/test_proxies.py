"""Pods, services and nodes through the apiserver's proxies, as kubectl asks for them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from kubectl import Kubectl
from local_cluster import Cluster

pytestmark = pytest.mark.e2e

NAMESPACE = "proxies"
SERVER = (
    "mkdir -p /www/sub; echo hello > /www/hello.txt; "
    "echo '<a href=\"/hello.txt\">hello</a>' > /www/index.html; exec httpd -f -p 8080 -h /www"
)
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "terminationGracePeriodSeconds": 1,
        "containers": [
            {
                "name": "httpd",
                "image": "busybox",
                "imagePullPolicy": "IfNotPresent",
                "command": ["sh", "-c", SERVER],
                "ports": [{"containerPort": 8080}],
                "readinessProbe": {
                    "httpGet": {"path": "/hello.txt", "port": 8080},
                    "periodSeconds": 1,
                },
            }
        ],
    },
}
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {
        "selector": {"app": "web"},
        "ports": [{"port": 80, "targetPort": 8080}],
    },
}
HERE = f"/api/v1/namespaces/{NAMESPACE}"


@pytest.fixture(scope="module")
def kubectl(cluster: Cluster) -> Iterator[Kubectl]:
    admin = Kubectl(cluster.kubeconfig)
    admin("create", "namespace", NAMESPACE)
    kubectl = Kubectl(cluster.kubeconfig, NAMESPACE)
    kubectl.apply(POD, SERVICE)
    kubectl.ready("app=web", 1)
    yield kubectl
    admin.run("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.mark.parametrize(
    "what", ["pods/web", "pods/web:8080", "pods/http:web:8080", "services/web", "services/web:80"]
)
def test_files_and_links(kubectl: Kubectl, what: str) -> None:
    proxy = f"{HERE}/{what}/proxy"
    assert kubectl("get", "--raw", f"{proxy}/hello.txt") == "hello\n"
    assert kubectl("get", "--raw", f"{proxy}/") == f'<a href="{proxy}/hello.txt">hello</a>\n'


def test_a_node(kubectl: Kubectl, cluster: Cluster) -> None:
    node = cluster.layout.node_name
    assert kubectl("get", "--raw", f"/api/v1/nodes/{node}/proxy/healthz") == "ok"


def test_a_service_that_nobody_serves(kubectl: Kubectl) -> None:
    refused = kubectl.run("get", "--raw", f"{HERE}/services/web:82/proxy/")
    assert refused.returncode != 0
    assert 'no service port 82 found for service "web"' in refused.stderr


def test_apiservices(kubectl: Kubectl) -> None:
    found = json.loads(kubectl("get", "apiservices", "-o", "json"))["items"]
    assert {each["status"]["conditions"][0]["reason"] for each in found} == {"Local"}
    row = kubectl("get", "apiservices", "v1.apps").splitlines()[1]
    assert row.split()[:3] == ["v1.apps", "Local", "True"]
