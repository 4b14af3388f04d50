"""What a pod says where the client said nothing."""

from typing import Any

import pytest

from kubepy.api import codec
from kubepy.api.core.v1 import Pod, PodTemplateSpec
from kubepy.apiserver.registry.core.pod import STRATEGY
from kubepy.apiserver.registry.core.podspec.defaults import default_template
from kubepy.apiserver.registry.core.podspec.images import pull_policy


def defaulted(spec: dict[str, Any]) -> dict[str, Any]:
    pod = STRATEGY.default(codec.from_builtins(Pod, {"spec": spec}))
    return codec.to_builtins(pod)["spec"]


def container(**fields: Any) -> dict[str, Any]:
    spec = defaulted({"containers": [{"name": "main", "image": "app:1", **fields}]})
    return spec["containers"][0]


def test_the_least_that_a_client_says() -> None:
    assert defaulted({"containers": [{"name": "main", "image": "app:1"}]}) == {
        "containers": [
            {
                "name": "main",
                "image": "app:1",
                "resources": {},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
                "imagePullPolicy": "IfNotPresent",
            }
        ],
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
        "enableServiceLinks": True,
    }


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("app", "Always"),
        ("app:latest", "Always"),
        ("app:1", "IfNotPresent"),
        ("host:5000/app", "Always"),
        ("host:5000/app:1", "IfNotPresent"),
        ("app@sha256:abc", "IfNotPresent"),
        ("app:latest@sha256:abc", "IfNotPresent"),
    ],
)
def test_pull_policy(image: str, policy: str) -> None:
    assert pull_policy(image) == policy


def test_probes() -> None:
    probe = container(livenessProbe={"httpGet": {"port": 80}})["livenessProbe"]
    assert probe == {
        "httpGet": {"path": "/", "port": 80, "scheme": "HTTP"},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
    assert container(startupProbe={"grpc": {"port": 1}})["startupProbe"]["grpc"]["service"] == ""


def test_a_limit_is_the_request_too_in_a_pod_but_not_in_a_template() -> None:
    limits = {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}
    assert container(resources=limits)["resources"]["requests"] == {
        "cpu": "500m",
        "memory": "1Gi",
    }
    template = codec.from_builtins(
        PodTemplateSpec, {"spec": {"containers": [{"name": "a", "resources": limits}]}}
    )
    kept = default_template(template).spec.containers[0].resources
    assert kept.requests == {"cpu": "500m"}


def test_amounts_finer_than_a_thousandth_are_rounded_up() -> None:
    assert container(resources={"limits": {"cpu": "100u"}})["resources"]["limits"] == {"cpu": "1m"}


def test_on_the_host_network_ports_are_the_hosts() -> None:
    spec = defaulted(
        {
            "hostNetwork": True,
            "containers": [{"name": "a", "image": "a", "ports": [{"containerPort": 80}]}],
        }
    )
    assert spec["containers"][0]["ports"] == [
        {"hostPort": 80, "containerPort": 80, "protocol": "TCP"}
    ]


def test_both_names_of_the_service_account_agree() -> None:
    for field in ("serviceAccount", "serviceAccountName"):
        spec = defaulted({"containers": [], field: "robot"})
        assert (spec["serviceAccount"], spec["serviceAccountName"]) == ("robot", "robot")


@pytest.mark.parametrize(
    ("volume", "expected"),
    [
        ({}, {"emptyDir": {}}),
        ({"hostPath": {"path": "/x"}}, {"hostPath": {"path": "/x", "type": ""}}),
        ({"secret": {"secretName": "s"}}, {"secret": {"secretName": "s", "defaultMode": 420}}),
        ({"configMap": {"name": "c"}}, {"configMap": {"name": "c", "defaultMode": 420}}),
        (
            {"downwardAPI": {"items": [{"path": "p", "fieldRef": {"fieldPath": "metadata.name"}}]}},
            {
                "downwardAPI": {
                    "items": [
                        {
                            "path": "p",
                            "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"},
                        }
                    ],
                    "defaultMode": 420,
                }
            },
        ),
        (
            {"projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
            {
                "projected": {
                    "sources": [{"serviceAccountToken": {"expirationSeconds": 3600, "path": "t"}}],
                    "defaultMode": 420,
                }
            },
        ),
        (
            {"image": {"reference": "a:1"}},
            {"image": {"reference": "a:1", "pullPolicy": "IfNotPresent"}},
        ),
    ],
    ids=lambda value: next(iter(value), "nothing"),
)
def test_volumes(volume: dict[str, Any], expected: dict[str, Any]) -> None:
    spec = defaulted({"containers": [], "volumes": [{"name": "v", **volume}]})
    assert spec["volumes"] == [{"name": "v", **expected}]


def test_an_address_is_known_under_both_its_names() -> None:
    alone = STRATEGY.default(codec.from_builtins(Pod, {"status": {"podIP": "10.0.0.1"}}))
    assert [address.ip for address in alone.status.podIPs] == ["10.0.0.1"]
    listed = STRATEGY.default(
        codec.from_builtins(Pod, {"status": {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}})
    )
    assert listed.status.podIP == "10.0.0.1"


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ({}, "BestEffort"),
        ({"requests": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1"}}, "Burstable"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}}, "Guaranteed"),
        ({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}, "Burstable"),
        ({"requests": {"example.com/gpu": "1"}}, "BestEffort"),
    ],
    ids=str,
)
def test_quality_of_service(resources: dict[str, Any], expected: str) -> None:
    body = {"spec": {"containers": [{"name": "a", "image": "a", "resources": resources}]}}
    pod = STRATEGY.prepare_create(STRATEGY.default(codec.from_builtins(Pod, body)))
    assert (pod.status.phase, pod.status.qosClass) == ("Pending", expected)


@pytest.mark.parametrize(
    ("given", "asked", "seconds"),
    [
        ({"spec": {"terminationGracePeriodSeconds": 30}}, None, 0),
        ({"spec": {"nodeName": "n", "terminationGracePeriodSeconds": 30}}, None, 30),
        ({"spec": {"nodeName": "n", "terminationGracePeriodSeconds": 30}}, 5, 5),
        ({"spec": {"nodeName": "n", "terminationGracePeriodSeconds": 30}}, 0, 0),
        ({"spec": {"nodeName": "n"}}, -7, 1),
        ({"spec": {"nodeName": "n"}, "status": {"phase": "Failed"}}, 9, 0),
    ],
)
def test_grace(given: dict[str, Any], asked: int | None, seconds: int) -> None:
    assert STRATEGY.grace is not None
    assert STRATEGY.grace(codec.from_builtins(Pod, given), asked) == seconds
