"""Ingresses and their classes."""

from __future__ import annotations

from typing import Any

import pytest

from kubepy.api.networking.v1 import Ingress, IngressClass
from tests.unit.apiserver.registry.rules import cells, changes, made, refusals, rules_of, texts

SERVICE = {"service": {"name": "web", "port": {"number": 80}}}


def routed(*hosts: str, **path: Any) -> dict[str, Any]:
    entry = {"path": "/", "pathType": "Prefix", "backend": SERVICE, **path}
    rules = [{"host": host, "http": {"paths": [entry]}} for host in hosts]
    return {"spec": {"rules": rules}}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param({}, [], id="fine"),
        pytest.param({"pathType": "ImplementationSpecific", "path": ""}, [], id="any path"),
        pytest.param(
            {"path": "/a//b"},
            ["path: Invalid value: \"/a//b\": must not contain '//'"],
            id="double slash",
        ),
        pytest.param(
            {"path": "/a/.."},
            ["path: Invalid value: \"/a/..\": cannot end with '/..'"],
            id="parent",
        ),
        pytest.param(
            {"backend": {}},
            ['backend: Invalid value: "": resource or service backend is required'],
            id="no backend",
        ),
        pytest.param(
            {"backend": {**SERVICE, "resource": {"kind": "K", "name": "n"}}},
            ['backend: Invalid value: "": cannot set both resource and service backends'],
            id="two backends",
        ),
        pytest.param(
            {"backend": {"service": {"name": "web", "port": {}}}},
            ["backend: Required value: port name or number is required"],
            id="no port",
        ),
        pytest.param(
            {"backend": {"service": {"name": "web", "port": {"name": "http", "number": 1}}}},
            ['backend: Invalid value: "": cannot set both port name & port number'],
            id="two ports",
        ),
        pytest.param(
            {"backend": {"resource": {"kind": "", "name": "a/b"}}},
            [
                "backend.resource.kind: Required value",
                "backend.resource.name: Invalid value: \"a/b\": may not contain '/'",
            ],
            id="a bad reference",
        ),
    ],
)
def test_paths(path: dict[str, Any], expected: list[str]) -> None:
    prefix = "spec.rules[0].http.paths[0]."
    assert refusals(Ingress, routed("a.example.com", **path)) == [
        prefix + text for text in expected
    ]


def test_the_old_annotation_and_the_field_must_agree_only_at_first() -> None:
    body = routed("a.example.com")
    body["spec"]["ingressClassName"] = "new"
    body["metadata"] = {"annotations": {"kubernetes.io/ingress.class": "old"}}
    assert len(refusals(Ingress, body)) == 1
    assert changes(Ingress, body, body) == []


def test_the_old_annotation_alone_is_warned_about() -> None:
    body = routed("a.example.com")
    body["metadata"] = {"annotations": {"kubernetes.io/ingress.class": "old"}}
    assert rules_of(Ingress).warnings(made(Ingress, body)) == [
        'annotation "kubernetes.io/ingress.class" is deprecated, please use '
        "'spec.ingressClassName' instead"
    ]


def test_a_balancers_name_is_no_address() -> None:
    new = made(
        Ingress, {"status": {"loadBalancer": {"ingress": [{"hostname": "192.0.2.1", "ip": "x"}]}}}
    )
    assert texts(rules_of(Ingress).validate_status(new, new)) == [
        'status.loadBalancer.ingress[0].ip: Invalid value: "x": must be a valid IP address, '
        "(e.g. 10.9.8.7 or 2001:db8::ffff)",
        'status.loadBalancer.ingress[0].hostname: Invalid value: "192.0.2.1": must be a DNS name, '
        "not an IP address",
    ]


@pytest.mark.parametrize(
    ("hosts", "shown"),
    [
        pytest.param([], "*", id="none"),
        pytest.param(["", "b.example.com"], "b.example.com", id="an empty one is not shown"),
        pytest.param(["a.x", "b.x", "c.x"], "a.x,b.x,c.x", id="three"),
        pytest.param(["a.x", "b.x", "c.x", "d.x", ""], "a.x,b.x,c.x + 2 more...", id="five"),
    ],
)
def test_hosts_column(hosts: list[str], shown: str) -> None:
    assert cells(Ingress, routed(*hosts))[:4] == ("<none>", shown, "", "80")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({"scope": "Cluster", "kind": "K", "name": "n"}, [], id="of the cluster"),
        pytest.param(
            {"scope": "Cluster", "kind": "K", "name": "n", "namespace": "x"},
            ["namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
            id="a namespace too much",
        ),
        pytest.param(
            {"scope": "Namespace", "kind": "", "name": "n", "namespace": "x"},
            ["kind: Required value"],
            id="no kind",
        ),
    ],
)
def test_class_parameters(parameters: dict[str, Any], expected: list[str]) -> None:
    body = {"spec": {"controller": "example.com/c", "parameters": parameters}}
    assert refusals(IngressClass, body) == [f"spec.parameters.{text}" for text in expected]


def test_a_class_belongs_to_its_controller_for_ever() -> None:
    old, new = ({"spec": {"controller": f"example.com/{name}"}} for name in "ab")
    assert changes(IngressClass, old, new) == [
        'spec.controller: Invalid value: "example.com/b": field is immutable'
    ]
    assert refusals(IngressClass, {"spec": {"controller": "example.com/" + "a" * 240}}) == [
        "spec.controller: Too long: may not be more than 250 bytes"
    ]


def test_class_columns() -> None:
    parameters = {"apiGroup": "example.com", "kind": "Params", "name": "p"}
    body = {"spec": {"controller": "example.com/c", "parameters": parameters}}
    assert cells(IngressClass, body) == ("example.com/c", "Params.example.com/p", "5m")
    assert cells(IngressClass, {"spec": {"controller": "c"}})[1] == "<none>"
